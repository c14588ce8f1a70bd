"""The texts beside the fields of the public form: all of them, each as built in or in staff's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from submissions.fields.definitions import BY_NAME, FIELDS, SubmissionField
from submissions.models import FieldHelp
from submissions.views.progress import SECTIONS, TITLES
from workplace.staff_admin import StaffAdmin
from workplace.staff_form import StaffForm
from workplace.versions import describe_version

STEPS = {step: TITLES[step.value] for step in SECTIONS}
SPECS = tuple(spec for spec in FIELDS if spec.step in STEPS)


@dataclass(frozen=True)
class Line:
    """A field with the texts shown beside it now, and the page to change them (empty: the user may not)."""

    spec: SubmissionField
    row: FieldHelp | None
    url: str

    @property
    def help(self) -> str:
        """Return the help text."""
        return (self.row.help if self.row else "") or self.spec.help

    @property
    def example(self) -> str:
        """Return the example."""
        return (self.row.example if self.row else "") or self.spec.example


class FieldHelpForm(StaffForm):
    """Refuses a row that does nothing."""

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two texts, and for another one than the default."""
        cleaned = super().clean() or self.cleaned_data
        spec = BY_NAME.get(cleaned.get("field") or self.instance.field)
        texts = (cleaned.get("help"), cleaned.get("example"))
        if not any(texts):
            raise forms.ValidationError("Write a help text or an example, or go back to the default.")
        if spec and texts == (spec.help, spec.example):
            raise forms.ValidationError("This is the default: change one of the texts, or leave this page.")
        return cleaned


class NewFieldHelpForm(FieldHelpForm):
    """Offers the fields of the public form."""

    field = forms.ChoiceField(choices=[(spec.name, spec.label) for spec in SPECS])


class ChosenFieldHelpForm(NewFieldHelpForm):
    """The same for a field that was chosen in the list."""

    field = forms.ChoiceField(choices=[(spec.name, spec.label) for spec in SPECS], widget=forms.HiddenInput)


@admin.register(FieldHelp)
class FieldHelpAdmin(StaffAdmin):
    """Help texts in place of the built-in ones; an empty part leaves that one as it is."""

    form = FieldHelpForm
    change_form_template = "admin/submissions/fieldhelp/change_form.html"

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Offer no "Add" beside the name: the list begins a text for each field."""
        return {**super().get_model_perms(request), "add": False}

    def get_urls(self) -> list[URLPattern]:
        """Add the way back to the default."""
        back = self.admin_site.admin_view(require_POST(self.default_view))
        return [path("<int:pk>/default/", back, name="submissions_fieldhelp_default"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List every field with its texts, by the steps of the form."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = {row.field: row for row in FieldHelp.objects.all()}
        may_add = self.has_add_permission(request)
        lines = [Line(spec, rows.get(spec.name), _page(spec, rows.get(spec.name), may_add)) for spec in SPECS]
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": "Help texts of the form",
            "opts": self.opts,
            "steps": [(name, [line for line in lines if line.spec.step == step]) for step, name in STEPS.items()],
            "own": len(rows),
        }
        return TemplateResponse(request, "admin/submissions/fieldhelp/list.html", context)

    def default_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the own text away (POST); the history keeps it."""
        row = get_object_or_404(FieldHelp, pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        describe_version(row, reason="Back to the default")
        self.log_deletions(request, FieldHelp.objects.filter(pk=pk))
        row.delete()
        messages.success(request, f"{_label(row.field)}: the default is shown again.")
        return HttpResponseRedirect(reverse("admin:submissions_fieldhelp_changelist"))

    def get_form(self, request: HttpRequest, obj: FieldHelp | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Choose the field once; it stays what it is."""
        if obj is None:
            is_chosen = request.GET.get("field", "") in {spec.name for spec in SPECS}
            kwargs = {"form": ChosenFieldHelpForm if is_chosen else NewFieldHelpForm, **kwargs}
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the built-in texts of the field that was chosen in the list."""
        spec = BY_NAME.get(request.GET.get("field", ""))
        return {"field": spec.name, "help": spec.help, "example": spec.example} if spec in SPECS and spec else {}

    def get_fields(self, request: HttpRequest, obj: FieldHelp | None = None) -> list[str]:
        """Show the label of the field in place of its choices, once there is one."""
        return ["label", "help", "example"] if obj else ["field", "help", "example"]

    def get_readonly_fields(self, request: HttpRequest, obj: FieldHelp | None = None) -> list[str]:
        """Keep the field of a text."""
        return ["label"] if obj else []

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show the field as the form has it, and the built-in texts."""
        row = kwargs.get("obj")
        spec = BY_NAME.get(row.field if row else request.GET.get("field", ""))
        context |= {
            "spec": spec,
            "line": Line(spec, row, "") if spec else None,
            "default_url": reverse("admin:submissions_fieldhelp_default", args=[row.pk])
            if row and self.has_change_permission(request, row)
            else "",
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="field")
    def label(self, row: FieldHelp) -> str:
        """Name the field as the form does."""
        return _label(row.field)


def _label(name: str) -> str:
    spec = BY_NAME.get(name)
    return spec.label if spec else name


def _page(spec: SubmissionField, row: FieldHelp | None, may_add: bool) -> str:
    if row:
        return reverse("admin:submissions_fieldhelp_change", args=[row.pk])
    return f"{reverse('admin:submissions_fieldhelp_add')}?field={spec.name}" if may_add else ""
