"""The values that readers may filter by, fetched in one query."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value

from catalogue.models import Cluster, Country, Network, Region, Term


@dataclass(frozen=True)
class Option:
    """One value of a filter: what stands in the address, what people read, and its order."""

    value: str
    label: str
    sort_name: str
    parent: str = ""  # the country code of a region
    key: int = 0  # the primary key; a country's is its value


Options = dict[str, list[Option]]


def filter_options() -> Options:
    """Return the options of every filter that has a fixed list, in the order of their names.

    Countries and regions are those of published clusters: a value that only unpublished clusters have
    would give them away. Terms and networks are all there are, since they are public themselves.
    """
    published = Cluster.objects.published()
    parts = [
        _part("country", Country.objects.filter(Exists(published.filter(country=OuterRef("pk")))), F("code")),
        _part(
            "region",
            Region.objects.filter(Exists(published.filter(region=OuterRef("pk")))),
            F("slug"),
            F("country_id"),
        ),
        _part("network", Network.objects.all(), F("slug")),
        _part(F("vocabulary"), Term.objects.all(), F("slug")),
    ]
    options: Options = {name: [] for name in ("country", "region", "network", *Term.Vocabulary.values)}
    for kind, value, label, sort_name, parent, key in parts[0].union(*parts[1:], all=True):
        options[kind].append(Option(value, label, sort_name, parent, key))
    for values in options.values():
        values.sort(key=lambda option: (option.sort_name, option.value))
    return options


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
