"""Counts beside the filters: every facet counted against all *other* filters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from catalogue.listing.declaration import ChoiceFacet, in_sentence, plural
from catalogue.listing.declared import FACETS

if TYPE_CHECKING:
    from catalogue.listing.filters import ClusterFilter

Counts = dict[str, dict[str, int]]

#: A facet with more values shows only those with most clusters, until all are requested.
LARGE, SHOWN_OF_LARGE = 40, 20


@dataclass(slots=True)  # not frozen: a page makes hundreds
class FacetValue:
    """One value of a facet with the number of clusters that choosing it would show."""

    value: str
    label: str
    count: int
    is_selected: bool
    parent: str = ""
    is_read: bool = False  # in the search text


@dataclass
class Facet:
    """One facet as page and API show it."""

    name: str
    label: str
    values: tuple[FacetValue, ...]
    is_multiple: bool
    shows_all: bool = False  # requested
    is_folded: bool = True

    @property
    def has_selection(self) -> bool:
        """Whether one of its values is chosen, or read in the search text."""
        return any(value.is_selected or value.is_read for value in self.values)

    @property
    def is_large(self) -> bool:
        """Whether it has too many values to show them all unasked."""
        return len(self.values) > LARGE

    @property
    def plural(self) -> str:
        """Its name in the middle of a sentence that speaks of many values."""
        return in_sentence(plural(self.label))

    @cached_property
    def shown(self) -> tuple[FacetValue, ...]:
        """The values that a page shows, in their order.

        Of a large facet these are the chosen ones and those with most clusters, until all are requested.
        """
        if self.shows_all or not self.is_large:
            return self.values
        most = sorted((value for value in self.values if value.count), key=lambda value: -value.count)
        shown = {value.value for value in most[:SHOWN_OF_LARGE]}
        return tuple(value for value in self.values if value.is_selected or value.is_read or value.value in shown)

    @property
    def hides_some(self) -> bool:
        """Whether a value with clusters is not shown."""
        return len(self.shown) < len(self.values) and sum(1 for v in self.values if v.count) > sum(
            1 for v in self.shown if v.count
        )


def facet_counts(filterset: ClusterFilter, *leave_out: str) -> Counts:
    """Return ``{facet: {value: clusters}}`` and ``{"total": {"": clusters}}``, each facet without its own choice.

    The counts of facets, not the total, are those without the filters ``leave_out``.
    """
    index = filterset.index
    counts: Counts = {"total": {"": len(filterset.found)}}
    found = filterset.without(*leave_out) if leave_out else filterset.found
    for name, facet in FACETS.items():
        base = filterset.without(name, *leave_out) if filterset.narrowed_by(name) else found
        values = (
            [value for value, _label in facet.choices] if isinstance(facet, ChoiceFacet) else index.shared.values[name]
        )
        holders = index.keys[name]
        numbers = ((value, holders.whole(value).intersection_cardinality(base)) for value in values)
        counts[name] = {value: number for value, number in numbers if number}
    return counts


def build_facets(filterset: ClusterFilter, counts: Counts, shows_all: Collection[str] = ()) -> list[Facet]:
    """Return the facets that have values, in the order in which they are shown.

    ``shows_all`` names the large facets of which all values are requested.
    """
    facets = []
    for name, declared in FACETS.items():
        chosen = set(filterset.selected(name))
        read = filterset.read_values(name)
        if isinstance(declared, ChoiceFacet):
            values = [(value, label, "") for value, label in declared.choices]
        else:
            values = [(option.value, option.label, option.parent) for option in filterset.options[name]]
        if not values:
            continue
        facets.append(
            Facet(
                name=name,
                label=declared.label,
                values=tuple(
                    FacetValue(value, label, counts[name].get(value, 0), value in chosen, parent, value in read)
                    for value, label, parent in values
                ),
                is_multiple=declared.is_multiple,
                shows_all=name in shows_all,
                is_folded=declared.is_folded,
            )
        )
    return facets


def loosened(filterset: ClusterFilter) -> dict[str, int]:
    """Return for each active filter how many clusters there would be without it."""
    return {name: len(filterset.without(name)) for name in filterset.active}
