"""The work of the limit as a person would write it in SQL, on tables of its own: conditions, counts, rows, spelling."""
# ruff: noqa: S608 - joined from constants; values are parameters

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import QueryDict
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bench.limit_tables import KINDS

ORDERS = {
    "name": "c.sort_name, c.slug",
    "-name": "c.sort_name DESC, c.slug",
    "country": "c.country_sort, c.sort_name, c.slug",
    "-country": "c.country_sort DESC, c.sort_name, c.slug",
    "members": "c.members NULLS LAST, c.sort_name, c.slug",
    "-members": "c.members DESC NULLS LAST, c.sort_name, c.slug",
    "founded": "c.founded NULLS LAST, c.sort_name, c.slug",
    "-founded": "c.founded DESC NULLS LAST, c.sort_name, c.slug",
    "confirmed": "c.confirmed_on NULLS LAST, c.sort_name, c.slug",
    "-confirmed": "c.confirmed_on DESC NULLS LAST, c.sort_name, c.slug",
}
_MAX_MEANINGS = 8


@dataclass
class Statement:
    """SQL with its parameters."""

    sql: str
    parameters: list[Any] = field(default_factory=list)

    def rows(self) -> list[tuple[Any, ...]]:
        """Run it."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.parameters)
            return cursor.fetchall()


def typed_words(text: str) -> list[str]:
    """Return the words of a search text."""
    return re.findall(r"[a-z0-9]+", text.lower())


def ts_query(text: str, meanings: dict[str, list[str]] | None = None) -> str:
    """Return the full-text query: all words, each as a beginning, misspelt ones as any of their meanings."""
    known = meanings or {}
    return " & ".join(f"({' | '.join(known[word])})" if known.get(word) else f"{word}:*" for word in typed_words(text))


def meanings(text: str) -> dict[str, list[str]]:
    """Return what the words that no cluster has may mean, nearest first."""
    found = {}
    for word in typed_words(text):
        if Statement("SELECT 1 FROM limit_word WHERE word LIKE %s LIMIT 1", [f"{word}%"]).rows():
            continue
        near = [row[0] for row in Statement("SELECT word FROM limit_word WHERE word %% %s", [word]).rows()]
        close = process.extract(word, near, scorer=OSA.distance, score_cutoff=2 if len(word) > 7 else 1, limit=None)
        found[word] = [name for name, _distance, _at in sorted(close, key=lambda each: each[1])[:_MAX_MEANINGS]]
    return found


def conditions(query: QueryDict, words: str = "") -> dict[str, Statement]:
    """Return one condition on ``c`` for each parameter that narrows the list; ``words`` is the full-text query."""
    found: dict[str, Statement] = {}
    if words:
        found["q"] = Statement("c.id IN (SELECT id FROM limit_text WHERE words @@ %s::tsquery)", [words])
    for name in KINDS:
        if values := query.getlist(name):
            keys = "ARRAY(SELECT id FROM limit_option WHERE kind = %s AND value = ANY(%s))"
            found[name] = Statement(f"c.keys && {keys}", [name, values])
    for name, operator in (("members_min", ">="), ("members_max", "<=")):
        if value := query.get(name):
            found[name] = Statement(f"c.members {operator} %s", [int(value)])
    return found


def where(found: dict[str, Statement], without: str = "") -> Statement:
    """Return the conditions joined."""
    used = [statement for name, statement in found.items() if name != without]
    sql = " AND ".join(statement.sql for statement in used) or "true"
    return Statement(sql, [value for statement in used for value in statement.parameters])


def facets(found: dict[str, Statement]) -> Statement:
    """Return all values of facets: key, kind, value, label, parent, clusters. The total has the key 0.

    A facet with a choice is counted without it.
    """
    everything = where(found)
    parts = ["SELECT '' AS own, k, count(*) AS number FROM limit_cluster c, unnest(c.keys) k"
             f" WHERE {everything.sql} GROUP BY k"]  # fmt: skip
    parameters = [*everything.parameters]
    own = [name for name in found if name in KINDS]
    for name in own:
        rest = where(found, without=name)
        first, last = (f"(SELECT {end}(id) FROM limit_option WHERE kind = %s)" for end in ("min", "max"))
        parts.append(
            f"SELECT %s, k, count(*) FROM limit_cluster c, unnest(c.keys) k WHERE {rest.sql}"
            f" AND k BETWEEN {first} AND {last} GROUP BY k"
        )
        parameters += [name, *rest.parameters, name, name]
    sql = (
        f"WITH counts AS ({' UNION ALL '.join(parts)}) SELECT 0, '', '', '', '', number FROM counts WHERE k = 0"
        " UNION ALL (SELECT o.id, o.kind, o.value, o.label, o.parent, coalesce(n.number, 0) FROM limit_option o LEFT JOIN"
        " counts n ON n.k = o.id AND n.own = CASE WHEN o.kind = ANY(%s) THEN o.kind ELSE '' END ORDER BY o.id)"
    )
    return Statement(sql, [*parameters, own])


def page(found: dict[str, Statement], query: QueryDict, columns: str, size: int, words: str = "") -> Statement:
    """Return the cards ``d`` of one page in their order; a word in the name counts more than one in the texts."""
    every = where(found)
    order = ORDERS.get(query.get("sort") or "name", ORDERS["name"])
    found_rows, ranks = f"SELECT * FROM limit_cluster c WHERE {every.sql}", []
    if words and not query.get("sort"):
        order, ranks = f"c.id IN (SELECT id FROM limit_text WHERE name_words @@ %s::tsquery) DESC, {order}", [words]
        found_rows += " OFFSET 0"  # found first, then ranked
    offset = (int(query.get("page") or 1) - 1) * size
    return Statement(
        f"SELECT {columns} FROM unnest(ARRAY(SELECT c.id FROM ({found_rows}) c ORDER BY {order}"
        " LIMIT %s OFFSET %s)) WITH ORDINALITY AS p (id, place) JOIN limit_card d ON d.id = p.id ORDER BY p.place",
        [*every.parameters, *ranks, size, offset],
    )
