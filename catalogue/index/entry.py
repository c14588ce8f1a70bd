"""What the index knows of one cluster, and how it is read from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from django.db import models

from catalogue.models import Cluster, Network
from catalogue.search.text import index_words, spellings, words

#: Ids in one statement, below the number of parameters that every SQLite takes.
BATCH = 500


class Entry(NamedTuple):
    """One cluster. ``terms`` are pairs of vocabulary and slug, ``networks`` slugs; names and places as ``sort_key`` folds them.

    Where only the country is known, the place is its capital and ``is_in_place`` is false.
    """

    pk: int
    status: str
    slug: str
    sort_name: str
    names: tuple[str, ...]
    country: str
    region: str
    places: tuple[str, ...]
    point: tuple[float, float] | None
    is_in_place: bool
    terms: tuple[tuple[str, str], ...]
    networks: tuple[str, ...]
    is_priority: bool
    core_cybersecurity: bool
    members: int | None
    founded: int | None
    confirmed_on: date | None


class Words(NamedTuple):
    """The words of one cluster: of its names, and of all its texts."""

    names: list[str]
    texts: list[str]


_COLUMNS = (
    "pk", "status", "slug", "sort_name", "name", "acronym", "former_names", "country_id", "region__slug", "place",
    "place_local_name", "latitude", "longitude", "precision", "is_priority", "core_cybersecurity", "members", "founded",
    "confirmed_on", "summary", "description", "website", "email",
)  # fmt: skip


def read_entries(keys: Collection[int] | None = None) -> Iterator[tuple[Entry, Words]]:
    """Yield the clusters with these ids, or all, with their words; three queries, or three for every 500 ids."""
    if keys is None:
        yield from _read(Cluster.objects.all(), {})
        return
    numbers = sorted(keys)
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        yield from _read(Cluster.objects.filter(pk__in=part), {"cluster_id__in": part})


def _read(clusters: models.QuerySet[Cluster], of_them: dict[str, list[int]]) -> Iterator[tuple[Entry, Words]]:
    terms: dict[int, list[tuple[str, str]]] = defaultdict(list)
    through = Cluster.terms.through.objects.filter(**of_them)
    for pk, vocabulary, slug in through.values_list("cluster_id", "term__vocabulary", "term__slug").iterator():
        terms[pk].append((vocabulary, slug))
    networks: dict[int, list[str]] = defaultdict(list)
    members = Network.clusters.through.objects.filter(**of_them)
    for pk, slug in members.values_list("cluster_id", "network__slug").iterator():
        networks[pk].append(slug)
    for row in clusters.order_by().values_list(*_COLUMNS).iterator(chunk_size=2000):
        yield _entry(row, tuple(sorted(terms.get(row[0], ()))), tuple(sorted(networks.get(row[0], ()))))


def _entry(row: tuple, terms: tuple[tuple[str, str], ...], networks: tuple[str, ...]) -> tuple[Entry, Words]:
    (
        pk, status, slug, sort_name, name, acronym, former_names, country, region, place, place_local_name, latitude,
        longitude, precision, is_priority, core, number, founded, confirmed_on, summary, description, website, email,
    ) = row  # fmt: skip
    names = [name, acronym, *former_names.splitlines()]
    places = [place, place_local_name]
    texts = [*names, summary, description, *places, _host(website), email.partition("@")[2]]
    folded = {spelling: None for text in names for spelling in spellings(text) if spelling}
    return Entry(
        pk=pk, status=status, slug=slug, sort_name=sort_name, names=tuple(folded), country=country,
        region=region or "", places=tuple({spelling: None for text in places for spelling in spellings(text) if spelling}),
        point=None if latitude is None else (float(latitude), float(longitude)),
        is_in_place=precision in (Cluster.Precision.SEAT, Cluster.Precision.REGION),
        terms=terms, networks=networks, is_priority=is_priority, core_cybersecurity=core, members=number,
        founded=founded, confirmed_on=confirmed_on,
    ), Words([*index_words(names), *_joined(names)], [*index_words(texts), *_joined(names)])  # fmt: skip


def _joined(names: list[str]) -> list[str]:
    """Return neighbouring words of names written as one: "capdigital"."""
    found = []
    for name in names:
        parts = words(name)
        found += ["".join(pair) for pair in pairwise(parts) if min(map(len, pair)) > 1]
    return found


def _host(address: str) -> str:
    """Return the host of a website without ``www``: what people remember of it."""
    return address.partition("//")[2].partition("/")[0].partition(":")[0].removeprefix("www.")
