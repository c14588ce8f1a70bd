"""Seeded clusters in any number, written with COPY."""

from __future__ import annotations

import io
import random
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.text import slugify

from bench.words import COUNTRIES, VOCABULARIES, Language
from catalogue.models import Cluster, Country, Network, Region, Term
from catalogue.search.text import sort_key

SEED = 20_261_121
VOCABULARY_SIZE = 20_000
REGIONS = 300
TOWNS_OF_A_REGION = 5
NETWORKS = 40
BATCH = 5_000
TODAY = date(2026, 11, 1)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def fill(size: int, progress: Callable[[str], None]) -> None:
    """Fill the empty database with ``size`` clusters, build the indexes and let PostgreSQL look at it."""
    chance = random.Random(f"{SEED}-{size}")
    language = Language(SEED, VOCABULARY_SIZE)
    countries, regions, towns = _geography(language)
    terms, networks = _vocabularies(language)
    indexes = _drop_slow_indexes()
    for start in range(0, size, BATCH):
        numbers = range(start + 1, min(start + BATCH, size) + 1)
        clusters, term_links, network_links, markets = [], [], [], []
        for number in numbers:
            cluster, own, member_of = _cluster(number, chance, language, countries, regions, towns, terms, networks)
            clusters.append(cluster)
            term_links += [(number, term.pk) for term in own]
            network_links += [(network.pk, number) for network in member_of]
            markets += [(number, code) for code in chance.sample([c[0] for c in COUNTRIES], chance.randint(0, 3))]
        fields = Cluster._meta.concrete_fields
        _copy(
            "catalogue_cluster", [f.column for f in fields], ([getattr(c, f.attname) for f in fields] for c in clusters)
        )
        _copy(Cluster.terms.through._meta.db_table, ["cluster_id", "term_id"], term_links)
        _copy(Network.clusters.through._meta.db_table, ["network_id", "cluster_id"], network_links)
        _copy(Cluster.target_markets.through._meta.db_table, ["cluster_id", "country_id"], markets)
        progress(f"{numbers[-1]:,} of {size:,} clusters")
    progress("indexes")
    with connection.cursor() as cursor:
        for statement in indexes:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")


def _geography(
    language: Language,
) -> tuple[dict[str, Country], list[Region], dict[int, list[tuple[str, float, float]]]]:
    chance = random.Random(f"{SEED}-geography")
    for code, name, _north, _east in COUNTRIES:
        Country(code=code, name=name).save()
    middle = {code: (north, east) for code, _name, north, east in COUNTRIES}
    names: dict[str, None] = {}
    while len(names) < REGIONS:
        names[language.word(3).capitalize()] = None
    regions, towns = [], {}
    codes = [code for code, *_rest in COUNTRIES]
    for number, name in enumerate(names):
        code = codes[number % len(codes)]
        region = Region(country_id=code, name=name, slug=slugify(name))
        region.save()
        regions.append(region)
        north, east = (degree + chance.uniform(-1.6, 1.6) for degree in middle[code])
        towns[region.pk] = [
            (
                language.word(2).capitalize(),
                round(north + chance.uniform(-0.4, 0.4), 4),
                round(east + chance.uniform(-0.4, 0.4), 4),
            )
            for _ in range(TOWNS_OF_A_REGION)
        ]
    return {country.code: country for country in Country.objects.all()}, regions, towns


def _vocabularies(language: Language) -> tuple[dict[str, list[Term]], list[Network]]:
    chance = random.Random(f"{SEED}-vocabularies")
    terms: dict[str, list[Term]] = {}
    for vocabulary, (size, _usual) in VOCABULARIES.items():
        names: dict[str, None] = {}
        while len(names) < size:
            names[" ".join(chance.sample(language.words[:400], chance.randint(1, 3))).capitalize()] = None
        terms[vocabulary] = [Term(vocabulary=vocabulary, name=name, slug=slugify(name)) for name in names]
        for term in terms[vocabulary]:
            term.save()
    networks = [
        Network(name=f"{language.word(3).capitalize()} Network {n}", slug=f"network-{n}") for n in range(NETWORKS)
    ]
    for network in networks:
        network.save()
    return terms, networks


