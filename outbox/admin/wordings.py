"""Staff's own texts for the mails: a list of all kinds, and one page for each."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from outbox.addresses import AddressNotUsable
from outbox.kinds import MailKind, mail_kinds
from outbox.models import Wording
from outbox.rendering import MailNotRenderable, Source, default_source, html_of_text, html_page, mistakes_in
from outbox.services.wordings import (
    WordingChangedMeanwhile,
    WordingMistaken,
    back_to_default,
    change,
    current_text,
    preview,
    send_test,
    version_of,
)
from outbox.views import html_part

EARLIER = 10
PARTS = {"subject": "subject", "text": "text", "html": "html"}


class WordingForm(forms.Form):
    """The three parts of a mail, with what was read when the page was opened."""

    subject = forms.CharField(max_length=200, strip=True, widget=forms.TextInput(attrs={"class": "vTextField"}))
    text = forms.CharField(max_length=50_000, widget=forms.Textarea(attrs={"rows": 16, "class": "vLargeTextField"}))
    html = forms.CharField(
        label="HTML", max_length=50_000, required=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
        help_text="The content of the page. Left empty, it is made from the text, with links.",
    )  # fmt: skip
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def source(self) -> Source:
        """Return the text that was entered."""
        data = self.cleaned_data
        return Source(data["subject"], data["text"], data["html"], is_of_staff=True)


@admin.register(Wording)
class WordingAdmin(admin.ModelAdmin):
    """The texts of all kinds of mail."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The kinds are given; their texts are changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Wording | None = None) -> bool:
        """Going back to the default is done on the page of the kind."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a kind and its preview."""
        wrap = self.admin_site.admin_view
        return [
            path("kind/<slug:name>/", wrap(self.edit_view), name="outbox_wording_edit"),
            path("kind/<slug:name>/preview/", wrap(self.preview_view), name="outbox_wording_preview"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List all kinds, with or without a text of staff."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = {row.kind: row for row in Wording.objects.select_related("updated_by")}
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": "Wordings",
            "opts": self.opts,
            "kinds": [(kind, rows.get(kind.name), _unusable(kind, rows.get(kind.name))) for kind in mail_kinds],
        }
        return TemplateResponse(request, "admin/outbox/wording/list.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the page of the kind."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:outbox_wording_edit", args=[row.kind]))

    @method_decorator(csp_update({"frame-src": [SELF]}))
    @method_decorator(require_http_methods(["GET", "POST"]))
    def edit_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show a kind with its text; save it, send it to oneself, or go back to the default."""
        kind = self._kind(request, name)
        may_change = self.has_change_permission(request)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            form = WordingForm(request.POST)
            if self._done(request, kind, form):
                return HttpResponseRedirect(reverse("admin:outbox_wording_edit", args=[name]))
        else:
            form = WordingForm(initial=_initial(kind))
        request.current_app = self.admin_site.name
        row = Wording.objects.filter(kind=name).first()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Wording: {kind.title}",
            "opts": self.opts,
            "kind": kind,
            "form": form,
            "row": row,
            "unusable": _unusable(kind, row),
            "may_change": may_change,
            "default": default_source(kind),
            "earlier": Wording.history.filter(kind=name).select_related("history_user")[:EARLIER],
            "preview_url": reverse("admin:outbox_wording_preview", args=[name]),
        }
        return TemplateResponse(request, "admin/outbox/wording/edit.html", context)

    def _done(self, request: HttpRequest, kind: MailKind, form: WordingForm) -> bool:
        """Do what the button says; False when the page is to be shown again with what is wrong."""
        try:
            if request.POST.get("do") == "default":
                if back_to_default(kind=kind, user=request.user, version=request.POST.get("version", "")):
                    messages.success(
                        request, "The default is sent again. The text that was used is listed under “Earlier”."
                    )
                return True
            if not form.is_valid():
                return False
            data = form.cleaned_data
            if request.POST.get("do") == "test":
                self._test(request, kind, form.source)
                return False
            row = change(
                kind=kind, subject=data["subject"], text=data["text"], html=data["html"], user=request.user,
                version=data["version"],
            )  # fmt: skip
        except WordingMistaken as mistaken:
            for part, mistake in mistaken.mistakes.items():
                form.add_error(PARTS[part], mistake)
            return False
        except WordingChangedMeanwhile as error:
            # Nothing that was typed is lost: it can be saved once the other text has been read.
            typed = request.POST.copy()
            typed["version"] = version_of(kind)
            form.data = typed
            messages.error(request, str(error))
            return False
        if row is not None:
            self.log_change(request, row, "Text changed.")
        messages.success(request, "Saved. Mails that were written before keep their text.")
        return True

    def _test(self, request: HttpRequest, kind: MailKind, source: Source) -> None:
        if mistakes := mistakes_in(kind, source):
            raise WordingMistaken(mistakes)
        try:
            send_test(kind=kind, to=request.user.email, source=source)  # type: ignore[union-attr]
        except AddressNotUsable:
            messages.error(
                request, "Your account has no usable e-mail address. A coordinator can enter one under Users."
            )
        except MailNotRenderable as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"A test is on its way to {request.user.email}. Nothing was saved.")  # type: ignore[union-attr]

    def preview_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the mail with sample values: the stored text (GET), or the one just entered (POST)."""
        kind = self._kind(request, name)
        if request.method == "POST":
            form = WordingForm(request.POST)
            mistakes = {part: str(errors[0]) for part, errors in form.errors.items()}
            source = form.source if not mistakes else None
        else:
            source, mistakes = current_text(kind), {}
        if source is not None:
            mistakes = mistakes_in(kind, source)
        context: dict[str, Any] = {"mistakes": mistakes}
        if source is not None and not mistakes:
            try:
                shown = preview(kind, source)
            except MailNotRenderable as error:
                context["mistakes"] = {"mail": str(error)}
            else:
                context.update(subject=shown.subject, text=shown.text, html=shown.html or html_of_text(shown.text))
        page = render_to_string("admin/outbox/wording/preview.html", context)
        return html_part(html_page("Preview", page))

    def _kind(self, request: HttpRequest, name: str) -> MailKind:
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = mail_kinds.get(name)
        if kind is None:
            raise Http404("There is no such kind of mail.")
        return kind


def _initial(kind: MailKind) -> dict[str, str]:
    source = current_text(kind)
    return {"subject": source.subject, "text": source.text, "html": source.html, "version": version_of(kind)}


def _unusable(kind: MailKind, row: Wording | None) -> str:
    if row is None:
        return ""
    mistakes = mistakes_in(kind, Source(row.subject, row.body_text, row.body_html, is_of_staff=True))
    return next(iter(mistakes.values()), "")
