"""The one filter of clusters: page, map, exports, feeds and API all use it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import formats, timezone

from catalogue.listing.options import Option, Options, filter_options
from catalogue.managers import SORT_FIELDS, ClusterQuerySet
from catalogue.models import Cluster, Term
from catalogue.search.query import MAX_LENGTH, Interpretation, interpret

VOCABULARIES: tuple[str, ...] = tuple(Term.Vocabulary.values)
#: Facets with several values each; values of one facet mean OR, different facets AND.
MULTIPLE = ("country", "region", *VOCABULARIES)
#: All facets in the order in which they are shown.
FACETS = (
    "country",
    "vertical",
    "priority",
    "region",
    "network",
    "sector",
    "emerging_industry",
    "technology_field",
    "s3_priority",
)
PRIORITY_CHOICES = (("true", "Priority"), ("false", "Other clusters"))
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
#: Parameters that stand beside the filters in an address.
OTHER_PARAMETERS = frozenset({"page", "page_size", "view", "format", "all"})
#: Parameters that other sites add to links; nobody means a filter by them.
TRACKING_PREFIXES = ("utm_", "fbclid", "gclid", "mtm_", "pk_", "mc_")
MEMBERS_LIMIT = 10_000_000


class IntegerFilter(django_filters.Filter):
    """A whole number from 0 to ten million."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", MEMBERS_LIMIT)
        super().__init__(*args, **kwargs)


class DayFilter(django_filters.Filter):
    """A day, written in one way only: addresses are shared between countries."""

    field_class = forms.DateField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        kwargs.setdefault("error_messages", {"invalid": "Give a day as YYYY-MM-DD, such as 2026-09-30."})
        super().__init__(*args, **kwargs)


