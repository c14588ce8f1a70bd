"""Values of clusters as JSON stores them: read, compared, shown as text, written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db.models import Prefetch, QuerySet
from django.utils import formats
from django.utils.dateparse import parse_date

from catalogue.models import Cluster, Country, Network, Term
from catalogue.search.text import tidy
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS, NAMES, Kind, SubmissionField
from workplace.versions import describe_version

#: A value as JSON holds it.
Value = str | int | bool | list[str] | None
Values = dict[str, Value]


def with_values(clusters: QuerySet[Cluster]) -> QuerySet[Cluster]:
    """Fetch with ``clusters`` all that :func:`read_values` needs: four queries for any number."""
    return clusters.select_related("country", "region").prefetch_related(
        Prefetch("terms", Term.objects.only("vocabulary", "slug")),
        Prefetch("networks", Network.objects.only("slug")),
        "target_markets",
    )


def read_values(cluster: Cluster, names: Iterable[str] = NAMES) -> Values:
    """Return what ``cluster`` says now in the fields ``names``."""
    return {name: _read(cluster, BY_NAME[name]) for name in names}


def _read(cluster: Cluster, spec: SubmissionField) -> Value:
    if spec.kind == Kind.COUNTRY:
        return cluster.country_id or ""
    if spec.kind == Kind.REGION:
        return cluster.region.slug if cluster.region else ""
    if cluster.pk is None and spec.is_list:
        return []
    if spec.kind == Kind.TERMS:
        return sorted(term.slug for term in cluster.terms.all() if term.vocabulary == spec.vocabulary)
    if spec.kind == Kind.COUNTRIES:
        return sorted(country.code for country in cluster.target_markets.all())
    if spec.kind == Kind.NETWORKS:
        return sorted(network.slug for network in cluster.networks.all())
    if spec.kind == Kind.LOGO:
        return cluster.logo.name or ""
    return as_json(spec, getattr(cluster, spec.name))


def as_json(spec: SubmissionField, value: Any) -> Value:
    """Return a Python value of ``spec`` as JSON stores it; what is nothing becomes ``spec.empty``."""
    if value is None or value == "":
        return spec.empty
    if spec.is_list:
        return sorted(str(item) for item in value)
    if spec.kind == Kind.DECIMAL:
        # 4.50 and 4.5 are the same number and must not look like a change.
        return f"{Decimal(str(value)).normalize():f}"
    if spec.kind == Kind.DATE:
        return value if isinstance(value, str) else value.isoformat()
    if spec.kind == Kind.FLAG:
        return bool(value)
    if spec.kind == Kind.WHOLE:
        return int(value)
    return tidy(str(value)) if spec.kind != Kind.LOGO else str(value)


def changed_names(proposed: Mapping[str, Value], live: Mapping[str, Value]) -> list[str]:
    """Return the fields of ``proposed`` whose value differs from ``live``, in the order of the form."""
    return [
        spec.name for spec in FIELDS if spec.name in proposed and proposed[spec.name] != live.get(spec.name, spec.empty)
    ]


def fingerprint(values: Mapping[str, Value]) -> str:
    """Return a short text that differs when any of ``values`` does."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def as_text(spec: SubmissionField, value: Value, choices: Choices) -> str:
    """Return ``value`` as a reader sees it; empty for nothing. Lists are joined by "; "."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == spec.empty:
        return ""
    if spec.kind == Kind.LOGO:
        return "a logo"
    if isinstance(value, list):
        known = choices.of(spec)
        return "; ".join(sorted((known.get(item, item) for item in value), key=str.casefold))
    if spec.kind == Kind.DATE:
        day = parse_date(str(value))
        return formats.date_format(day, "j F Y") if day else str(value)
    if known := choices.of(spec):
        return known.get(str(value), str(value))
    if spec.kind == Kind.WHOLE and spec.name != "founded":
        return f"{value:,}"
    return str(value)


def write_values(cluster: Cluster, values: Mapping[str, Value], choices: Choices) -> None:
    """Set the plain fields of ``values`` on ``cluster`` without saving; lists are for :func:`write_lists`.

    A logo is left out too: its file is given to ``cluster.logo`` by the caller.
    """
    for name, value in values.items():
        spec = BY_NAME[name]
        if spec.is_list or spec.kind == Kind.LOGO:
            continue
        if spec.kind == Kind.COUNTRY:
            cluster.country_id = value  # type: ignore[assignment]  # a code, or refused by validation
        elif spec.kind == Kind.REGION:
            cluster.region_id = choices.keys["region", str(value)] if value else None
        elif spec.kind == Kind.DECIMAL:
            setattr(cluster, name, None if value is None else Decimal(str(value)))
        elif spec.kind == Kind.DATE:
            setattr(cluster, name, None if value is None else parse_date(str(value)))
        else:
            setattr(cluster, name, value)


def write_lists(
    cluster: Cluster, values: Mapping[str, Value], choices: Choices, *, by: User | None = None, reason: str = ""
) -> None:
    """Give a stored ``cluster`` the terms, target markets and networks of ``values``; others stay.

    Networks are written from their own side, since they keep the history of their clusters: ``by`` and ``reason``
    go into it.
    """
    vocabularies = {spec.vocabulary: spec.name for spec in FIELDS if spec.kind == Kind.TERMS and spec.name in values}
    if vocabularies:
        others = [term.pk for term in cluster.terms.all() if term.vocabulary not in vocabularies]
        wanted = [choices.keys[voc, slug] for voc, name in vocabularies.items() for slug in _items(values[name])]
        cluster.terms.set([*others, *wanted])
    if "target_markets" in values:
        cluster.target_markets.set(Country.objects.filter(code__in=_items(values["target_markets"])))
    if "networks" in values:
        wanted_networks = {choices.keys["network", slug] for slug in _items(values["networks"])}
        for network in cluster.networks.all():
            if network.pk not in wanted_networks:
                describe_version(network, reason=reason or None, by=by).clusters.remove(cluster)
        for network in Network.objects.filter(pk__in=wanted_networks).exclude(clusters=cluster):
            describe_version(network, reason=reason or None, by=by).clusters.add(cluster)


def _items(value: Value) -> list[str]:
    return value if isinstance(value, list) else []


def stored_logo(file: Any) -> ContentFile:
    """Return a copy of a stored logo for another record, under its own name."""
    with file.open("rb") as opened:
        return ContentFile(opened.read(), name=file.name.rpartition("/")[2])
