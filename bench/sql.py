"""The work of lists as a person would write it in SQL, without the ORM: conditions, counts, rows."""
# ruff: noqa: S608 - joined from constants; values are parameters

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import QueryDict

from catalogue.search.query import Term, search_terms

VOCABULARIES = ("vertical", "sector", "emerging_industry", "technology_field", "s3_priority")
ORDERS = {
    "name": "c.sort_name, c.slug",
    "-name": "c.sort_name DESC, c.sort_name, c.slug",
    "country": "n.sort_name, c.sort_name, c.slug",
    "-country": "n.sort_name DESC, c.sort_name, c.slug",
    "members": "c.members NULLS LAST, c.sort_name, c.slug",
    "-members": "c.members DESC NULLS LAST, c.sort_name, c.slug",
    "founded": "c.founded NULLS LAST, c.sort_name, c.slug",
    "-founded": "c.founded DESC NULLS LAST, c.sort_name, c.slug",
    "confirmed": "c.confirmed_on NULLS LAST, c.sort_name, c.slug",
    "-confirmed": "c.confirmed_on DESC NULLS LAST, c.sort_name, c.slug",
}
OPTIONS = """
SELECT 'country', code, name, sort_name, '' FROM catalogue_country n
 WHERE EXISTS (SELECT 1 FROM catalogue_cluster c WHERE c.country_id = n.code AND c.status = 'published')
UNION ALL
SELECT 'region', slug, name, sort_name, country_id FROM catalogue_region r
 WHERE EXISTS (SELECT 1 FROM catalogue_cluster c WHERE c.region_id = r.id AND c.status = 'published')
UNION ALL
SELECT 'network', slug, name, sort_name, '' FROM catalogue_network
UNION ALL
SELECT vocabulary, slug, name, sort_name, '' FROM catalogue_term
"""
TERMS = """
SELECT l.cluster_id, t.vocabulary, t.slug, t.name
  FROM catalogue_cluster_terms l JOIN catalogue_term t ON t.id = l.term_id
 WHERE l.cluster_id = ANY(%s){only} ORDER BY t.sort_name, t.slug
"""
NETWORKS = """
SELECT l.cluster_id, n.slug, n.name
  FROM catalogue_network_clusters l JOIN catalogue_network n ON n.id = l.network_id
 WHERE l.cluster_id = ANY(%s) ORDER BY n.sort_name, n.slug
"""
_THROUGH = "catalogue_cluster_terms l JOIN catalogue_term t ON t.id = l.term_id"


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


def term_condition(term: Term, column: str = "c.search_text") -> Statement:
    """Return the condition that a cluster has a word of the search."""
    patterns = [f"% {word} %" for word in term.corrections]
    if not patterns:
        patterns = [f"% {term.word} %" if term.is_whole else f"% {term.word}%", *(f"% {w}%" for w in term.joined)]
    return Statement("(" + " OR ".join(f"{column} LIKE %s" for _ in patterns) + ")", patterns)


def conditions(query: QueryDict, terms: Sequence[Term] | None = None) -> dict[str, Statement]:
    """Return one condition on ``c`` for each parameter that narrows the list.

    ``terms`` are the words of the search with their corrections, where it was misspelt.
    """
    found: dict[str, Statement] = {}
    for number, term in enumerate(search_terms(query.get("q", "")) if terms is None else terms):
        found[f"q{number}"] = term_condition(term)
    if values := query.getlist("country"):
        found["country"] = Statement("c.country_id = ANY(%s)", [values])
    if values := query.getlist("region"):
        found["region"] = Statement("c.region_id IN (SELECT id FROM catalogue_region WHERE slug = ANY(%s))", [values])
    for name in VOCABULARIES:
        if values := query.getlist(name):
            found[name] = Statement(
                f"c.id IN (SELECT l.cluster_id FROM {_THROUGH} WHERE t.vocabulary = %s AND t.slug = ANY(%s))",
                [name, values],
            )
    if value := query.get("network"):
        found["network"] = Statement(
            "c.id IN (SELECT l.cluster_id FROM catalogue_network_clusters l"
            " JOIN catalogue_network n ON n.id = l.network_id WHERE n.slug = %s)",
            [value],
        )
    if value := query.get("priority"):
        found["priority"] = Statement("c.is_priority" if value == "true" else "NOT c.is_priority")
    if value := query.get("members_min"):
        found["members_min"] = Statement("c.members >= %s", [int(value)])
    if value := query.get("members_max"):
        found["members_max"] = Statement("c.members <= %s", [int(value)])
    return found


def where(found: dict[str, Statement], without: str = "") -> Statement:
    """Return the conditions joined, those of published clusters first."""
    used = [statement for name, statement in found.items() if name != without]
    sql = " AND ".join(["c.status = 'published'", *(statement.sql for statement in used)])
    return Statement(sql, [value for statement in used for value in statement.parameters])


