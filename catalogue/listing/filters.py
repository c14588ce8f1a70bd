"""The one filter of clusters: page, map, exports, feeds and API all use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

import django_filters
from django.http import QueryDict
from pyroaring import BitMap

from catalogue.index.catalogue_index import CatalogueIndex, current_index
from catalogue.index.changes import Version
from catalogue.listing.declaration import TableFacet, in_sentence
from catalogue.listing.declared import BY_NAME, FILTERS, TABLES, TYPED
from catalogue.listing.messages import Message, nearest, shortened
from catalogue.listing.options import Option, Options, filter_options
from catalogue.managers import ClusterQuerySet
from catalogue.models import Cluster
from catalogue.search import ranking
from catalogue.search.query import read_query
from catalogue.search.reading import Reading, found_by
from catalogue.search.text import sort_key
from catalogue.search.towns import Place, find_town, place_of_town

#: Parameters that an address may have beside the filters.
OTHER_PARAMETERS = frozenset({"page", "page_size", "view", "format", "all"})
#: Filters of which the values in the address and those read in the search text mean "any of them".
READ_TOGETHER = frozenset({*TABLES, "town"})
#: Parameters that other sites add to links; nobody means a filter by them.
TRACKING_PREFIXES = ("utm_", "fbclid", "gclid", "mtm_", "pk_", "mc_")


class ClusterFilter(django_filters.FilterSet):
    """Filters clusters by the parameters of an address.

    A wrong value is never dropped in silence: ``errors`` names the parameter and the remedy. The page
    shows it beside the filter and applies the rest; the API refuses the request with 400.

    ``queryset`` must hold the clusters that the reader may see and nothing else filtered: whether a
    search word is misspelt is decided there. Without it, they are the published ones.

    With ``is_lenient``, a value that is plainly another one ("UK" for GB) is taken for it, with a note in ``notes``;
    else it is an error that names the right one. ``snapshot`` is the index of another filter, for several questions about
    the same moment.
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
        beside: frozenset[str] = OTHER_PARAMETERS,
        is_lenient: bool = False,
        snapshot: tuple[Version, CatalogueIndex] | None = None,
        **kwargs: Any,
    ) -> None:
        self.version, self.index = snapshot or current_index()
        self.scope = self.index.published() if queryset is None else BitMap(queryset.values_list("pk", flat=True))
        self.is_lenient = is_lenient
        self.notes: list[str] = []

        query = data.copy() if isinstance(data, QueryDict) else QueryDict(mutable=True)
        if data is not None and not isinstance(data, QueryDict):
            for name, value in data.items():
                query.setlist(name, [str(item) for item in (value if isinstance(value, (list, tuple)) else [value])])
        self.options: Options = filter_options(self.index, None if queryset is None else self.scope)
        self.beside = beside
        self.problems: dict[str, list[Message]] = {}
        self.typed: dict[str, str] = {}  # the last value of each parameter as it was given
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
            # Each value as it is compared, with how it was typed: messages name the latter.
            typed: dict[str, str] = {}
            for value in filter(None, map(str.strip, values)):
                typed.setdefault(declared.normalised(value), value)
            given = list(typed)
            if len(given) > 1 and not declared.is_multiple:
                every = ", ".join(shortened(value) for value in typed.values())
                self.problems[name] = [Message(f"“{name}” can be given once. Given were {every}; the last one counts.")]
                given = given[-1:]
            if name in TABLES:
                known = {option.value for option in self.options[name]}
                meant = {value: value if value in known else self._meant(name, value, typed[value]) for value in given}
                typed = {meant[value]: typed[value] for value in given}
                given = list(typed)
                if wrong := [typed[value] for value in given if value not in known]:
                    self.problems[name] = [self._unknown_value(TABLES[name], value) for value in wrong]
                    given = [value for value in given if value in known]
            self.typed[name] = typed[given[-1]] if given else ""
            clean.setlist(name, given)
        return clean

    def _meant(self, name: str, value: str, given: str) -> str:
        """Return the value of filter ``name`` that ``value``, typed as ``given``, is another word for, for lenient readers."""
        other = self._other_value(name, value)
        if other is None or not self.is_lenient:
            return value
        note = f"“{shortened(given)}” was read as {other.label} ({other.value})."
        if note not in self.notes:
            self.notes.append(note)
        return other.value

    def _other_value(self, name: str, value: str) -> Option | None:
        lexicon = self.index.lexicon
        code = lexicon.codes.get(value.upper()) if name == "country" else None
        for meaning in [code] if code else lexicon.meanings(sort_key(value)):
            if meaning.filter == name and meaning.kind != "group" and meaning.values:
                return next((option for option in self.options[name] if option.value == meaning.values[0]), None)
        return None

    def _unknown_parameter(self, name: str) -> Message:
        known = dict.fromkeys((*self.base_filters, "page"), "")
        text = f"“{shortened(name)}” is no filter."
        if near := nearest(name, known):
            return Message(text, given=name, meant=near)
        return Message(f"{text} Known are {', '.join(known)}.")

    def _unknown_value(self, facet: TableFacet, value: str) -> Message:
        labels = {option.value: option.label for option in self.options[facet.name]}
        text = f"“{shortened(value)}” is no {in_sentence(facet.label)} of the catalogue."
        other = self._other_value(facet.name, value)
        if near := other.value if other else nearest(value, labels):
            return Message(text, given=value, meant=near, label=labels[near])
        return Message(f"{text} {facet.hint}".strip())

    @property
    def snapshot(self) -> tuple[Version, CatalogueIndex]:
        """The index that is asked, for another filter."""
        return self.version, self.index

    @property
    def errors(self) -> dict[str, list[Message]]:
        """Messages by parameter about parameters and values that do not exist; one for each mistake."""
        refused = {name: [BY_NAME[name].refusal(self.typed[name])] for name in self.form.errors}
        return {**self.problems, **refused}

    @property
    def warnings(self) -> dict[str, list[str]]:
        """Messages by parameter about right values that together can find nothing; no error for programs."""
        found = {}
        for declared in TYPED:
            value = self.value(declared.name)
            if value is not None and declared.warning and (message := declared.warning(value, self.value)):
                found[declared.name] = [message]
        if (near := self.value("near")) and self.near is None:
            found["near"] = [
                f"No town called “{shortened(near)}” is known. Use its name in English or its own language."
            ]
        elif self.value("sort") == "distance" and self.near is None:
            found["sort"] = ["A distance needs a town: look for “near” and its name. The list is in its usual order."]
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
        return [
            name for name, declared in BY_NAME.items() if declared.narrows and self.value(name) not in (None, "", [])
        ]

    def query_string(self, *, leave_out: tuple[str, ...] = ()) -> str:
        """Return the right part of the address as a query string, without the parameters ``leave_out``."""
        query = QueryDict(mutable=True)
        for name in BY_NAME:
            if name not in leave_out and (values := self.selected(name)):
                query.setlist(name, values)
        return query.urlencode()

    # --- what the search text means ---

    @cached_property
    def interpretation(self) -> Reading | None:
        """What the search text means; ``None`` without one."""
        text = self.value("q")
        return read_query(text, self.index, self.scope, self.value("read") or "") if text else None

    def read_values(self, name: str) -> tuple[str, ...]:
        """Return the values of filter ``name`` that the search text means."""
        return tuple(map(str, self.interpretation.filters.get(name, ()))) if self.interpretation else ()

    @cached_property
    def near(self) -> Place | None:
        """The town by whose distance the list is sorted: of the address, else of the search text."""
        if text := self.value("near"):
            folded = sort_key(text)
            for meaning in self.index.lexicon.meanings(folded):
                if meaning.kind == "town":
                    return place_of_town(meaning.values[0], meaning.label, self.index, self.scope)
            found = find_town([folded])
            return found[1] if found else None
        return self.interpretation.near if self.interpretation else None

    # --- what it finds ---

    @property
    def order(self) -> str:
        """The order in force: the chosen one, else the distance from a town, relevance for a search, the name."""
        chosen = self.value("sort")
        if chosen and (chosen != "distance" or self.near):
            return str(chosen)
        return "distance" if self.near else self.usual_order

    @property
    def usual_order(self) -> str:
        """The order without a choice and a town: relevance for a search, else the name."""
        return "relevance" if self.value("q") else "name"

    def narrowed_by(self, name: str) -> bool:
        """Return whether filter ``name`` is set, by the address or by the search text."""
        return self.value(name) not in (None, "", []) or (
            self.interpretation is not None and name in self.interpretation.filters
        )

    @cached_property
    def found(self) -> BitMap:
        """The clusters found, as a set of primary keys."""
        return self.without()

    def without(self, *names: str) -> BitMap:
        """Return the clusters found if the filters ``names`` were not set; without "q", nothing of the text counts."""
        if "q" in self.form.errors and "q" not in names:
            return BitMap()  # a text that is refused: all of them would look like an answer
        found = self.scope.copy()
        reading = None if "q" in names else self.interpretation
        for name, declared in BY_NAME.items():
            if name in names or not declared.narrows or name == "q":
                continue
            chosen = self.value(name)
            is_set, read = chosen not in (None, "", []), reading.filters.get(name) if reading else None
            if name in READ_TOGETHER and (is_set or read is not None):
                found &= found_by(self.index, name, [*self.selected(name), *(read or ())])
            else:
                # Of a number, both count: the address and the text.
                if is_set:
                    found &= declared.found(self.index, chosen)
                if read is not None:
                    found &= found_by(self.index, name, read)
        return reading.narrowed(found, self.index, names) if reading else found

    def in_order(self) -> Iterator[int]:
        """Yield the primary keys of the clusters found, in order."""
        order = self.order
        if order == "distance" and self.near:
            return iter(sorted(self.index.in_order(self.found), key=self._distance_key))
        if order == "relevance":
            reading = self.interpretation
            return ranking.in_order(self.found, reading, self.index) if reading else self.index.in_order(self.found)
        return self.index.in_order(self.found, order)

    def distance_km(self, pk: int) -> float | None:
        """Return how far a cluster is from the town that the list is sorted by; ``None`` if that is not known."""
        entry = self.index.entries.get(pk)
        if self.near is None or entry is None or entry.point is None or not entry.is_in_place:
            return None
        return self.near.distance_km(entry.point)

    def _distance_key(self, pk: int) -> float:
        distance = self.distance_km(pk)
        return float("inf") if distance is None else distance

    @property
    def qs(self) -> ClusterQuerySet:
        """The clusters found, in no order, for what SQL has to go on with."""
        return Cluster.objects.with_keys(self.found)

    def rows(self, queryset: ClusterQuerySet, start: int = 0, stop: int | None = None) -> list[Cluster]:
        """Return a part of the clusters found, in order, as ``queryset`` fetches them."""
        return queryset.in_order_of(list(islice(self.in_order(), start, stop)))
