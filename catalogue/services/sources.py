"""Noting where the values of a profile are from. Whoever writes a public value calls :func:`note_sources`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from catalogue.models import Cluster, FactSource, Term
from catalogue.profile.fields import FIELDS
from catalogue.profile.sources import source_field

Origin = FactSource.Origin
_VOCABULARIES = {field.name: field.vocabulary for field in FIELDS if field.vocabulary}
#: Fields that are lists or rows beside the cluster.
LISTED = frozenset(
    {*_VOCABULARIES, "networks", "target_markets", "showcase_items", "social_links", "figures"}
)  # fmt: skip
#: What a source says, as snapshots of a cluster keep it.
COLUMNS = ("field", "origin", "label", "as_of")


@dataclass(frozen=True)
class Source:
    """Who says so and of when; ``as_of`` is as exact as it is known (:mod:`catalogue.partial_dates`)."""

    origin: FactSource.Origin
    label: str
    as_of: str = ""


def from_cluster(day: date) -> Source:
    """Return the source of what a cluster said on ``day``."""
    return Source(Origin.CLUSTER, "the cluster", day.isoformat())


def from_staff(label: str = "staff") -> Source:
    """Return the source of what staff writes today."""
    return Source(Origin.STAFF, label, timezone.localdate().isoformat())


def note_sources(*, cluster: Cluster, names: Iterable[str], source: Source) -> None:
    """Note ``source`` for the fields of the stored ``cluster`` that the fields or columns ``names`` are of.

    A field that says nothing any more has no source either. Names without a source are passed over.
    """
    fields = {field for name in names if (field := source_field(name))}
    filled = {field for field in fields if has_value(cluster, field)}
    FactSource.objects.filter(cluster=cluster, field__in=fields - filled).delete()
    write_sources([(cluster.pk, field, source) for field in sorted(filled)])


def write_sources(rows: Iterable[tuple[int, str, Source]]) -> None:
    """Store the source of each field, given with the cluster's key, in place of the one that it had."""
    FactSource.objects.bulk_create(
        [
            FactSource(cluster_id=key, field=field, origin=source.origin, label=source.label, as_of=source.as_of)
            for key, field, source in rows
        ],
        update_conflicts=True,
        unique_fields=["cluster", "field"],
        update_fields=["origin", "label", "as_of"],
        batch_size=200,
    )


def sources_of(cluster: Cluster) -> list[dict[str, str]]:
    """Return the sources of ``cluster`` as plain values, by field."""
    return list(cluster.fact_sources.order_by("field").values(*COLUMNS))


def restore_sources(cluster: Cluster, sources: Iterable[dict[str, str]]) -> None:
    """Give ``cluster`` exactly the ``sources`` that :func:`sources_of` returned."""
    cluster.fact_sources.all().delete()
    FactSource.objects.bulk_create([FactSource(cluster=cluster, **values) for values in sources])


def copy_sources(*, target: Cluster, source: Cluster, fields: Iterable[str]) -> None:
    """Let the ``fields`` of ``target``, whose values are from ``source`` now, have the sources that they had there."""
    fields = set(fields)
    target.fact_sources.filter(field__in=fields).delete()
    found = source.fact_sources.filter(field__in=fields).values(*COLUMNS)
    FactSource.objects.bulk_create([FactSource(cluster=target, **values) for values in found])


def changed_vocabularies(before: Iterable[Term], after: Iterable[Term]) -> set[str]:
    """Return the fields of the vocabularies in which two lists of terms differ."""
    fields = {vocabulary: field for field, vocabulary in _VOCABULARIES.items()}
    return {fields[term.vocabulary] for term in set(before) ^ set(after)}


def has_value(cluster: Cluster, field: str) -> bool:
    """Return whether the stored ``cluster`` says something in ``field``."""
    if field in _VOCABULARIES:
        return cluster.terms.filter(vocabulary=_VOCABULARIES[field]).exists()
    value: Any = getattr(cluster, field)
    if hasattr(value, "exists"):
        return bool(value.exists())
    return bool(value) and value != Cluster.QualityLabel.NONE