def counts(found: dict[str, Statement]) -> Statement:
    """Return the counts of all facets: kind, value, number."""
    everything = where(found)
    parts = [
        f"""WITH found AS MATERIALIZED (
  SELECT c.id, c.country_id, c.region_id, c.is_priority FROM catalogue_cluster c WHERE {everything.sql}
)
SELECT 'total', '', count(*) FROM found
UNION ALL SELECT 'country', country_id, count(*) FROM found GROUP BY country_id
UNION ALL SELECT 'region', r.slug, f.number
  FROM (SELECT region_id, count(*) AS number FROM found GROUP BY region_id) f JOIN catalogue_region r ON r.id = f.region_id
UNION ALL SELECT 'priority', is_priority::text, count(*) FROM found GROUP BY is_priority
UNION ALL SELECT t.vocabulary, t.slug, f.number
  FROM (SELECT l.term_id, count(*) AS number FROM found JOIN catalogue_cluster_terms l ON l.cluster_id = found.id
         GROUP BY l.term_id) f JOIN catalogue_term t ON t.id = f.term_id
UNION ALL SELECT 'network', n.slug, f.number
  FROM (SELECT l.network_id, count(*) AS number FROM found JOIN catalogue_network_clusters l ON l.cluster_id = found.id
         GROUP BY l.network_id) f JOIN catalogue_network n ON n.id = f.network_id"""
    ]
    parameters = [*everything.parameters]
    for name in found:
        rest = where(found, without=name)
        own = {
            "country": ("c.country_id", "catalogue_cluster c"),
            "region": ("r.slug", "catalogue_cluster c JOIN catalogue_region r ON r.id = c.region_id"),
            "priority": ("c.is_priority::text", "catalogue_cluster c"),
            "network": (
                "n.slug",
                "catalogue_cluster c JOIN catalogue_network_clusters l ON l.cluster_id = c.id"
                " JOIN catalogue_network n ON n.id = l.network_id",
            ),
        }.get(name)
        if name in VOCABULARIES:
            own = ("t.slug", f"catalogue_cluster c JOIN ({_THROUGH}) ON l.cluster_id = c.id")
            rest = Statement(f"{rest.sql} AND t.vocabulary = %s", [*rest.parameters, name])
        if own:
            column, tables = own
            parts.append(f"SELECT 'own:{name}', {column}, count(*) FROM {tables} WHERE {rest.sql} GROUP BY {column}")
            parameters += rest.parameters
    return Statement("\nUNION ALL ".join(parts), parameters)


def rows(
    found: dict[str, Statement], query: QueryDict, columns: str, more: str = "", terms: Sequence[Term] | None = None
) -> Statement:
    """Return all rows in their order; ``more`` are further joins."""
    everything = where(found)
    order, ranks = query.get("sort") or ("relevance" if query.get("q") else "name"), Statement("")
    if order == "relevance":
        ranks = rank(search_terms(query.get("q", "")) if terms is None else terms)
        order = f"{ranks.sql} DESC, c.sort_name, c.slug" if ranks.sql else ORDERS["name"]
    else:
        order = ORDERS[order]
    sql = (
        f"SELECT {columns} FROM catalogue_cluster c JOIN catalogue_country n ON n.code = c.country_id"
        f" LEFT JOIN catalogue_region r ON r.id = c.region_id{more} WHERE {everything.sql} ORDER BY {order}"
    )
    return Statement(sql, [*everything.parameters, *ranks.parameters])


def page(
    found: dict[str, Statement], query: QueryDict, columns: str, size: int, terms: Sequence[Term] | None = None
) -> Statement:
    """Return one page of rows in their order."""
    every = rows(found, query, columns, terms=terms)
    offset = (int(query.get("page") or 1) - 1) * size
    return Statement(f"{every.sql} LIMIT %s OFFSET %s", [*every.parameters, size, offset])


def rank(terms: Sequence[Term]) -> Statement:
    """Return how well a cluster fits the words of a search."""
    if not terms:
        return Statement("")
    line = " ".join(term.corrections[0] if term.corrections else term.word for term in terms)
    parts = ["CASE WHEN c.search_name = %s THEN 1000 WHEN c.search_name LIKE %s THEN 200 ELSE 0 END"]
    parameters = [f" {line} ", f" {line}%"]
    for term in terms:
        if term.corrections:
            steps = range(len(term.corrections))
            whens = [f"WHEN c.search_name LIKE %s THEN {max(60 - step, 31)}" for step in steps]
            parts.append(f"CASE {' '.join(whens)} ELSE 6 END")
            parameters += [f"% {word} %" for word in term.corrections]
            continue
        words = (term.word, *term.joined)
        cases = [("c.search_name", "% {} %", 60), ("c.search_name", "% {}%", 30), ("c.search_text", "% {} %", 6)]
        whens = []
        for column, pattern, points in cases:
            for word in words:
                whens.append(f"WHEN {column} LIKE %s THEN {points}")
                parameters.append(pattern.format(word))
        parts.append(f"CASE {' '.join(whens)} ELSE 2 END")
    return Statement(f"({' + '.join(parts)})", parameters)