class ClusterFilter(django_filters.FilterSet):
    """Filters clusters by the parameters of an address.

    A wrong value is never dropped in silence: ``errors`` names the parameter and the remedy. The page
    shows it beside the filter and applies the rest; the API refuses the request with 400.

    ``queryset`` must hold the clusters that the reader may see and nothing else filtered: whether a
    search word is misspelt is decided there.
    """

    q = django_filters.CharFilter(label="Search", max_length=MAX_LENGTH, method="apply_search")
    country = django_filters.MultipleChoiceFilter(label="Country", method="apply_country")
    region = django_filters.MultipleChoiceFilter(label="Region", method="apply_region")
    vertical = django_filters.MultipleChoiceFilter(label="Vertical", method="apply_term")
    sector = django_filters.MultipleChoiceFilter(label="Sector", method="apply_term")
    emerging_industry = django_filters.MultipleChoiceFilter(label="Emerging industry", method="apply_term")
    technology_field = django_filters.MultipleChoiceFilter(label="Technology field", method="apply_term")
    s3_priority = django_filters.MultipleChoiceFilter(label="S3 priority", method="apply_term")
    network = django_filters.ChoiceFilter(label="Network", method="apply_network", empty_label="Any network")
    priority = django_filters.ChoiceFilter(
        label="Priority", method="apply_priority", choices=PRIORITY_CHOICES, empty_label="All clusters"
    )
    members_min = IntegerFilter(label="Members from", field_name="members", lookup_expr="gte")
    members_max = IntegerFilter(label="Members to", field_name="members", lookup_expr="lte")
    confirmed_since = DayFilter(label="Confirmed since", field_name="confirmed_on", lookup_expr="gte")
    sort = django_filters.ChoiceFilter(
        label="Sort by", method="keep_order", choices=SORT_CHOICES, empty_label=None, null_label=None
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        queryset: ClusterQuerySet | None = None,
        *,
        options: Options | None = None,
        beside: frozenset[str] = OTHER_PARAMETERS,
        **kwargs: Any,
    ) -> None:
        query = data.copy() if isinstance(data, QueryDict) else QueryDict(mutable=True)
        if data is not None and not isinstance(data, QueryDict):
            for name, value in data.items():
                query.setlist(name, [str(item) for item in (value if isinstance(value, (list, tuple)) else [value])])
        self.options = options if options is not None else filter_options()
        self.beside = beside
        self.problems: dict[str, list[str]] = {}
        super().__init__(self._cleaned(query), Cluster.objects.published() if queryset is None else queryset, **kwargs)
        for name in (*MULTIPLE, "network"):
            # Only known values are left; a form with hundreds of choices would be copied again and again.
            self.filters[name].extra["choices"] = [(value, value) for value in self.data.getlist(name)]

    # --- what the address says ---

    def _cleaned(self, query: QueryDict) -> QueryDict:
        """Return ``query`` with known parameters and values only; the others become problems."""
        clean = QueryDict(mutable=True)
        for name, values in query.lists():
            given = [value.strip() for value in values if value.strip()]
            if name in ("country", "priority"):
                given = [value.upper() if name == "country" else value.lower() for value in given]
            given = list(dict.fromkeys(given))
            if name not in self.base_filters:
                if name not in self.beside and not name.startswith(TRACKING_PREFIXES):
                    self.problems[name] = [self._unknown_parameter(name)]
                continue
            if name in MULTIPLE:
                known = {option.value for option in self.options[name]}
                wrong = [value for value in given if value not in known]
                if wrong:
                    self.problems[name] = [self._unknown_value(name, value) for value in wrong]
                given = [value for value in given if value in known]
            elif name == "network" and given and given[-1] not in {option.value for option in self.options[name]}:
                self.problems[name] = [self._unknown_value(name, given[-1])]
                given = []
            if len(given) > 1 and name not in MULTIPLE:
                self.problems[name] = [f"“{name}” may be given once only; {', '.join(given)} were given."]
                given = given[-1:]
            clean.setlist(name, given)
        return clean

    def _unknown_parameter(self, name: str) -> str:
        near = difflib.get_close_matches(name, [*self.base_filters, "page"], n=1)
        hint = f" Did you mean “{near[0]}”?" if near else f" Known are {', '.join(self.base_filters)} and page."
        return f"“{_short(name)}” is no filter.{hint}"

    def _unknown_value(self, name: str, value: str) -> str:
        what = {"s3_priority": "S3 priority"}.get(name, name.replace("_", " "))
        labels = {option.value: option.label for option in self.options[name]}
        by_label = {option.label.lower(): option.value for option in self.options[name]}
        near = difflib.get_close_matches(value, labels, n=1) or difflib.get_close_matches(value.lower(), by_label, n=1)
        hint = ""
        if near:
            slug = near[0] if near[0] in labels else by_label[near[0]]
            hint = f" Did you mean “{slug}” ({labels[slug]})?"
        elif name == "country":
            hint = " Use a two-letter ISO code such as DE."
        return f"“{_short(value)}” is no {what} of the catalogue.{hint}"

    @property
    def errors(self) -> dict[str, Any]:
        """Messages by parameter: of the form and of parameters and values that do not exist."""
        found: dict[str, Any] = {name: list(messages) for name, messages in self.form.errors.items()}
        for name, messages in self.problems.items():
            found[name] = [*messages, *found.get(name, [])]
        return found

    @property
    def warnings(self) -> dict[str, list[str]]:
        """Messages by parameter about right values that together can find nothing; no error for programs."""
        found = {}
        low, high = self.value("members_min"), self.value("members_max")
        if low is not None and high is not None and low > high:
            text = f"The smallest number of members ({low:,}) is larger than the largest ({high:,}). Swap the two."
            found["members_min"] = [text]
        since = self.value("confirmed_since")
        if since and since > timezone.localdate():
            day = formats.date_format(since, "j F Y")
            found["confirmed_since"] = [f"{day} is still to come: nothing was confirmed since. Choose an earlier day."]
        return found

    def is_valid(self) -> bool:
        """Return whether every parameter of the address is right."""
        return not self.errors

    def value(self, name: str) -> Any:
        """Return the cleaned value of parameter ``name``; empty if it is not given or wrong."""
        if not self.form.is_bound:
            return None
        _ = self.form.errors
        return self.form.cleaned_data.get(name)

    def selected(self, name: str) -> list[str]:
        """Return the chosen values of facet ``name`` as they stand in the address."""
        value = self.value(name)
        if value in (None, "", []):
            return []
        return list(value) if isinstance(value, (list, tuple)) else [str(value)]

    def selected_options(self, name: str) -> list[Option]:
        """Return the chosen options of a facet with a fixed list."""
        chosen = set(self.selected(name))
        return [option for option in self.options[name] if option.value in chosen]

    @property
    def active(self) -> list[str]:
        """Return the parameters that narrow the list."""
        return [name for name in self.base_filters if name != "sort" and self.value(name) not in (None, "", [])]

    def query_string(self, *, leave_out: tuple[str, ...] = ()) -> str:
        """Return the right part of the address as a query string, without the parameters ``leave_out``."""
        query = QueryDict(mutable=True)
        for name in [*self.active, *(["sort"] if self.value("sort") else [])]:
            if name not in leave_out:
                query.setlist(name, self.selected(name))
        return query.urlencode()

    @cached_property
    def interpretation(self) -> Interpretation | None:
        """What the search text means; ``None`` without one."""
        text = self.value("q")
        return interpret(text, self.queryset.order_by()) if text else None

    # --- what it finds ---

    @property
    def order(self) -> str:
        """The order in force: the one asked for, else relevance for a search and the name otherwise."""
        return self.value("sort") or ("relevance" if self.value("q") else "name")

    @property
    def qs(self) -> ClusterQuerySet:
        """The clusters found, in order."""
        return self.without().sorted_by(self.order, self.interpretation)

    def without(self, *names: str) -> ClusterQuerySet:
        """The clusters found if the filters ``names`` were not set, in no order."""
        queryset = self.queryset.order_by()
        for name in self.active:
            if name not in names:
                queryset = self.filters[name].filter(queryset, self.value(name))
        return queryset

    def apply_search(self, queryset: ClusterQuerySet, name: str, value: str) -> ClusterQuerySet:
        """Keep what the search text finds."""
        return queryset.matching(self.interpretation) if self.interpretation else queryset

    def apply_country(self, queryset: ClusterQuerySet, name: str, value: list[str]) -> ClusterQuerySet:
        """Keep clusters of any of the countries."""
        return queryset.filter(country__in=value)

    def apply_region(self, queryset: ClusterQuerySet, name: str, value: list[str]) -> ClusterQuerySet:
        """Keep clusters of any of the regions."""
        return queryset.filter(region__in=self._keys(name, value))

    def apply_term(self, queryset: ClusterQuerySet, name: str, value: list[str]) -> ClusterQuerySet:
        """Keep clusters with any of the terms; a subquery, so that no cluster comes twice."""
        links = Cluster.terms.through.objects.filter(term__in=self._keys(name, value))
        return queryset.filter(pk__in=links.values("cluster_id"))

    def apply_network(self, queryset: ClusterQuerySet, name: str, value: str) -> ClusterQuerySet:
        """Keep clusters of the network."""
        links = Cluster.networks.through.objects.filter(network__in=self._keys(name, [value]))
        return queryset.filter(pk__in=links.values("cluster_id"))

    def _keys(self, name: str, values: list[str]) -> list[int]:
        """Return the primary keys of options: with them the database knows how common a value is."""
        return [option.key for option in self.options[name] if option.value in values]

    def apply_priority(self, queryset: ClusterQuerySet, name: str, value: str) -> ClusterQuerySet:
        """Keep priority clusters, or the others."""
        return queryset.filter(Q(is_priority=value == "true"))

    def keep_order(self, queryset: ClusterQuerySet, name: str, value: str) -> ClusterQuerySet:
        """Leave the set alone; ``qs`` sorts at the end."""
        return queryset


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
