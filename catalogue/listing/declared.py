"""The filters of the list, in the order of the API's description and of chips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pyroaring import BitMap

from catalogue.listing.declaration import (
    ChoiceFacet,
    DateFilter,
    Facet,
    InputGroup,
    ListFilter,
    NumberFilter,
    TableFacet,
    TypedFilter,
    Values,
    YearFilter,
    unknown_choice,
)
from catalogue.listing.messages import Message, shortened
from catalogue.models import Term
from catalogue.search.text import MAX_LENGTH, sort_key

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

SORT_CHOICES = (
    ("relevance", "Relevance"),
    ("name", "Name (A–Z)"),
    ("-name", "Name (Z–A)"),
    ("country", "Country (A–Z)"),
    ("-country", "Country (Z–A)"),
    ("-members", "Members (most first)"),
    ("members", "Members (fewest first)"),
    ("founded", "Founded (oldest first)"),
    ("-founded", "Founded (newest first)"),
    ("-confirmed", "Recently confirmed"),
    ("confirmed", "Longest unconfirmed"),
    ("distance", "Distance (nearest first)"),
)
MEMBERS, FOUNDED = InputGroup("members", "Members"), InputGroup("founded", "Founded")
CONFIRMED = InputGroup("confirmed", "Confirmed")
LONGEST_TOWN = 120  # letters


def _refuse_unreadable(text: str) -> None:
    # What a broken encoding leaves; the form itself refuses a null character.
    if "\ufffd" in text:
        raise ValidationError("A character cannot be read.")


@dataclass(frozen=True)
class _Search(ListFilter):
    """The search text; ``ClusterFilter`` reads it and applies what it means."""

    def make(self) -> django_filters.Filter:
        """Return the filter with its longest text and without characters that nobody typed."""
        return django_filters.CharFilter(label=self.label, max_length=MAX_LENGTH, validators=[_refuse_unreadable])

    def schema(self) -> dict[str, Any]:
        """Return a text. A null character is refused: no database can look for one."""
        return {"type": "string", "maxLength": MAX_LENGTH, "pattern": r"^[^\u0000\ufffd]*$"}

    def refusal(self, given: str) -> Message:
        """Say which of the two it is."""
        if len(given) > MAX_LENGTH:
            return Message(
                f"“{shortened(given)}” has {len(given):,} characters, and at most {MAX_LENGTH} are looked for. "
                "Nothing was: shorten it."
            )
        return Message("A character of the text cannot be read, so nothing was looked for. Type the text again.")


@dataclass(frozen=True)
class _Town(_Search):
    """The name of a town, with or without accents."""

    def make(self) -> django_filters.Filter:
        """Return the filter with its longest name."""
        return django_filters.CharFilter(
            label=self.label, max_length=LONGEST_TOWN, validators=[_refuse_unreadable], required=False
        )

    def schema(self) -> dict[str, Any]:
        """Return a text."""
        return {"type": "string", "maxLength": LONGEST_TOWN, "pattern": r"^[^\u0000\ufffd]*$"}

    def refusal(self, given: str) -> Message:
        """Say what a name of a town is not."""
        return Message(
            f"“{shortened(given)}” is no name of a town: it is too long, or has a character that cannot be read."
        )

    def found(self, index: CatalogueIndex, value: Any) -> BitMap:
        """Return the clusters in the town, or in any of several."""
        return index.having("place", *map(sort_key, value if isinstance(value, (list, tuple)) else [value]))


@dataclass(frozen=True)
class _Near(_Town):
    """The town by whose distance the list is sorted."""

    narrows: ClassVar[bool] = False

    def found(self, index: CatalogueIndex, value: Any) -> BitMap:
        """Return all clusters."""
        return BitMap(index.entries)


@dataclass(frozen=True)
class _Choice(ListFilter):
    """One of a few words that say how to list; it narrows nothing."""

    choices: tuple[tuple[str, str], ...] = ()
    refused: str = ""  # what a wrong value is not
    narrows: ClassVar[bool] = False

    def make(self) -> django_filters.Filter:
        """Return the filter with its choices."""
        return django_filters.ChoiceFilter(label=self.label, choices=self.choices, empty_label=None, null_label=None)

    def schema(self) -> dict[str, Any]:
        """Return the words."""
        return {"type": "string", "enum": [value for value, _label in self.choices]}

    def refusal(self, given: str) -> Message:
        """Name the words, or the one that was probably meant."""
        return unknown_choice(given, self.refused, self.choices)


#: Before the name of a town among the values of regions that a search text means; no slug has a colon.
IN_TOWN = "town:"


@dataclass(frozen=True)
class _Region(TableFacet):
    """Regions; a search for England also finds clusters of which only the country is known, placed in London."""

    def found(self, index: CatalogueIndex, value: Any) -> BitMap:
        """Return the clusters of any of the regions."""
        values = value if isinstance(value, (list, tuple)) else [value]
        towns = [one.removeprefix(IN_TOWN) for one in values if one.startswith(IN_TOWN)]
        vague = index.having("place", *towns) - index.having("seat", "true")
        return index.having(self.name, *(one for one in values if not one.startswith(IN_TOWN))) | vague


def _members_contradict(low: int, values: Values) -> str:
    high = values("members_max")
    if high is None or low <= high:
        return ""
    return f"The smallest number of members ({low:,}) is larger than the largest ({high:,}). Swap the two."


def _years_contradict(low: int, values: Values) -> str:
    high = values("founded_max")
    if high is None or low <= high:
        return ""
    return f"The first year ({low}) is after the last ({high}). Swap the two."


def _still_to_come(day: date, values: Values) -> str:
    if day <= timezone.localdate():
        return ""
    return f"{date_format(day, 'j F Y')} is still to come: nothing was confirmed since. Choose an earlier day."


def _any_of(what: str, example: str, address: str) -> str:
    return f"{what}, such as `{example}`; given several times, any of them. Values: `{address}`."


def _vocabulary(vocabulary: Term.Vocabulary, order: int, what: str, sample: str, **more: Any) -> TableFacet:
    """Return the facet of a vocabulary."""
    return TableFacet(
        vocabulary.value, str(vocabulary.label),
        _any_of(f"Slug of {what}", sample, f"/api/v1/vocabularies/{vocabulary.value}/"),
        values=lambda entry: [slug for kind, slug in entry.terms if kind == vocabulary.value],
        is_of_clusters=False, order=order, **more,
    )  # fmt: skip


FILTERS: tuple[ListFilter, ...] = (
    _Search(
        "q", "Search",
        "What to look for, as people say it. Places, topics, networks, numbers and \"near\" are understood and become "
        "filters; the answer says so under `interpretation`. Other words are looked for in names, acronyms, former "
        "names, summary, description and the names of places and terms. Accents and case never matter; the beginning of "
        "a word is enough; misspelt words are forgiven where nothing is found exactly.",
        "cybersecurity germany",
    ),
    _Choice(
        "read", "Read as",
        "With `words`, the text is looked for word by word, and nothing in it becomes a filter; with `meaning`, a name that "
        "hides a meaning does not count.",
        "words",
        choices=(("words", "Words"), ("meaning", "Meaning")), refused="no way to read the text",
    ),
    TableFacet(
        "country", "Country", _any_of("Two-letter ISO code", "DE", "/api/v1/countries/"), ["ES"],
        values=lambda entry: (entry.country,),
        is_upper=True, hint="Use a two-letter ISO code such as DE.", order=10, is_folded=False,
    ),
    _Region(
        "region", "Region", _any_of("Slug of a region", "bavaria", "/api/v1/regions/"), ["bavaria", "galicia"],
        values=lambda entry: (entry.region,) if entry.region else (),
        order=40,
    ),
    _vocabulary(
        Term.Vocabulary.VERTICAL, 20, "a vertical market", "health", example=["cybersecurity", "health"], is_folded=False
    ),
    _vocabulary(Term.Vocabulary.SECTOR, 60, "a sector", "ict"),
    _vocabulary(Term.Vocabulary.EMERGING_INDUSTRY, 70, "an emerging industry", "digital-industries"),
    _vocabulary(Term.Vocabulary.TECHNOLOGY_FIELD, 80, "a technology field", "photonics"),
    _vocabulary(Term.Vocabulary.S3_PRIORITY, 90, "a smart-specialisation priority", "digital-transformation"),
    TableFacet(
        "network", "Network", "Slug of a network, one only. Values: `/api/v1/networks/`.", "conetic",
        values=lambda entry: entry.networks,
        is_of_clusters=False,
        page=lambda value: reverse("catalogue:network_detail", args=[value]),
        is_multiple=False, order=50,
    ),
    ChoiceFacet(
        "priority", "Priority", "Only priority clusters, or only the others.", "true",
        choices=(("true", "Priority"), ("false", "Other clusters")), empty_label="All clusters",
        values=lambda entry: ("true" if entry.is_priority else "false",),
        order=30,
    ),
    _Town("town", "Town", "Only clusters in the town of this name, in any of its spellings.", "Munich"),
    _Near("near", "Near", "The name of a town: nearest clusters first, unless `sort` says otherwise.", "Lyon"),
    NumberFilter(
        "members_min", "Members from", "At least so many members; clusters of unknown size are left out.", 100,
        field="members", lookup="gte", group=MEMBERS, input_label="From", warning=_members_contradict,
    ),
    NumberFilter(
        "members_max", "Members to", "At most so many members; clusters of unknown size are left out.", 500,
        field="members", lookup="lte", group=MEMBERS, input_label="To",
    ),
    YearFilter(
        "founded_min", "Founded from", "Founded in this year or later; clusters of unknown age are left out.", 2000,
        field="founded", lookup="gte", group=FOUNDED, input_label="From", warning=_years_contradict,
    ),
    YearFilter(
        "founded_max", "Founded until", "Founded in this year or earlier; clusters of unknown age are left out.", 2010,
        field="founded", lookup="lte", group=FOUNDED, input_label="Until",
    ),
    DateFilter(
        "confirmed_since", "Confirmed since",
        "Only profiles confirmed on this day or later; those never confirmed are left out.", "2026-01-01",
        field="confirmed_on", lookup="gte", group=CONFIRMED, input_label="On this day or later", warning=_still_to_come,
    ),
    _Choice(
        "sort", "Sort by",
        "Order; a minus means descending. Unknown values come last, equal ones by name. Without it: the distance from "
        "a town that is named with \"near\", relevance for another search, else the name.",
        "-members", choices=SORT_CHOICES, refused="no order of the list",
    ),
)  # fmt: skip
BY_NAME = {declared.name: declared for declared in FILTERS}
#: In the order in which they are shown.
FACETS = {facet.name: facet for facet in sorted((f for f in FILTERS if isinstance(f, Facet)), key=lambda f: f.order)}
TABLES = {facet.name: facet for facet in FACETS.values() if isinstance(facet, TableFacet)}
TYPED = tuple(declared for declared in FILTERS if isinstance(declared, TypedFilter))
