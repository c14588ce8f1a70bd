"""What staff decides about the public form: settings, privacy notice, tokens of partner sites."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from submissions.models import PartnerToken, PrivacyNotice, SubmissionPolicy
from submissions.services import partners
from workplace.singleton_admin import SingletonAdmin
from workplace.staff_form import StaffForm

#: Periods that keep their value where a form leaves them empty.
KEPT = ("keep_approved_days", "keep_links_days", "keep_files_days")


class PolicyForm(StaffForm):
    """The settings; an empty period stays as it is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Make the form."""
        super().__init__(*arguments, **options)
        for name in set(KEPT) & set(self.fields):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Return the values, with the old one for a period that was left empty."""
        cleaned = super().clean() or self.cleaned_data
        return cleaned | {name: getattr(self.instance, name) for name in KEPT if cleaned.get(name) is None}


@admin.register(SubmissionPolicy)
class SubmissionPolicyAdmin(SingletonAdmin):
    """How the portal takes submissions."""

    fieldsets = [
        ("The form", {"fields": ["is_open", "closed_text"]}),
        ("Against spam", {"fields": ["minimum_seconds", "needs_challenge"]}),
        ("Review", {"fields": ["review_days", "sends_digest"]}),
        ("Personal data", {"fields": ["keep_rejected_days", *KEPT]}),
    ]
    form = PolicyForm


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(admin.ModelAdmin):
    """Versions of the privacy notice. One that was in force is never changed: a new one follows it."""

    list_display = ["version", "in_force_from", "is_current", "agreed"]
    ordering = ["-in_force_from"]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: PrivacyNotice | None = None) -> bool:
        """Allow changes until a version comes into force."""
        return super().has_change_permission(request, obj) and not self._is_fixed(obj)

    def has_delete_permission(self, request: HttpRequest, obj: PrivacyNotice | None = None) -> bool:
        """Allow deleting until a version comes into force."""
        return super().has_delete_permission(request, obj) and not self._is_fixed(obj)

    @staticmethod
    def _is_fixed(obj: PrivacyNotice | None) -> bool:
        return obj is not None and (obj.in_force_from <= timezone.now() or obj.submissions.exists())

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrivacyNotice]:
        """Count the consents of all rows, and find the one in force, at once."""
        newer = PrivacyNotice.objects.filter(
            in_force_from__lte=timezone.now(), in_force_from__gt=OuterRef("in_force_from")
        )
        rows = super().get_queryset(request).annotate(consents=Count("submissions"), is_followed=Exists(newer))
        return rows.order_by("-in_force_from", "-pk")

    @admin.display(description="in force", boolean=True)
    def is_current(self, row: Any) -> bool | None:
        """Mark the version that the form shows now."""
        return True if row.in_force_from <= timezone.now() and not row.is_followed else None

    @admin.display(description="agreed to", ordering="consents")
    def agreed(self, row: Any) -> int:
        """Count the submissions whose senders agreed to it."""
        return row.consents


@admin.register(PartnerToken)
class PartnerTokenAdmin(admin.ModelAdmin):
    """Tokens of partner sites: shown once, then switched off rather than deleted."""

    list_display = ["label", "partner", "hint", "is_active", "last_used_at", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["label", "partner__short_name", "hint"]
    list_select_related = ["partner"]
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: PartnerToken | None = None) -> list[str]:
        """Ask for what is needed first; show the rest later."""
        if obj is None:
            return ["partner", "label"]
        return ["partner", "label", "is_active", "hint", "created_at", "last_used_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: PartnerToken | None = None) -> list[str]:
        """Keep whose it is."""
        return ["partner", "hint", "created_at", "last_used_at"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: PartnerToken | None = None) -> bool:
        """Refuse: what came by a token keeps its origin."""
        return False

    def save_model(self, request: HttpRequest, obj: PartnerToken, form: Any, change: bool) -> None:
        """Save; a new row gets its token, which only the answer to this request holds."""
        if change:
            super().save_model(request, obj, form, change)
            return
        row, text = partners.issue_token(partner=obj.partner, label=obj.label)
        obj.__dict__.update(row.__dict__)
        obj.issued_text = text  # type: ignore[attr-defined]  # for response_add, in this request only

    def response_add(
        self, request: HttpRequest, obj: PartnerToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, for the only time."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The new token",
            "opts": self.opts,
            "row": obj,
            "text": obj.issued_text,  # type: ignore[attr-defined]
        }
        response = TemplateResponse(request, "admin/submissions/partnertoken/issued.html", context)
        response["Cache-Control"] = "no-store"
        return response
