"""The form that checks proposed values, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator

from catalogue.models import Cluster
from catalogue.validators import validate_logo, validate_not_in_future, validate_visible, validate_year_founded
from publicforms.messages import use_own_messages
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS, Kind, SubmissionField
from submissions.fields.values import Value, Values, as_json

MAX_LONG = 20_000  # characters of a description or of benefits
MAX_NUMBER = 1_000_000  # members; more is a slip of the keyboard
_ONE_LINE = RegexValidator(r"[\r\n\t\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "Write this in one line.", inverse_match=True)
_WEB = URLValidator(schemes=["http", "https"], message="Give the address of a web page: it begins with https://")
_PHONE = RegexValidator(r"^[0-9+()/. -]{4,40}\Z", "A phone number has digits, spaces and + ( ) / . - only.")

_SPLIT = ("members_sme", "members_large", "members_research", "members_public")


class ProfileForm(forms.Form):
    """Fields of a cluster as a submitter proposes them.

    ``names`` are the fields asked for; ``base`` holds the values of all other fields, so that rules between
    fields can be checked; ``choices`` may be shared by many forms. With ``is_strict`` the required fields
    must be given; without, an empty one is passed over (a draft).
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        names: Iterable[str],
        choices: Choices,
        base: Mapping[str, Value] | None = None,
        is_strict: bool = True,
        **kwargs: Any,
    ) -> None:
        """Make the fields ``names`` in their order."""
        super().__init__(data, files, **kwargs)
        wanted = set(names)
        self.choices = choices
        self.base = dict(base or {})
        self.specs = [spec for spec in FIELDS if spec.name in wanted]
        for spec in self.specs:
            self.fields[spec.name] = field_for(spec, choices, is_strict=is_strict)

    def clean(self) -> dict[str, Any]:
        """Check the rules between fields; each message goes beside the field that can be put right."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("members") is not None and "members_qualifier" in cleaned and not cleaned["members_qualifier"]:
            cleaned["members_qualifier"] = Cluster.MembersQualifier.EXACT.value
        if "members" in cleaned and cleaned["members"] is None and "members_qualifier" in cleaned:
            cleaned["members_qualifier"] = ""
        for name, message in broken_rules({**self.base, **self.json_values()}, self.choices).items():
            place = (
                name
                if name in self.fields
                else next((other for other in _BESIDE.get(name, ()) if other in self.fields), None)
            )
            if place and place not in self.errors:
                self.add_error(place, message)
        return cleaned

    def json_values(self) -> Values:
        """Return the checked values as JSON stores them; logos and fields with errors are left out."""
        return {
            spec.name: as_json(spec, self.cleaned_data[spec.name])
            for spec in self.specs
            if spec.kind != Kind.LOGO and spec.name in self.cleaned_data
        }


#: Where the message of a rule goes if its own field is not on the form.
_BESIDE = {
    "region": ("country",),
    "members": ("members_sme", "members_large", "members_research", "members_public", "members_qualifier"),
    "members_qualifier": ("members",),
    "quality_evidence": ("quality_label",),
    "quality_expires_on": ("quality_label",),
    "quality_label": ("quality_expires_on",),
    "latitude": ("longitude", "precision"),
}


def field_for(spec: SubmissionField, choices: Choices, *, is_strict: bool = True) -> forms.Field:
    """Return the form field of ``spec``; its messages name it and the remedy."""
    return use_own_messages(_field_for(spec, choices, is_strict=is_strict), example=spec.example)


def _field_for(spec: SubmissionField, choices: Choices, *, is_strict: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": spec.label,
        "help_text": spec.help,
        "required": spec.is_required and is_strict,
        "error_messages": {"required": f"{spec.label}: this is needed."},
    }
    if spec.kind == Kind.LOGO:
        return forms.FileField(validators=[validate_logo], max_length=200, **common)
    if spec.is_list:
        return forms.MultipleChoiceField(
            choices=list(choices.of(spec).items()),
            widget=forms.CheckboxSelectMultiple,
            **_with_choice_message(common, spec),
        )
    if spec.kind in (Kind.COUNTRY, Kind.REGION, Kind.CHOICE):
        offered = list(choices.of(spec).items())
        return forms.ChoiceField(
            choices=offered if spec.nothing else [("", _UNCHOSEN.get(spec.kind, "Not stated")), *offered],
            **_with_choice_message(common, spec),
        )
    if spec.kind == Kind.WHOLE:
        limits = [] if spec.name == "founded" else [MaxValueValidator(MAX_NUMBER)]
        years = [validate_year_founded] if spec.name == "founded" else []
        return forms.IntegerField(min_value=0, validators=[*limits, *years], **common)
    if spec.kind == Kind.DECIMAL:
        return _decimal(spec, common)
    if spec.kind == Kind.DATE:
        past = [validate_not_in_future] if spec.name == "members_as_of" else []
        return forms.DateField(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), validators=past, **common
        )
    if spec.kind == Kind.FLAG:
        return forms.BooleanField(**common)
    if spec.kind == Kind.URL:
        field = forms.URLField(max_length=200, validators=[_WEB], **common)
        field.error_messages["invalid"] = str(_WEB.message)
        # Django's own would say the same a second time.
        field.validators = [check for check in field.validators if check is _WEB or not isinstance(check, URLValidator)]
        return field
    if spec.kind == Kind.EMAIL:
        return forms.EmailField(max_length=254, **common)
    common["validators"] = [_visible(spec)]
    if spec.kind in (Kind.LONG, Kind.MARKDOWN):
        longest = 600 if spec.name == "summary" else MAX_LONG
        return _Lines(max_length=longest, widget=forms.Textarea(attrs={"rows": _ROWS.get(spec.name, 6)}), **common)
    column: Any = Cluster._meta.get_field(spec.name)
    common["validators"] += [_ONE_LINE, _PHONE] if spec.name == "phone" else [_ONE_LINE]
    return forms.CharField(max_length=column.max_length, **common)


class _Lines(forms.CharField):
    """Several lines: browsers end each with two characters, which count as one."""

    def to_python(self, value: Any) -> str:
        """Return the text with line feeds."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


