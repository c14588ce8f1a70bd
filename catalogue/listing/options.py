"""The values that readers may filter by, fetched in one query."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value

from catalogue.models import Cluster, Country, Network, Region, Term

KINDS: tuple[str, ...] = ("country", "region", "network", *Term.Vocabulary.values)


class Option(NamedTuple):
    """One value of a filter: what stands in the address, what people read, and its order."""

    value: str
    label: str
    sort_name: str
    parent: str = ""  # the country code of a region
    key: int = 0  # the primary key; a country's is its value


Options = dict[str, list[Option]]


def filter_options(kinds: Iterable[str] = KINDS) -> Options:
    """Return the options of every filter that has a fixed list, in the order of their names.

    Countries and regions are those of published clusters: a value that only unpublished clusters have
    would give them away. Terms and networks are all there are, since they are public themselves.
    ``kinds`` says which lists are needed; the others stay empty.
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
    published = Cluster.objects.published()
    parts = []
    if "country" in kinds:
        parts.append(
            _part("country", Country.objects.filter(Exists(published.filter(country=OuterRef("pk")))), F("code"))
        )
    if "region" in kinds:
        regions = Region.objects.filter(Exists(published.filter(region=OuterRef("pk"))))
        parts.append(_part("region", regions, F("slug"), F("country_id")))
    if "network" in kinds:
        parts.append(_part("network", Network.objects.all(), F("slug")))
    if vocabularies := sorted(kinds.intersection(Term.Vocabulary.values)):
        parts.append(_part(F("vocabulary"), Term.objects.filter(vocabulary__in=vocabularies), F("slug")))
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return found.query.sql_with_params()


def _part(kind: str | F, queryset: QuerySet, value: F, parent: F | None = None) -> QuerySet:
    constant = Value(kind, output_field=CharField()) if isinstance(kind, str) else kind
    return (
        queryset.order_by()
        .annotate(
            option_kind=constant,
            option_value=value,
            option_parent=parent or Value("", output_field=CharField()),
            option_key=Value(0) if queryset.model is Country else F("pk"),
        )
        .values_list("option_kind", "option_value", "name", "sort_name", "option_parent", "option_key")
    )
