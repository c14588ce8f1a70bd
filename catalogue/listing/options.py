"""The values that readers may filter by, fetched in one query."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import CharField, QuerySet, Value

from catalogue.listing.declaration import TableFacet
from catalogue.listing.declared import TABLES
from catalogue.models import Cluster

KINDS: tuple[str, ...] = tuple(TABLES)


class Option(NamedTuple):
    """One value of a filter: its text in addresses, what people read, and its order."""

    value: str
    label: str
    sort_name: str
    parent: str = ""  # the country code of a region
    key: int = 0  # the primary key; a country's is its value


Options = dict[str, list[Option]]


def filter_options(kinds: Iterable[str] = KINDS) -> Options:
    """Return the options of every filter that has a fixed list, in the order of their names.

    Countries and regions are those of published clusters. Terms and networks are all there are, since they are
    public themselves. ``kinds`` says which lists are needed; the others stay empty.
    """
    options: Options = {name: [] for name in KINDS}
    wanted = frozenset(kinds)
    if wanted:
        sql, parameters = _statement(wanted)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            for kind, *values in cursor.fetchall():
                options[kind].append(Option(*values))
    for found in options.values():
        found.sort(key=attrgetter("sort_name", "value"))
    return options


@cache
def _statement(kinds: frozenset[str]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL; it is the same every time, and writing it took longer than running it."""
    by_source: dict[int, list[TableFacet]] = {}
    for facet in TABLES.values():
        if facet.name in kinds:
            by_source.setdefault(id(facet.source), []).append(facet)
    parts = [_part(facets) for facets in by_source.values()]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return found.query.sql_with_params()


def _part(facets: list[TableFacet]) -> QuerySet:
    """Return the values of facets that share their source."""
    source = facets[0].source
    rows = source.rows(Cluster.objects.published(), sorted(facet.name for facet in facets))
    return (
        rows.order_by()
        .annotate(
            option_kind=source.kind or Value(facets[0].name, output_field=CharField()),
            option_value=source.value,
            option_parent=source.parent or Value("", output_field=CharField()),
            option_key=source.key or Value(0),
        )
        .values_list("option_kind", "option_value", "name", "sort_name", "option_parent", "option_key")
    )
