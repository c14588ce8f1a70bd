"""The filters of the list, in the order of the API's description and of chips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from catalogue.listing.declaration import (
    ChoiceFacet,
    Counting,
    DateFilter,
    Facet,
    InputGroup,
    ListFilter,
    NumberFilter,
    Source,
    TableFacet,
    TypedFilter,
    Values,
)
from catalogue.managers import SORT_FIELDS
from catalogue.models import Cluster, Country, Network, Region, Term
from catalogue.search.query import MAX_LENGTH

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
)
assert {value.removeprefix("-") for value, _label in SORT_CHOICES} == {"relevance", *SORT_FIELDS}  # noqa: S101 - two lists kept in step
MEMBERS, CONFIRMED = InputGroup("members", "Members"), InputGroup("confirmed", "Confirmed")


@dataclass(frozen=True)
class _Search(ListFilter):
    """The search text; it is interpreted before it is applied."""

    def make(self) -> django_filters.Filter:
        """Return the filter with its longest text."""
        return django_filters.CharFilter(label=self.label, max_length=MAX_LENGTH, method="apply_search")

    def schema(self) -> dict[str, Any]:
        """Return a text. A null character is refused: no database can look for one."""
        return {"type": "string", "maxLength": MAX_LENGTH, "pattern": r"^[^\u0000]*$"}


@dataclass(frozen=True)
class _Sort(ListFilter):
    """The order; it narrows nothing."""

    def make(self) -> django_filters.Filter:
        """Return the filter with its choices."""
        return django_filters.ChoiceFilter(
            label=self.label, method="keep_order", choices=SORT_CHOICES, empty_label=None, null_label=None
        )

    def schema(self) -> dict[str, Any]:
        """Return the orders."""
        return {"type": "string", "enum": [value for value, _label in SORT_CHOICES]}


def _members_contradict(low: int, values: Values) -> str:
    high = values("members_max")
    if high is None or low <= high:
        return ""
    return f"The smallest number of members ({low:,}) is larger than the largest ({high:,}). Swap the two."


def _still_to_come(day: date, values: Values) -> str:
    if day <= timezone.localdate():
        return ""
    return f"{date_format(day, 'j F Y')} is still to come: nothing was confirmed since. Choose an earlier day."


def _any_of(what: str, example: str, address: str) -> str:
    return f"{what}, such as `{example}`; given several times, any of them. Values: `{address}`."


_COUNTRIES = Source(
    lambda published, names: Country.objects.filter(Exists(published.filter(country=OuterRef("pk")))),
    F("code"), key=None,
)  # fmt: skip
_REGIONS = Source(
    lambda published, names: Region.objects.filter(Exists(published.filter(region=OuterRef("pk")))),
    F("slug"), parent=F("country_id"),
)  # fmt: skip
_NETWORKS = Source(lambda published, names: Network.objects.all(), F("slug"))
_TERMS = Source(lambda published, names: Term.objects.filter(vocabulary__in=names), F("slug"), kind=F("vocabulary"))
_COUNT_TERMS = """
SELECT t.vocabulary, t.slug, l.number FROM (
  SELECT l.term_id, COUNT(*) AS number FROM found f JOIN catalogue_cluster_terms l ON l.cluster_id = f.id GROUP BY l.term_id
) l JOIN catalogue_term t ON t.id = l.term_id"""


def _vocabulary(vocabulary: Term.Vocabulary, order: int, what: str, sample: str, **more: Any) -> TableFacet:
    """Return the facet of a vocabulary."""
    through = Cluster.terms.through.objects
    return TableFacet(
        vocabulary.value, str(vocabulary.label),
        _any_of(f"Slug of {what}", sample, f"/api/v1/vocabularies/{vocabulary.value}/"),
        counting=Counting(_COUNT_TERMS, F("terms__slug"), only=Q(terms__vocabulary=vocabulary.value)),
        source=_TERMS,
        # A subquery, so that no cluster comes twice.
        condition=lambda keys: Q(pk__in=through.filter(term__in=keys).values("cluster_id")),
        order=order, **more,
    )  # fmt: skip


FILTERS: tuple[ListFilter, ...] = (
    _Search(
        "q", "Search",
        "Words to look for in names, acronyms, former names, summary, description, place, region, country "
        "and terms. Accents and case never matter; the beginning of a word is enough; misspelt words are "
        "forgiven where nothing is found exactly.",
        "cybersecurity germany",
    ),
    TableFacet(
        "country", "Country", _any_of("Two-letter ISO code", "DE", "/api/v1/countries/"), ["ES"],
        counting=Counting(
            "SELECT 'country', country_id, SUM(number) FROM places GROUP BY country_id", F("country_id"), "country_id"
        ),
        source=_COUNTRIES,
        condition=lambda keys: Q(country__in=keys),
        is_upper=True, hint="Use a two-letter ISO code such as DE.", order=10, is_folded=False,
    ),
    TableFacet(
        "region", "Region", _any_of("Slug of a region", "bavaria", "/api/v1/regions/"), ["bavaria", "galicia"],
        counting=Counting(
            "SELECT 'region', r.slug, SUM(p.number)"
            " FROM places p JOIN catalogue_region r ON r.id = p.region_id GROUP BY r.slug",
            F("region__slug"), "region_id", Q(region__slug__isnull=False),
        ),
        source=_REGIONS,
        condition=lambda keys: Q(region__in=keys),
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
        counting=Counting(
            """
