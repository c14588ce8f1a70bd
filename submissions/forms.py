"""What the public steps ask: fields of the profile, and what the sender says beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.forms.boundfield import BoundField

from catalogue.logos import clean_logo
from catalogue.validators import LOGO_MAX_BYTES
from outbox.addresses import AddressNotUsable, normalised
from publicforms.messages import OwnMessagesForm, use_own_messages, without_label
from submissions.fields.choices import Choices
from submissions.fields.definitions import CRITERIA, RECOGNISED, Kind, Step, SubmissionField
from submissions.fields.form import ProfileForm
from submissions.fields.values import Value, as_text
from submissions.models import FieldHelp

#: What browsers and their keyboards need to know.
_ATTRIBUTES: dict[str, dict[str, str]] = {
    "name": {"autocomplete": "organization"},
    "website": {"autocomplete": "url", "placeholder": "https://"},
    "email": {"autocomplete": "off"},
    "phone": {"autocomplete": "off", "inputmode": "tel"},
    "quality_evidence": {"placeholder": "https://"},
    "staff": {"inputmode": "decimal"},
    **{
        name: {"inputmode": "numeric"}
        for name in ("founded", "members", "members_sme", "members_large", "members_research", "members_public")
    },
}
#: Short answers that share a line if it is wide enough.
SHORT = frozenset(
    {
        "acronym", "founded", "members", "members_qualifier", "members_as_of", "members_sme", "members_large",
        "members_research", "members_public", "staff", "quality_label", "quality_expires_on", "region", "place",
        "email", "phone",
    }
)  # fmt: skip
#: Headings inside a long step, before these fields.
GROUPS = {"region": "Place", "members": "Members", "staff": "Team and quality"}
#: Lists shown open; the others fold.
OPEN_LISTS = frozenset({"verticals"})


@dataclass
class Row:
    """One field as a page shows it. ``was`` is what the profile says now, as text, if that differs."""

    bound: BoundField
    spec: SubmissionField
    help: str
    example: str
    is_changed: bool = False
    was: str = ""
    chosen: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.spec.name

    @property
    def group(self) -> str:
        """The heading before it, if there is one."""
        return GROUPS.get(self.spec.name, "")

    @property
    def errors(self) -> list[str]:
        """What is wrong with it."""
        return list(dict.fromkeys(without_label(self.spec.label, str(text)) for text in self.bound.errors))

    @property
    def is_short(self) -> bool:
        """Whether it may share a line."""
        return self.spec.name in SHORT

    @property
    def is_open(self) -> bool:
        """Whether a list is shown unfolded."""
        return self.spec.name in OPEN_LISTS or bool(self.bound.errors)


class StepForm(ProfileForm):
    """The profile's fields of one step, with staff's help texts and only the regions of the country.

    ``base`` holds what the draft says so far; ``live`` what the profile says, for corrections of one.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        names: Iterable[str],
        choices: Choices,
        base: Mapping[str, Value] | None = None,
        live: Mapping[str, Value] | None = None,
        is_strict: bool = True,
    ) -> None:
        """Make the fields, filled in with ``base``."""
        base = dict(base or {})
        names = list(names)
        super().__init__(
            data, files, names=names, choices=choices, base=base, is_strict=is_strict,
            initial={name: base[name] for name in names if name in base and name != "logo"},
        )  # fmt: skip
        self.live = dict(live or {})
        self.helps = {row.field: row for row in FieldHelp.objects.filter(field__in=names)}
        for spec in self.specs:
            self.fields[spec.name].widget.attrs.update(_ATTRIBUTES.get(spec.name, {}))
            own = self.helps.get(spec.name)
            if own and own.help:
                self.fields[spec.name].help_text = own.help
            if self._example(spec) and not self.fields[spec.name].help_text:
                self.fields[spec.name].help_text = " "  # so that the example is read out with the field
        if "logo" in self.fields:
            self.fields["logo"] = use_own_messages(forms.FileField(
                label=self.fields["logo"].label, help_text=self.fields["logo"].help_text, required=False, max_length=200,
                widget=forms.FileInput(
                    attrs={"accept": "image/png,image/jpeg,image/webp", "data-most-bytes": str(LOGO_MAX_BYTES)}
                ),
            ))  # fmt: skip
        if "region" in self.fields:
            self._limit_regions()

    def _limit_regions(self) -> None:
        country = self.data.get("country") if self.is_bound and "country" in self.fields else None
        country = country if country is not None else self.base.get("country")
        # Checked against all of them, so that the message can say what is wrong; offered are those of the country.
        regions = [
            (slug, f"{name} ({local_name})" if local_name else name)
            for slug, (name, home, local_name) in self.choices.regions.items()
            if home == country
        ]
        widget: Any = self.fields["region"].widget
        widget.choices = [("", "Not in this list" if regions else "–"), *regions]
        if not regions:
            self.fields["region"].help_text = (
                "We know no region of this country yet. Tell us yours in the message at the end."
                if country
                else "Choose the country first."
            )

    def clean_logo(self) -> ContentFile | None:
        """Return the logo as it is stored: checked by content and encoded again, without hidden data."""
        file = self.cleaned_data.get("logo")
        return clean_logo(file) if file else None

    def _example(self, spec: SubmissionField) -> str:
        own = self.helps.get(spec.name)
        return own.example if own and own.example else spec.example

    def rows(self, step: Step | None = None) -> Iterator[Row]:
        """Yield the fields, or those of one step, as a page shows them."""
        for spec in self.specs:
            if step is None or spec.step == step:
                yield self._row(spec)

    def _row(self, spec: SubmissionField) -> Row:
        bound = self[spec.name]
        row = Row(bound, spec, str(bound.help_text).strip(), self._example(spec))
        known = self.choices.of(spec)
        if spec.is_list:
            chosen = bound.value() or []
            row.chosen = [known[str(value)] for value in chosen if str(value) in known]
        if self.live and spec.kind != Kind.LOGO:
            now, proposed = self.live.get(spec.name, spec.empty), self.base.get(spec.name, spec.empty)
            row.is_changed = now != proposed
            row.was = as_text(spec, now, self.choices) or "nothing" if row.is_changed else ""
        return row