def _cluster(
    number: int,
    chance: random.Random,
    language: Language,
    countries: dict[str, Country],
    regions: list[Region],
    towns: dict[int, list[tuple[str, float, float]]],
    terms: dict[str, list[Term]],
    networks: list[Network],
) -> tuple[Cluster, list[Term], list[Network]]:
    """Return a cluster with its terms and networks."""
    # Some regions have many clusters, most have few.
    region = (
        regions[min(int(chance.paretovariate(0.6)) - 1, len(regions) - 1)]
        if chance.random() < 0.6
        else chance.choice(regions)
    )
    town, north, east = chance.choice(towns[region.pk])
    has_place = chance.random() < 0.95
    status = chance.choices(("published", "identified", "archived"), (80, 15, 5))[0]
    members = chance.randint(8, 900) if chance.random() < 0.85 else None
    name = language.name(chance)
    now = datetime(2026, 10, 1, tzinfo=UTC) - timedelta(minutes=number)
    cluster = Cluster(
        pk=number,
        public_id=uuid.UUID(int=chance.getrandbits(128), version=4),
        slug=f"{slugify(name)}-{number}",
        name=name,
        sort_name=sort_key(name),
        acronym=language.word(1).upper() if chance.random() < 0.4 else "",
        status=status,
        founded=chance.randint(1985, 2025) if chance.random() < 0.9 else None,
        country=countries[region.country_id],
        region=region if chance.random() < 0.97 else None,
        place=town if has_place else "",
        latitude=north if has_place else None,
        longitude=east if has_place else None,
        precision=chance.choices(("seat", "region", "country"), (80, 15, 5))[0] if has_place else "",
        summary=language.text(chance, 14, 28),
        description=" ".join(language.text(chance, 10, 22) for _ in range(chance.randint(1, 4))),
        website=f"https://c{number}.example/",
        email=f"office@c{number}.example",
        members=members,
        members_qualifier="" if members is None else chance.choice(("exact", "at_least", "approximately")),
        members_sme=members // 2 if members else None,
        is_priority=chance.random() < 0.12,
        core_cybersecurity=chance.random() < 0.1,
        confirmed_on=TODAY - timedelta(days=chance.randint(0, 900)) if chance.random() < 0.8 else None,
        created_at=now,
        updated_at=now,
        published_at=now if status != "identified" else None,
    )
    if chance.random() < 0.3:
        cluster.quality_label = chance.choice(("bronze", "silver", "gold"))
        cluster.quality_evidence = "https://label.example/"
        cluster.quality_expires_on = TODAY + timedelta(days=chance.randint(-300, 600))
    own = [
        term
        for vocabulary, (_size, (least, most)) in VOCABULARIES.items()
        for term in _skewed_sample(chance, terms[vocabulary], chance.randint(least, most))
    ]
    member_of = chance.sample(networks, chance.choices((0, 1, 2), (55, 35, 10))[0])
    return cluster, own, member_of


def _skewed_sample(chance: random.Random, terms: list[Term], number: int) -> list[Term]:
    """Return different terms; the first ones of the list come more often."""
    found: dict[int, Term] = {}
    while len(found) < number:
        index = min(int(chance.expovariate(4 / len(terms))), len(terms) - 1)
        found[index] = terms[index]
    return list(found.values())


def _drop_slow_indexes() -> list[str]:
    """Drop the trigram indexes, which are quicker built at the end, and return their definitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%USING gin%'"
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _copy(table: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> None:
    buffer = io.StringIO("".join("\t".join(map(_cell, row)) + "\n" for row in rows))
    with connection.cursor() as cursor:
        names = ", ".join(f'"{column}"' for column in columns)
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', buffer)


def _cell(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPES)
