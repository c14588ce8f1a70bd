"""The fields of a submission, in the order of the form.

Everything that handles proposed values starts from this list: the public form, the API, spreadsheets, the
difference that reviewers see, and the service that writes accepted values.
"""

from dataclasses import dataclass
from enum import StrEnum

from catalogue.models import Term


class Step(StrEnum):
    """The steps of the public form; fields of ``OFFICE`` come by spreadsheet, API or reviewer only."""

    WHO = "who"
    WHAT = "what"
    MEMBERS = "members"
    CONTACT = "contact"
    OFFICE = "office"


class Kind(StrEnum):
    """What a value is, and so how it is asked for, stored as JSON, compared and shown."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines, plain
    MARKDOWN = "markdown"
    URL = "url"
    EMAIL = "email"
    WHOLE = "whole"
    DECIMAL = "decimal"  # stored as text, so that nothing is rounded
    DATE = "date"  # stored as YYYY-MM-DD
    FLAG = "flag"
    CHOICE = "choice"
    COUNTRY = "country"  # ISO code
    REGION = "region"  # slug
    TERMS = "terms"  # sorted list of slugs of one vocabulary
    COUNTRIES = "countries"  # sorted list of ISO codes
    NETWORKS = "networks"  # sorted list of slugs
    LOGO = "logo"  # the name of the stored file; the file itself is in ``Submission.logo``


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
_V = Term.Vocabulary

FIELDS: tuple[SubmissionField, ...] = (
    SubmissionField(
        "country", "Country", Step.WHO, Kind.COUNTRY, is_required=True,
        help="Where the cluster has its seat. Choose “Pan-European” if it belongs to no single country.",
    ),
    SubmissionField(
        "name", "Name of the cluster", Step.WHO, Kind.TEXT, is_required=True,
        help="In full, as the cluster writes it itself.", example="Alpine Photonics Cluster",
    ),
    SubmissionField("acronym", "Acronym", Step.WHO, Kind.TEXT, help="If people know it by one.", example="APC"),
    SubmissionField(
        "former_names", "Former names", Step.WHO, Kind.LONG,
        help="One per line, if it was renamed or merged.",
    ),
    SubmissionField(
        "website", "Website", Step.WHO, Kind.URL, help="Its own page, if possible in English.",
        example="https://www.photonics.example",
    ),
    SubmissionField(
        "summary", "Summary", Step.WHAT, Kind.LONG, is_required=True,
        help="Two or three sentences for lists: who gathers there, in which field, to what end. At most 600 characters.",
        example="Gathers 120 firms and institutes of the Alps that build lasers and sensors, and helps them to export.",
    ),
    SubmissionField(
        "description", "Description", Step.WHAT, Kind.MARKDOWN,
        help="What the cluster does, for visitors who want to know more. Paragraphs, lists and links in Markdown.",
    ),
    SubmissionField(
        "benefits", "Benefits for members", Step.WHAT, Kind.MARKDOWN,
        help="What a member gets. One per line.",
    ),
    SubmissionField(
        "verticals", "Verticals", Step.WHAT, Kind.TERMS, vocabulary=_V.VERTICAL,
        help="The markets that its members serve.",
    ),
    SubmissionField("sectors", "Sectors", Step.WHAT, Kind.TERMS, vocabulary=_V.SECTOR),
    SubmissionField(
        "emerging_industries", "Emerging industries", Step.WHAT, Kind.TERMS, vocabulary=_V.EMERGING_INDUSTRY
    ),
    SubmissionField("technology_fields", "Technology fields", Step.WHAT, Kind.TERMS, vocabulary=_V.TECHNOLOGY_FIELD),
    SubmissionField("s3_priorities", "S3 priorities", Step.WHAT, Kind.TERMS, vocabulary=_V.S3_PRIORITY),
    SubmissionField(
        "core_cybersecurity", "Cybersecurity is its core activity", Step.WHAT, Kind.FLAG,
        help="Tick this only if most members work in cybersecurity.",
    ),
    SubmissionField(
        "target_markets", "Target markets", Step.WHAT, Kind.COUNTRIES,
        help="Countries in which its members look for business.",
    ),
    SubmissionField("networks", "Networks", Step.WHAT, Kind.NETWORKS, help="Umbrellas that it belongs to."),
    SubmissionField(
        "logo", "Logo", Step.WHAT, Kind.LOGO, help="PNG, JPEG or WebP, at most 1 MB and 2000 pixels on each side."
    ),
    SubmissionField(
        "region", "Region", Step.MEMBERS, Kind.REGION,
        help="The regions that the catalogue knows so far. If yours is not among them, tell us in the message at the end.",
    ),
    SubmissionField("place", "Town", Step.MEMBERS, Kind.TEXT, help="Where its office is.", example="Innsbruck"),
    SubmissionField("founded", "Founded in", Step.MEMBERS, Kind.WHOLE, help="The year.", example="2009"),
    SubmissionField(
        "members", "Members", Step.MEMBERS, Kind.WHOLE,
        help="All organisations that belong to it.", example="120",
    ),
    SubmissionField("members_qualifier", "This number is", Step.MEMBERS, Kind.CHOICE),
    SubmissionField("members_as_of", "Counted on", Step.MEMBERS, Kind.DATE),
    SubmissionField(
        "members_sme", "SMEs among them", Step.MEMBERS, Kind.WHOLE,
        help="Small and medium-sized enterprises.",
    ),
    SubmissionField("members_large", "Large firms among them", Step.MEMBERS, Kind.WHOLE),
    SubmissionField("members_research", "Research organisations among them", Step.MEMBERS, Kind.WHOLE),
    SubmissionField("members_public", "Public bodies among them", Step.MEMBERS, Kind.WHOLE),
    SubmissionField(
        "staff", "Own staff", Step.MEMBERS, Kind.DECIMAL, help="Full-time equivalents of its own team.", example="2.5"
    ),
    SubmissionField(
        "quality_label", "Quality label", Step.MEMBERS, Kind.CHOICE, nothing="none",
        help="The label of cluster management excellence.",
    ),
    SubmissionField(
        "quality_evidence", "Evidence for the label", Step.MEMBERS, Kind.URL, help="A page that shows it."
    ),
    SubmissionField("quality_expires_on", "Label valid until", Step.MEMBERS, Kind.DATE),
    SubmissionField(
        "email", "Public e-mail", Step.CONTACT, Kind.EMAIL, help="Everybody will see it on the profile.",
        example="office@photonics.example",
    ),
    SubmissionField(
        "phone", "Public phone", Step.CONTACT, Kind.TEXT,
        help="With the country's code.", example="+43 1 234567",
    ),
    SubmissionField("place_local_name", "Town in its own language", Step.OFFICE, Kind.TEXT),
    SubmissionField("latitude", "Latitude", Step.OFFICE, Kind.DECIMAL, help="Degrees north (WGS 84)."),
    SubmissionField("longitude", "Longitude", Step.OFFICE, Kind.DECIMAL, help="Degrees east (WGS 84)."),
    SubmissionField("precision", "Precision of the place", Step.OFFICE, Kind.CHOICE),
)  # fmt: skip

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
