"""Addresses that get no mail: add one, or let mail go there again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from outbox.addresses import AddressNotUsable, normalised
from outbox.models import Suppression
from outbox.services.suppression import lift, suppress


class ActiveFilter(admin.SimpleListFilter):
    """Filters by whether it applies."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both states."""
        return [("suppressed", "gets no mail"), ("lifted", "lifted")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the rows of the state chosen."""
        if self.value() in ("suppressed", "lifted"):
            return queryset.filter(lifted_at__isnull=self.value() == "suppressed")
        return queryset


class SuppressionForm(forms.ModelForm):
    """A new suppression; an address whose suppression was lifted may be entered again."""

    class Meta:
        model = Suppression
        fields = ["address", "reason", "note"]

    def clean_address(self) -> str:
        """Return the address in its one form."""
        try:
            address = normalised(self.cleaned_data["address"])
        except AddressNotUsable as error:
            raise ValidationError(str(error)) from error
        return address

    def clean(self) -> dict[str, Any]:
        """Refuse an address that is suppressed already, unless it only opted out and is now stopped fully."""
        data = super().clean() or self.cleaned_data
        active = Suppression.objects.filter(address=data.get("address", ""), lifted_at__isnull=True)
        if data.get("reason") != Suppression.Reason.OPTED_OUT:
            active = active.exclude(reason=Suppression.Reason.OPTED_OUT)
        if active.exists():
            self.add_error("address", "This address is suppressed already.")
        return data

    def validate_unique(self) -> None:
        """Leave it to ``clean``: a lifted row is taken up again."""


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    """Who gets no mail, and why."""

    form = SuppressionForm
    list_display = ["address", "state_badge", "reason", "note", "created_at"]
    list_filter = [ActiveFilter, "reason"]
    search_fields = ["address", "note"]
    search_help_text = "Address or note."
    list_per_page = 50
    show_full_result_count = False
    actions = None
    when_empty = (
        "Every address gets mail. The portal adds those that do not exist or that want no mail; "
        "add one yourself when somebody asks you to."
    )
    change_form_template = "admin/outbox/suppression/change_form.html"

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[Any]:
        """Show who and when, once there is something to show."""
        fields = ["address", "reason", "note"]
        if obj is None:
            return fields
        lifted = ["lifted_at", "lifted_by", "lifted_because"] if obj.lifted_at else []
        return ["state_badge", *fields, "created_at", "created_by", *lifted]

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[Any]:
        """Change nothing of what was decided; it is lifted instead."""
        return self.get_fields(request, obj) if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        """It is lifted, with a reason, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        """Suppress the address through the service."""
        if not change:
            row = suppress(address=obj.address, reason=obj.reason, note=obj.note, actor=request.user.get_username())
            obj.pk = row.pk
            obj.refresh_from_db()

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks for the reason."""
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/lift/", wrap(self.lift_view), name="outbox_suppression_lift"), *super().get_urls()]

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why mail may go there again, then let it."""
        return require_http_methods(["GET", "POST"])(self._lift)(request, pk)

    def _lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("outbox.change_suppression"):
            raise PermissionDenied
        row = get_object_or_404(Suppression, pk=pk)
        because, error = request.POST.get("because", ""), ""
        if request.method == "POST":
            try:
                is_lifted = lift(address=row.address, because=because, actor=request.user.get_username())
            except ValueError as mistake:
                error = str(mistake)
            else:
                message = f"{row.address} gets mail again." if is_lifted else "It was lifted already."
                messages.success(request, message)
                return HttpResponseRedirect(reverse("admin:outbox_suppression_change", args=[pk]))
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": f"Let mail go to {row.address} again",
            "opts": self.opts,
            "row": row,
            "because": because,
            "error": error,
        }
        return TemplateResponse(request, "admin/outbox/suppression/lift.html", context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer the way to lift it; there is nothing to save on an existing one."""
        row = kwargs.get("obj")
        if row is not None:
            context.update(show_save=False, show_save_and_continue=False, show_save_and_add_another=False)
            if row.lifted_at is None and request.user.has_perm("outbox.change_suppression"):
                context["lift_url"] = reverse("admin:outbox_suppression_lift", args=[row.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="state", ordering="lifted_at")
    def state_badge(self, row: Suppression) -> SafeString:
        """Return whether it applies."""
        key, words = ("none", "lifted") if row.lifted_at else ("archived", "gets no mail")
        if not row.lifted_at and row.reason == Suppression.Reason.OPTED_OUT:
            words = "gets no mail to many"
        return format_html('<span class="badge badge-{}">{}</span>', key, words)