def _visible(spec: SubmissionField) -> Callable[[str], None]:
    """Return the validator for visible characters whose message names the field."""

    def check(value: str) -> None:
        try:
            validate_visible(value)
        except ValidationError as error:
            raise ValidationError(
                f"{spec.label}: {error.message[0].lower()}{error.message[1:]}", code="unseen"
            ) from error

    return check


#: The label of the choice of nothing.
_UNCHOSEN = {Kind.COUNTRY: "Choose a country", Kind.REGION: "Not in this list"}
_ROWS = {"summary": 4, "former_names": 3, "description": 10}


def _with_choice_message(common: dict[str, Any], spec: SubmissionField) -> dict[str, Any]:
    wrong = f"{spec.label}: “%(value)s” is not in the list. Choose one that is."
    return {**common, "error_messages": {**common["error_messages"], "invalid_choice": wrong}}


def _decimal(spec: SubmissionField, common: dict[str, Any]) -> forms.Field:
    column: Any = Cluster._meta.get_field(spec.name)
    most = {"latitude": 90, "longitude": 180}.get(spec.name, 99_999)
    least = -most if spec.name != "staff" else 0
    return forms.DecimalField(
        max_digits=column.max_digits, decimal_places=column.decimal_places,
        validators=[MinValueValidator(least), MaxValueValidator(most)], **common,
    )  # fmt: skip


def check_values(
    values: Mapping[str, Any], *, choices: Choices, base: Mapping[str, Value] | None = None, is_strict: bool = True
) -> tuple[Values, dict[str, list[str]]]:
    """Return the right ones of ``values`` as JSON stores them, and the messages by field for the wrong ones.

    ``values`` may be of JSON or of a spreadsheet: numbers and dates as such or as text, lists as lists. A
    name that is no field is a mistake too. For API and spreadsheets; pages use :class:`ProfileForm` itself.
    """
    unknown = {name: ["There is no such field."] for name in values if name not in BY_NAME}
    names = [name for name in values if name in BY_NAME]
    if is_strict and base is None:
        names += [spec.name for spec in FIELDS if spec.is_required and spec.name not in names]
    form = ProfileForm(dict(values), names=names, choices=choices, base=base, is_strict=is_strict)
    errors = {name: [str(message) for message in messages] for name, messages in form.errors.items()}
    return form.json_values(), {**unknown, **errors}


def broken_rules(values: Mapping[str, Value], choices: Choices) -> dict[str, str]:
    """Return a message by field for every rule between fields that ``values`` (all fields of a cluster) break.

    The database holds the same rules as constraints of ``Cluster``; here they can be checked for thousands of rows
    without a query. A test keeps the two together.
    """
    found: dict[str, str] = {}
    region = choices.regions.get(str(values.get("region") or ""))
    if region and region[1] != values.get("country"):
        home = choices.countries.get(region[1], "")
        found["region"] = f"{region[0]} is a region of {home}. Choose a region of the country above."
    members, qualifier = values.get("members"), values.get("members_qualifier")
    if members is None and qualifier:
        found["members"] = "Give the number of members, or leave open what the number is."
    if members is not None and not qualifier:
        found["members_qualifier"] = "Say what the number of members is: exactly, at least, approximately."
    if isinstance(members, int) and qualifier == "exact":
        parts = sum(int(values.get(name) or 0) for name in _SPLIT)  # type: ignore[arg-type,misc]
        if parts > members:
            found["members"] = (
                f"SMEs, large firms, research and public bodies are {parts:,} together, more than {members:,} members."
            )
    label = values.get("quality_label") or "none"
    if label != "none":
        if not values.get("quality_evidence"):
            found["quality_evidence"] = "A quality label needs its evidence: the address of a page that shows it."
        if not values.get("quality_expires_on"):
            found["quality_expires_on"] = "A quality label needs the date until which it is valid."
    elif values.get("quality_expires_on"):
        found["quality_label"] = "Choose the label that is valid until this date, or leave the date empty."
    place = [values.get(name) not in (None, "") for name in ("latitude", "longitude", "precision")]
    if any(place) and not all(place):
        found["latitude"] = "Latitude, longitude and precision go together: give all three or none."
    return found
