"""The fields of a submission, in the order of the form: those that :mod:`catalogue.profile.fields` declares proposable.

Everything that handles proposed values starts from this list: the public form, the API, spreadsheets, the
difference that reviewers see, and the service that writes accepted values.
"""

from dataclasses import dataclass

from catalogue.profile.declaration import FormField, Kind, ProfileField, Step, in_order
from catalogue.profile.fields import FIELDS as PROFILE_FIELDS


@dataclass(frozen=True)
class SubmissionField:
    """One field. ``help`` is the text that staff may replace; ``example`` is shown below it."""

    name: str
    label: str
    step: Step
    kind: Kind
    help: str = ""
    example: str = ""
    is_required: bool = False  # on the public form and through the API
    vocabulary: str = ""  # of TERMS
    nothing: str = ""  # the choice that means nothing

    @property
    def is_list(self) -> bool:
        """Whether a value is a list of slugs or codes."""
        return self.kind in (Kind.TERMS, Kind.COUNTRIES, Kind.NETWORKS)

    @property
    def is_text(self) -> bool:
        """Whether nothing is the empty text; for the others it is ``None``, ``False`` or an empty list."""
        return self.kind in _TEXTS

    @property
    def empty(self) -> str | bool | list[str] | None:
        """The value that means nothing."""
        if self.is_list:
            return []
        if self.kind == Kind.FLAG:
            return False
        return self.nothing if self.is_text else None


_TEXTS = frozenset(
    {Kind.TEXT, Kind.LONG, Kind.MARKDOWN, Kind.URL, Kind.EMAIL, Kind.CHOICE, Kind.COUNTRY, Kind.REGION, Kind.LOGO}
)


def _submission_field(field: ProfileField, form: FormField) -> SubmissionField:
    return SubmissionField(
        field.name,
        form.label or field.label,
        form.step,
        form.kind,
        help=form.help,
        example=form.example,
        is_required=form.is_required,
        vocabulary=field.vocabulary,
        nothing=form.nothing,
    )


_STEPS = list(Step)
_PROPOSABLE = in_order((field, field.form) for field in PROFILE_FIELDS)
FIELDS: tuple[SubmissionField, ...] = tuple(
    _submission_field(field, form) for field, form in sorted(_PROPOSABLE, key=lambda pair: _STEPS.index(pair[1].step))
)
BY_NAME: dict[str, SubmissionField] = {field.name: field for field in FIELDS}
NAMES: tuple[str, ...] = tuple(BY_NAME)


def fields_of(step: Step) -> tuple[SubmissionField, ...]:
    """Return the fields of one step of the form."""
    return tuple(field for field in FIELDS if field.step == step)


@dataclass(frozen=True)
class Criterion:
    """One of the published criteria that a cluster should meet; the reviewer sees the same list."""

    key: str
    label: str
    help: str = ""


#: The criteria that the European Cluster Collaboration Platform publishes for its profiles.
CRITERIA: tuple[Criterion, ...] = (
    Criterion("team", "It has a dedicated team of at least half a full-time position"),
    Criterion("members", "It has at least 15 committed members"),
    Criterion("types", "Its members are of at least two kinds", "Firms, research, education, public bodies …"),
    Criterion("english", "It has a web page in English"),
    Criterion(
        "activity", "It can show what it did within the last year", "Give a link to news, events or projects below."
    ),
)
#: Officially recognised by its country or region: the criteria above are waived.
RECOGNISED = Criterion("recognised", "It is officially recognised as a cluster by its country or region")