class AddressField(forms.EmailField):
    """An e-mail address to which the portal can send; in the form that is stored."""

    def __init__(self, **options: Any) -> None:
        """Make the field; an address has at most 254 characters."""
        options.setdefault("max_length", 254)
        options.setdefault(
            "error_messages",
            {
                "required": "Your e-mail: we need an address for the link and the answer.",
                "invalid": "That is no e-mail address: write it like name@cluster.example.",
            },
        )
        super().__init__(**options)
        self.widget.attrs.update({"autocomplete": "email"})

    def clean(self, value: Any) -> str:
        """Return the address in lower case, its domain in ASCII."""
        text = super().clean(value)
        if not text:
            return ""
        try:
            return normalised(text)
        except AddressNotUsable as error:
            raise ValidationError(str(error)) from error


class AddressForm(OwnMessagesForm):
    """Only an e-mail address."""

    submitter_email = AddressField(label="Your e-mail")

    def __init__(self, *arguments: Any, help_text: str = "", **options: Any) -> None:
        """Make the form; ``help_text`` says what the address is for."""
        super().__init__(*arguments, **options)
        self.fields["submitter_email"].help_text = help_text


class SubmitterForm(OwnMessagesForm):
    """Who fills in the form. Without an address where it was given before."""

    submitter_name = forms.CharField(
        label="Your name", max_length=120, required=False, help_text="How we may address you. Never published.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    submitter_role = forms.CharField(
        label="Your role in the cluster", max_length=120, required=False, help_text="Such as manager or assistant.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )  # fmt: skip
    submitter_email = AddressField(
        label="Your e-mail", help_text="For the link back to this form and for our answer. Never published.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, asks_address: bool = True, **options: Any) -> None:
        """Make the form."""
        super().__init__(*arguments, **options)
        if not asks_address:
            del self.fields["submitter_email"]


class MessageForm(OwnMessagesForm):
    """A message to the reviewer."""

    message = forms.CharField(
        label="Message to the reviewer", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Anything that the fields have no place for. Not published.",
    )  # fmt: skip


class CheckForm(MessageForm):
    """The end of the form: criteria, message, consent. ``has_criteria`` only for new clusters."""

    criteria = forms.MultipleChoiceField(
        label="Which of these are true?", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(criterion.key, criterion.label) for criterion in (*CRITERIA, RECOGNISED)],
    )  # fmt: skip
    criteria_evidence = forms.URLField(
        label="Evidence", max_length=200, required=False, widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="A page with news, events or projects of the last year, or one that shows the recognition.",
    )  # fmt: skip
    consent = forms.BooleanField(
        required=False, label="I have read the privacy notice and agree to it.",
    )  # fmt: skip

    def __init__(self, *arguments: Any, has_criteria: bool = True, **options: Any) -> None:
        """Make the form."""
        super().__init__(*arguments, **options)
        if not has_criteria:
            del self.fields["criteria"], self.fields["criteria_evidence"]

    def details(self) -> dict[str, Any]:
        """Return what a submission keeps of it; fields with errors are left out."""
        given = [name for name in ("message", "criteria_evidence") if name in self.cleaned_data]
        found: dict[str, Any] = {name: self.cleaned_data[name] for name in given}
        if "criteria" in self.cleaned_data:
            found["criteria"] = dict.fromkeys(self.cleaned_data["criteria"], True)
        return found
