"""Counts beside the filters: every facet counted against all *other* filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, CharField, Count, F, QuerySet, Value, When
from django.db.models.expressions import Combinable

from catalogue.filters import FACETS, PRIORITY_CHOICES, VOCABULARIES

if TYPE_CHECKING:
    from catalogue.filters import ClusterFilter

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet with the number of clusters that choosing it would show."""

    value: str
    label: str
    count: int
    is_selected: bool
    parent: str = ""


@dataclass(frozen=True)
class Facet:
    """One facet as page and API show it."""

    name: str
    label: str
    values: tuple[FacetValue, ...]
    is_multiple: bool

    @property
    def has_selection(self) -> bool:
        """Whether one of its values is chosen."""
        return any(value.is_selected for value in self.values)


def facet_counts(filterset: ClusterFilter) -> Counts:
    """Return ``{facet: {value: clusters}}`` and ``{"total": {"": clusters}}`` in one query.

    A facet that is not filtered by shares its base set with the others, so the vocabularies without a
    choice are counted together; each facet with a choice is counted without it.
    """
    active = set(filterset.active)
    everything = filterset.without()
    parts: list[QuerySet] = []
    columns: dict[str, Combinable] = {
        "country": F("country_id"),
        "region": F("region__slug"),
        "network": F("networks__slug"),
        "priority": Case(When(is_priority=True, then=Value("true")), default=Value("false"), output_field=CharField()),
    }
    for name, column in columns.items():
        base = filterset.without(name) if name in active else everything
        parts.append(_part(base, Value(name, output_field=CharField()), column))
    # The priority counts of the full set add up to its size; asked for again only under a choice.
    if "priority" in active:
        parts.append(_part(everything, Value("total", output_field=CharField()), columns["priority"]))
    parts.append(_part(everything, F("terms__vocabulary"), F("terms__slug")))
    for name in VOCABULARIES:
        if name in active:
            base = filterset.without(name).filter(terms__vocabulary=name)
            parts.append(_part(base, Value(f"own:{name}", output_field=CharField()), F("terms__slug")))
    counts: Counts = {name: {} for name in (*FACETS, "total")}
    own: Counts = {}
    for kind, value, number in parts[0].union(*parts[1:], all=True):
        if kind is None or value is None:
            continue  # clusters without a region, network or term
        if kind.startswith("own:"):
            own.setdefault(kind.removeprefix("own:"), {})[value] = number
        else:
            counts[kind][value] = number
    for name in VOCABULARIES:
        if name in active:
            counts[name] = own.get(name, {})
    total = counts["total"] if "priority" in active else counts["priority"]
    counts["total"] = {"": sum(total.values())}
    return counts


def build_facets(filterset: ClusterFilter, counts: Counts) -> list[Facet]:
    """Return the facets that have values, in the order in which they are shown."""
    facets = []
    for name in FACETS:
        chosen = set(filterset.selected(name))
        if name == "priority":
            values = [(value, label, "") for value, label in PRIORITY_CHOICES]
        else:
            values = [(option.value, option.label, option.parent) for option in filterset.options[name]]
        if not values:
            continue
        facets.append(
            Facet(
                name=name,
                label=str(filterset.filters[name].label),
                values=tuple(
                    FacetValue(value, label, counts[name].get(value, 0), value in chosen, parent)
                    for value, label, parent in values
                ),
                is_multiple=name not in ("priority", "network"),
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
