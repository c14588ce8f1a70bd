"""Run by the benchmark once for each size: migrate, fill, choose what will be asked, print it as JSON."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

COMBINATIONS = 400
MANY = ("country", "region", "vertical", "sector", "technology_field")
EXPORTS = 8


@dataclass(frozen=True)
class _Example:
    """A published cluster and the values by which it can be found."""

    slug: str
    text: str
    values: dict[str, list[str]]

    @classmethod
    def of(cls, cluster: Any) -> _Example:
        values: dict[str, list[str]] = {
            "country": [cluster.country_id],
            "region": [cluster.region.slug] if cluster.region else [],
            "network": [network.slug for network in cluster.networks.all()],
            "priority": ["true" if cluster.is_priority else "false"],
            "members_min": [str(cluster.members // 2)] if cluster.members else [],
        }
        for term in cluster.terms.all():
            values.setdefault(term.vocabulary, []).append(term.slug)
        return cls(cluster.slug, f"{cluster.name} {cluster.summary}", values)


def main(size: int, folder: str) -> None:
    """Prepare one database; progress goes to standard error."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench import datasette, limit_tables
    from bench.generate import SEED, fill

    call_command("migrate", verbosity=0)

    fill(size, lambda text: sys.stderr.write(f"\r  {size:,}: {text}{' ' * 20}"))
    sys.stderr.write("\n")
    limit_tables.make()
    datasette.export(Path(folder) / f"catalogue-{size}.db")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    if not os.path.isdir(os.path.join(folder, "static")):
        call_command("collectstatic", interactive=False, verbosity=0)
    print(json.dumps(addresses(random.Random(f"{SEED}-{size}-addresses"))))


def addresses(chance: random.Random) -> dict[str, list[str]]:
    """Return what is asked, by kind: each address once, all values valid."""
    from bench.limit_tables import options, words
    from catalogue.models import Cluster

    values = options()
    published = Cluster.objects.published().order_by("pk")
    keys = list(published.values_list("pk", flat=True))
    chosen = published.filter(pk__in=chance.sample(keys, min(1000, len(keys)))).for_listing()
    sample = [_Example.of(cluster) for cluster in chosen]
    every_word = words()
    sorts = ["name", "-name", "country", "-members", "members", "founded", "-founded", "-confirmed"]

    def a_filter() -> str:
        # The values of a real cluster, so that something is found, and sometimes others beside them.
        example = chance.choice(sample)
        names = [name for name in [*MANY, "priority", "network", "members_min"] if example.values.get(name)]
        query: list[tuple[str, str]] = []
        for name in chance.sample(names, min(chance.randint(1, 3), len(names))):
            own = chance.choice(example.values[name])
            others = chance.sample(values[name], chance.randint(0, 2)) if name in MANY else []
            query += [(name, value) for value in dict.fromkeys([own, *others])]
        if chance.random() < 0.4:
            query.append(("sort", chance.choice(sorts)))
        return urlencode(query)

    def some_words(least: int) -> list[str]:
        found = [word.strip(".").lower() for word in chance.choice(sample).text.split()]
        return [word for word in found if len(word) >= least] or ["cluster"]

    def a_search() -> str:
        known = some_words(4)
        typed = " ".join(chance.sample(known, min(chance.choice((1, 1, 2)), len(known))))
        return urlencode({"q": typed})

    def a_typo() -> str:
        while True:
            word = chance.choice(some_words(7))
            place = chance.randrange(1, len(word) - 1)
            wrong = chance.choice((
                word[:place] + word[place + 1 :],
                word[:place] + chance.choice("abcdefghiklmnoprstuvw") + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ))  # fmt: skip
            if wrong != word and not any(known.startswith(wrong) for known in every_word):
                return urlencode({"q": wrong})

    pages = max(1, min(COMBINATIONS, len(keys) // 24))
    unfiltered = [f"sort={sort}&page={page}" for sort in sorts for page in range(1, pages + 1)]
    return {
        "list": [f"/clusters/?{query}" for query in chance.sample(unfiltered, min(COMBINATIONS, len(unfiltered)))],
        "filtered": _different(lambda: f"/clusters/?{a_filter()}"),
        "search": _different(lambda: f"/clusters/?{a_search()}"),
        "typo": _different(lambda: f"/clusters/?{a_typo()}"),
        "suggest": _different(lambda: "/clusters/suggest/?" + urlencode({"q": chance.choice(some_words(4))[: chance.randint(2, 6)]})),
        "map": _different(lambda: f"/clusters/map/?{a_filter()}"),
        "profile": [f"/clusters/{example.slug}/" for example in sample[:COMBINATIONS]],
        "api": _different(lambda: f"/api/v1/clusters/?{a_filter()}"),
        "export": _different(lambda: f"/clusters/export.csv?{a_filter()}", EXPORTS),
    }  # fmt: skip


def _different(make: Callable[[], str], number: int = COMBINATIONS) -> list[str]:
    found: dict[str, None] = {}
    for _ in range(number * 20):
        if len(found) == number:
            break
        found[make()] = None
    return list(found)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
