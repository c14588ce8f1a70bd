"""Run by the benchmark once for each size: migrate, fill, choose what will be asked, print it as JSON."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

COMBINATIONS = 200
MANY = {"country": (1, 3), "vertical": (1, 2), "sector": (1, 2), "technology_field": (1, 2), "region": (1, 3)}
EXPORTS = 6


def main(size: int, folder: str) -> None:
    """Prepare one database; progress goes to standard error."""
    import django

    django.setup()
    from django.core.management import call_command

    from bench.generate import SEED, fill

    call_command("migrate", verbosity=0)
    fill(size, lambda text: sys.stderr.write(f"\r  {size:,}: {text}{' ' * 20}"))
    sys.stderr.write("\n")
    if not os.path.isdir(os.path.join(folder, "static")):
        call_command("collectstatic", interactive=False, verbosity=0)
    print(json.dumps({"addresses": addresses(random.Random(f"{SEED}-{size}-addresses")), "plans": plans()}))


def addresses(chance: random.Random) -> dict[str, list[str]]:
    """Return what is asked, by kind: each address once, all values valid."""
    from catalogue.models import Cluster, SearchWord
    from catalogue.options import filter_options

    options = {name: [option.value for option in values] for name, values in filter_options().items()}
    published = Cluster.objects.published().order_by("pk")
    keys = list(published.values_list("pk", flat=True))
    sample = list(published.filter(pk__in=chance.sample(keys, min(1000, len(keys)))).values_list("slug", "name", "summary", "sort_name"))
    every_word = set(SearchWord.objects.values_list("word", flat=True))
    sorts = ["name", "-name", "country", "-members", "members", "founded", "-founded", "-confirmed"]

    def a_filter(**extra: str) -> str:
        names = chance.sample([*MANY, "priority", "network", "members_min"], chance.randint(1, 3))
        query: list[tuple[str, str]] = []
        for name in names:
            if name in MANY:
                least, most = MANY[name]
                values = chance.sample(options[name], min(chance.randint(least, most), len(options[name])))
                query += [(name, value) for value in values]
            elif name == "network":
                query.append((name, chance.choice(options[name])))
            else:
                query.append((name, chance.choice(["true", "false"]) if name == "priority" else str(chance.randint(5, 400))))
        if chance.random() < 0.4:
            query.append(("sort", chance.choice(sorts)))
        return urlencode([*query, *extra.items()])

    def some_words(least: int) -> list[str]:
        _slug, name, summary, _sort = chance.choice(sample)
        found = [word.strip(".").lower() for word in f"{name} {summary}".split()]
        return [word for word in found if len(word) >= least] or ["cluster"]

    def a_search() -> str:
        words = some_words(4)
        typed = " ".join(chance.sample(words, min(chance.choice((1, 1, 2)), len(words))))
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
    starts = [row[3] for row in sample]
    return {
        "list": [f"/clusters/?{query}" for query in chance.sample(unfiltered, min(COMBINATIONS, len(unfiltered)))],
        "filtered": _different(lambda: f"/clusters/?{a_filter()}"),
        "search": _different(lambda: f"/clusters/?{a_search()}"),
        "typo": _different(lambda: f"/clusters/?{a_typo()}"),
        "suggest": _different(lambda: "/clusters/suggest/?" + urlencode({"q": chance.choice(some_words(4))[: chance.randint(2, 6)]})),
        "map": _different(lambda: f"/clusters/map/?{a_filter()}"),
        "profile": [f"/clusters/{row[0]}/" for row in sample[:COMBINATIONS]],
        "api": _different(lambda: f"/api/v1/clusters/?{a_filter()}"),
        "export": _different(lambda: f"/clusters/export.csv?{a_filter()}", EXPORTS),
        "rows": _different(lambda: "/bench/rows/?" + urlencode({"from": chance.choice(starts)})),
    }  # fmt: skip


def _different(make: Callable[[], str], number: int = COMBINATIONS) -> list[str]:
    found: dict[str, None] = {}
    for _ in range(number * 20):
        if len(found) == number:
            break
        found[make()] = None
    return list(found)


def plans() -> list[tuple[str, str, str]]:
    """Return the statements of baseline (b) with their plans: without a filter, and with two."""
    from django.http import QueryDict

    from bench import bare, sql
    from catalogue.options import filter_options

    options: dict[str, Any] = filter_options()
    filtered = urlencode({"country": options["country"][0].value, "vertical": options["vertical"][0].value})
    found = []
    for name, text in (("no filter", ""), ("country and vertical", filtered)):
        query = QueryDict(text)
        chosen = sql.conditions(query)
        for what, statement in (
            ("counts", sql.counts(chosen)),
            ("rows", sql.page(chosen, query, bare.CARD_COLUMNS, bare.PAGE_SIZE)),
        ):
            found.append((f"{what}, {name}", statement.sql, statement.plan()))
    found.append(("options", sql.OPTIONS, sql.Statement(sql.OPTIONS).plan()))
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
