"""The columns of every export, in one place: names, types, meanings and where the values come from.

The names are a promise (``docs/exports.md`` lists them, a test compares): columns may be added at the
end, never renamed or moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localdate

from catalogue.managers import ClusterQuerySet
from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster, Term

BATCH = 500  # rows in memory at once


@dataclass(frozen=True)
class Column:
    """One column. ``value`` gives text, a number, a boolean, a date, a list of texts or ``None``."""

    name: str
    meaning: str
    value: Callable[[Cluster], Any]


def _terms(vocabulary: str) -> Callable[[Cluster], list[str]]:
    return lambda cluster: [term.name for term in cluster.terms.all() if term.vocabulary == vocabulary]


def _place(cluster: Cluster, name: str) -> str:
    # The capital only stands for a country there; naming it would say more than is known.
    return "" if cluster.precision == Cluster.Precision.COUNTRY else name


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def columns(base_url: str) -> list[Column]:
    """Return all columns; ``base_url`` (scheme and host) makes addresses absolute."""
    vocabularies = {
        Term.Vocabulary.VERTICAL: "verticals",
        Term.Vocabulary.SECTOR: "sectors",
        Term.Vocabulary.EMERGING_INDUSTRY: "emerging_industries",
        Term.Vocabulary.TECHNOLOGY_FIELD: "technology_fields",
        Term.Vocabulary.S3_PRIORITY: "s3_priorities",
    }
    return [
        Column("id", "stable public id (UUID), survives renames", lambda c: str(c.public_id)),
        Column("slug", "last part of the profile's address", lambda c: c.slug),
        Column("name", "name", lambda c: c.name),
        Column("acronym", "acronym", lambda c: c.acronym),
        Column("former_names", "former names (list)", lambda c: c.former_name_list),
        Column("country_code", "ISO 3166-1 code, EU for pan-European", lambda c: c.country_id),
        Column("country", "name of the country", lambda c: c.country.name),
        Column("region", "name of the region", lambda c: c.region.name if c.region else ""),
        Column("region_slug", "the region in addresses of filters", lambda c: c.region.slug if c.region else ""),
        Column("place", "town; empty where only the country is known", lambda c: _place(c, c.place)),
        Column("place_local_name", "town in its own language, if different", lambda c: _place(c, c.place_local_name)),
        Column("latitude", "degrees north, WGS 84", lambda c: _number(c.latitude)),
        Column("longitude", "degrees east, WGS 84", lambda c: _number(c.longitude)),
        Column("precision", "seat, region or country: how well the place is known", lambda c: c.precision),
        *[Column(name, f"{Term.Vocabulary(v).label} terms (list)", _terms(v)) for v, name in vocabularies.items()],
        Column("networks", "networks (list)", lambda c: [network.name for network in c.networks.all()]),
        Column("priority", "whether it is a priority cluster", lambda c: c.is_priority),
        Column("core_cybersecurity", "whether cybersecurity is its core activity", lambda c: c.core_cybersecurity),
        Column("members", "number of members", lambda c: c.members),
        Column("members_qualifier", "exact, at_least or approximately", lambda c: c.members_qualifier),
        Column("members_as_of", "date of the number of members", lambda c: c.members_as_of),
        Column("members_sme", "SMEs among them", lambda c: c.members_sme),
        Column("members_large", "large firms among them", lambda c: c.members_large),
        Column("members_research", "research organisations among them", lambda c: c.members_research),
        Column("members_public", "public bodies among them", lambda c: c.members_public),
        Column("staff", "own staff in full-time equivalents", lambda c: _number(c.staff)),
        Column("founded", "year", lambda c: c.founded),
        Column("quality_label", "valid label: Bronze, Silver, Gold or empty", lambda c: c.valid_quality_label),
        Column(
            "quality_label_until",
            "last day of the valid label",
            lambda c: c.quality_expires_on if c.valid_quality_label else None,
        ),
        Column("summary", "summary", lambda c: c.summary),
        Column("description", "description (Markdown)", lambda c: c.description),
        Column("benefits", "benefits for members (Markdown)", lambda c: c.benefits),
        Column(
            "target_markets",
            "target markets (list of country names)",
            lambda c: [m.name for m in c.target_markets.all()],
        ),
        Column("website", "website", lambda c: c.website),
        Column("email", "public e-mail address", lambda c: c.email),
        Column("phone", "phone", lambda c: c.phone),
        Column("confirmed_on", "when the profile was last confirmed", lambda c: c.confirmed_on),
        Column("url", "address of the profile", lambda c: base_url + c.get_absolute_url()),
        Column(
            "credit",
            "credit that any use of the coordinates must show",
            lambda c: PLACE_CREDIT if c.latitude is not None else "",
        ),
    ]


def clusters_of(queryset: ClusterQuerySet) -> Iterator[Cluster]:
    """Yield the clusters in their order with all that the columns need, ``BATCH`` at a time."""
    yield from queryset.for_listing().prefetch_related("target_markets").iterator(chunk_size=BATCH)


def file_name(extension: str) -> str:
    """Return the name under which a browser stores an export, with today's date."""
    return f"clusters-{localdate():%Y-%m-%d}.{extension}"
