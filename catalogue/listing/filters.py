"""The one filter of clusters: page, map, exports, feeds and API all use it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from django.http import QueryDict

from catalogue.listing.declaration import ChoiceFacet, TableFacet, in_sentence
from catalogue.listing.declared import BY_NAME, FILTERS, TABLES, TYPED
from catalogue.listing.options import Option, Options, filter_options
from catalogue.managers import ClusterQuerySet
from catalogue.models import Cluster
from catalogue.search.query import Interpretation, interpret

#: Parameters that an address may have beside the filters.
OTHER_PARAMETERS = frozenset({"page", "page_size", "view", "format", "all"})
#: Parameters that other sites add to links; nobody means a filter by them.
TRACKING_PREFIXES = ("utm_", "fbclid", "gclid", "mtm_", "pk_", "mc_")


class ClusterFilter(django_filters.FilterSet):
    """Filters clusters by the parameters of an address.

    A wrong value is never dropped in silence: ``errors`` names the parameter and the remedy. The page
    shows it beside the filter and applies the rest; the API refuses the request with 400.

    ``queryset`` must hold the clusters that the reader may see and nothing else filtered: whether a
    search word is misspelt is decided there.
    """

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """Return the declared filters by parameter, each with the name under which its method is called."""
        made = {declared.name: declared.make() for declared in FILTERS}
        for name, item in made.items():
            item.field_name = item.field_name or name
        return made

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
        for name in TABLES:
            # Only known values are left; a form with hundreds of choices would be copied again and again.
            self.filters[name].extra["choices"] = [(value, value) for value in self.data.getlist(name)]

    # --- what the address says ---

    def _cleaned(self, query: QueryDict) -> QueryDict:
        """Return ``query`` with known parameters and values only; the others become problems."""
        clean = QueryDict(mutable=True)
        for name, values in query.lists():
            declared = BY_NAME.get(name)
            if declared is None:
                if name not in self.beside and not name.startswith(TRACKING_PREFIXES):
                    self.problems[name] = [self._unknown_parameter(name)]
                continue
            given = [value.strip() for value in values if value.strip()]
            given = list(dict.fromkeys(declared.normalised(value) for value in given))
            if name in TABLES:
                known = {option.value for option in self.options[name]}
                # Of a parameter that takes one value, the last one counts.
                wrong = [value for value in (given if declared.is_multiple else given[-1:]) if value not in known]
                if wrong:
                    self.problems[name] = [self._unknown_value(TABLES[name], value) for value in wrong]
                    given = [value for value in given if value in known] if declared.is_multiple else []
            if len(given) > 1 and not declared.is_multiple:
                self.problems[name] = [f"“{name}” may be given once only; {', '.join(given)} were given."]
                given = given[-1:]
            clean.setlist(name, given)
        return clean

    def _unknown_parameter(self, name: str) -> str:
        near = difflib.get_close_matches(name, [*self.base_filters, "page"], n=1)
        hint = f" Did you mean “{near[0]}”?" if near else f" Known are {', '.join(self.base_filters)} and page."
        return f"“{_short(name)}” is no filter.{hint}"

    def _unknown_value(self, facet: TableFacet, value: str) -> str:
        options = self.options[facet.name]
        labels = {option.value: option.label for option in options}
        by_label = {option.label.lower(): option.value for option in options}
        near = difflib.get_close_matches(value, labels, n=1) or difflib.get_close_matches(value.lower(), by_label, n=1)
        hint = ""
        if near:
            slug = near[0] if near[0] in labels else by_label[near[0]]
            hint = f" Did you mean “{slug}” ({labels[slug]})?"
        elif facet.hint:
            hint = f" {facet.hint}"
        return f"“{_short(value)}” is no {in_sentence(facet.label)} of the catalogue.{hint}"

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
        for declared in TYPED:
            value = self.value(declared.name)
            if value is not None and declared.warning and (message := declared.warning(value, self.value)):
                found[declared.name] = [message]
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
        """Return the chosen values of facet ``name`` as the address has them."""
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
        """The order in force: the chosen one, else relevance for a search and the name otherwise."""
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

    def apply_options(self, queryset: ClusterQuerySet, name: str, value: str | list[str]) -> ClusterQuerySet:
        """Keep what the chosen values of a table find."""
        chosen = value if isinstance(value, list) else [value]
        keys = [option.key or option.value for option in self.options[name] if option.value in chosen]
        return queryset.filter(TABLES[name].condition(keys))

    def apply_choice(self, queryset: ClusterQuerySet, name: str, value: str) -> ClusterQuerySet:
        """Keep what the chosen one of a few fixed values finds."""
        facet = BY_NAME[name]
        return queryset.filter(facet.condition(value)) if isinstance(facet, ChoiceFacet) else queryset

    def keep_order(self, queryset: ClusterQuerySet, name: str, value: str) -> ClusterQuerySet:
        """Leave the set alone; ``qs`` sorts at the end."""
        return queryset


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