SELECT 'network', n.slug, l.number FROM (
  SELECT l.network_id, COUNT(*) AS number FROM found f JOIN catalogue_network_clusters l ON l.cluster_id = f.id
  GROUP BY l.network_id
) l JOIN catalogue_network n ON n.id = l.network_id""",
            F("networks__slug"), only=Q(networks__slug__isnull=False),
        ),
        source=_NETWORKS,
        condition=lambda keys: Q(pk__in=Cluster.networks.through.objects.filter(network__in=keys).values("cluster_id")),
        page=lambda value: reverse("catalogue:network_detail", args=[value]),
        is_multiple=False, order=50,
    ),
    ChoiceFacet(
        "priority", "Priority", "Only priority clusters, or only the others.", "true",
        choices=(("true", "Priority"), ("false", "Other clusters")), empty_label="All clusters",
        condition=lambda value: Q(is_priority=value == "true"),
        counting=Counting(
            "SELECT 'priority', CASE WHEN is_priority THEN 'true' ELSE 'false' END, SUM(number)"
            " FROM places GROUP BY is_priority",
            Case(When(is_priority=True, then=Value("true")), default=Value("false"), output_field=CharField()),
            "is_priority",
        ),
        order=30,
    ),
    NumberFilter(
        "members_min", "Members from", "At least so many members; clusters of unknown size are left out.", 100,
        field="members", lookup="gte", group=MEMBERS, input_label="From", warning=_members_contradict,
    ),
    NumberFilter(
        "members_max", "Members to", "At most so many members; clusters of unknown size are left out.", 500,
        field="members", lookup="lte", group=MEMBERS, input_label="To",
    ),
    DateFilter(
        "confirmed_since", "Confirmed since",
        "Only profiles confirmed on this day or later; those never confirmed are left out.", "2026-01-01",
        field="confirmed_on", lookup="gte", group=CONFIRMED, input_label="On this day or later", warning=_still_to_come,
    ),
    _Sort(
        "sort", "Sort by",
        "Order; a minus means descending. Unknown values come last, equal ones by name. Without it: "
        "relevance for a search, else the name.",
        "-members",
    ),
)  # fmt: skip
BY_NAME = {declared.name: declared for declared in FILTERS}
#: In the order in which they are shown.
FACETS = {facet.name: facet for facet in sorted((f for f in FILTERS if isinstance(f, Facet)), key=lambda f: f.order)}
TABLES = {facet.name: facet for facet in FACETS.values() if isinstance(facet, TableFacet)}
TYPED = tuple(declared for declared in FILTERS if isinstance(declared, TypedFilter))
