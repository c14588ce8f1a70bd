"""Counts beside the filters: every facet counted against all *other* filters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.expressions import Combinable

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
        """Whether one of its values is chosen."""
        return any(value.is_selected for value in self.values)

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
        return tuple(value for value in self.values if value.is_selected or value.value in shown)

    @property
    def hides_some(self) -> bool:
        """Whether a value with clusters is not shown."""
        return len(self.shown) < len(self.values) and sum(1 for v in self.values if v.count) > sum(
            1 for v in self.shown if v.count
        )


def facet_counts(filterset: ClusterFilter) -> Counts:
    """Return ``{facet: {value: clusters}}`` and ``{"total": {"": clusters}}`` in one query.

    The clusters that all filters find are looked for once and counted by every facet without a choice;
    each facet with a choice is counted without it. The ORM writes the conditions; it cannot write the
    common part (``WITH``), without which every facet would search again.
    """
    counts: Counts = {name: {} for name in (*FACETS, "total")}
    chosen = [name for name in FACETS if name in filterset.active]
    try:
        found, parameters = filterset.without().values_list("id", *_COLUMNS).query.sql_with_params()
        own = [_own(filterset, name).query.sql_with_params() for name in chosen]
    except EmptyResultSet:
        counts["total"] = {"": 0}
        return counts
    sql = _COUNTS.format(found=found) + "".join(
        f" UNION ALL SELECT * FROM ({part}) own_{n}"  # noqa: S608 - the ORM wrote it; values stay parameters
        for n, (part, _) in enumerate(own)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *(value for _part, values in own for value in values)])
        rows = cursor.fetchall()
    for kind, value, number in rows:
        # The total, and values of facets without a choice; those of the others follow as "own:…".
        if kind not in chosen:
            counts[kind.removeprefix("own:")][value] = int(number)
    counts["total"] = {"": sum(counts["total"].values())}
    return counts


_COLUMNS = tuple(facet.counting.column for facet in FACETS.values() if facet.counting.column)
_LISTED = ", ".join(_COLUMNS)
#: The columns of all facets come from one grouping; its few rows are added up once for each.
_COUNTS = " UNION ALL ".join(
    [
        f"WITH found (id, {_LISTED}) AS ({{found}}), places AS ("  # noqa: S608 - columns and parts are declared
        f"SELECT {_LISTED}, COUNT(*) AS number FROM found GROUP BY {_LISTED}"
        ") SELECT 'total' AS facet_kind, '' AS facet_value, SUM(number) AS facet_count FROM places HAVING COUNT(*) > 0",
        *dict.fromkeys(facet.counting.sql for facet in FACETS.values()),
    ]
)


def _own(filterset: ClusterFilter, name: str) -> QuerySet:
    """Return the counts of a facet with a choice: those of the clusters that the other filters find."""
    counting = FACETS[name].counting
    base = filterset.without(name).filter(counting.only)
    return _part(base, Value(f"own:{name}", output_field=CharField()), counting.value)


def build_facets(filterset: ClusterFilter, counts: Counts, shows_all: Collection[str] = ()) -> list[Facet]:
    """Return the facets that have values, in the order in which they are shown.

    ``shows_all`` names the large facets of which all values are requested.
    """
    facets = []
    for name, declared in FACETS.items():
        chosen = set(filterset.selected(name))
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
                    FacetValue(value, label, counts[name].get(value, 0), value in chosen, parent)
                    for value, label, parent in values
                ),
                is_multiple=declared.is_multiple,
                shows_all=name in shows_all,
                is_folded=declared.is_folded,
            )
        )
    return facets


def loosened(filterset: ClusterFilter) -> dict[str, int]:
    """Return for each active filter how many clusters there would be without it, in one query."""
    parts = [
        _part(filterset.without(name), Value(name, output_field=CharField()), F("status")) for name in filterset.active
    ]
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {name: number for name, _status, number in rows}


def _part(queryset: QuerySet, kind: Combinable, value: Combinable) -> QuerySet:
    return (
        queryset.order_by()
        .annotate(facet_kind=kind, facet_value=value)
        .values("facet_kind", "facet_value")
        .annotate(facet_count=Count("pk"))
        .values_list("facet_kind", "facet_value", "facet_count")
    )
