"""The form behind the admin pages of records with a history."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from simple_history.utils import get_history_manager_for_model

from workplace.history import Versions

#: Name of the hidden field that says which version the form was made from.
VERSION_FIELD = "seen_version"


class StaffForm(forms.ModelForm):
    """A form that also checks the constraints with fields it does not show, and overwrites nobody's work.

    Django leaves out every constraint with a field that is not on the form (a rule's kind, a cluster's
    status); the database would answer those with an error page.

    A form that was opened before somebody else saved the record (a colleague, or a decision on a submission) is
    refused with what changed. ``service_fields`` of the admin do not count: a save never writes them.
    """

    service_fields: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Refuse a form that is older than the record."""
        cleaned = super().clean() or self.cleaned_data
        seen = str(self.data.get(VERSION_FIELD, ""))
        if self.instance.pk is not None and seen.isascii() and seen.isdigit() and len(seen) < 18:
            self._refuse_if_older(int(seen))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or self.instance._state.adding:
            return
        # Left empty, to be filled in by the model's save().
        left_out = {name for name, field in self.fields.items() if not field.required and not self.cleaned_data[name]}
        left_out -= {field.name for field in self.instance._meta.fields if field.blank}
        try:
            self.instance.validate_constraints(exclude=left_out)
        except ValidationError as error:
            self._update_errors(error)

    def _refuse_if_older(self, seen: int) -> None:
        model = type(self.instance)
        # Until the end of the request nobody else saves the record.
        model._base_manager.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        since = list(newer_versions(self.instance, seen))
        if not since:
            return
        before = get_history_manager_for_model(model).filter(pk=seen).first()
        if before is None or before.serializable_value(model._meta.pk.attname) != self.instance.pk:
            return
        versions = Versions(model, [since[-1], before])
        labels = {str(model._meta.get_field(name).verbose_name).casefold() for name in self.service_fields}
        changes = [change for change in versions.changes(since[-1], before) if change.label.casefold() not in labels]
        if not changes:
            return
        who = since[-1].history_user
        when = formats.date_format(timezone.localtime(since[-1].history_date), "j F Y, H:i")
        changed = "; ".join(f"{change.label} is now “{_after(change.pieces)}”" for change in changes)
        raise ValidationError(
            f"Nothing was saved: since you opened this page, {who.get_full_name() or who if who else 'the portal'} "
            f"changed the record ({when}). {changed}. Your input is below: correct what is older there, "
            "then save again."
        )


def newer_versions(record: Any, seen: int) -> Any:
    """Return the versions of ``record`` that were written after the version with the key ``seen``, oldest first."""
    return record.history.filter(pk__gt=seen).select_related("history_user").order_by("pk")


def _after(pieces: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(text.strip() for kind, text in pieces if kind != "gone" and text.strip()) or "empty"
