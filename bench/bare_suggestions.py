"""Baseline (b) of the suggestions under the search box."""
# ruff: noqa: S608 - joined from constants; values are parameters

from __future__ import annotations

from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bench import spelling
from bench.sql import OPTIONS, Statement, rank, term_condition, where
from catalogue.search.query import Term, search_terms
from catalogue.search.text import words

_KINDS = {
    "country": "Country", "vertical": "Vertical", "region": "Region", "network": "Network", "sector": "Sector",
    "emerging_industry": "Emerging industry", "technology_field": "Technology field", "s3_priority": "S3 priority",
}  # fmt: skip
_CLUSTERS, _RANKED, _FILTERS = 6, 50, 4


def filters(typed: list[str]) -> Statement:
    """Return the values of filters with words that begin as those typed."""
    likes = " AND ".join("' ' || o.sort_name LIKE %s" for _ in typed)
    return Statement(
        f"SELECT o.kind, o.value, o.label FROM ({OPTIONS}) o (kind, value, label, sort_name, parent)"
        f" WHERE {likes} ORDER BY array_position(%s, o.kind::text), o.sort_name, o.value LIMIT {_FILTERS}",
        [*(f"% {word}%" for word in typed), list(_KINDS)],
    )


def names(condition: Statement, terms: list[Term], known: list[int]) -> Statement:
    """Return the first clusters by name that fit, with their rank."""
    ranks, base = rank(terms), where({"q": condition})
    return Statement(
        f"SELECT c.id, c.slug, c.name, n.name, {ranks.sql} FROM catalogue_cluster c"
        f" JOIN catalogue_country n ON n.code = c.country_id WHERE {base.sql} AND c.id <> ALL(%s)"
        f" ORDER BY c.sort_name, c.slug LIMIT {_RANKED}",
        [*ranks.parameters, *base.parameters, known],
    )


def ways(terms: list[Term]) -> list[Statement]:
    """Return where to look, one after the other: beginnings of names, words of names, texts."""
    line = " ".join(term.word for term in terms)
    found = [Statement("c.sort_name >= %s AND c.sort_name < %s", [line, line + "{"])]
    for column in ("c.search_name", "c.search_text"):
        each = [term_condition(term, column) for term in terms]
        found.append(Statement(" AND ".join(e.sql for e in each), [value for e in each for value in e.parameters]))
    return found


def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer as the portal does."""
    text = request.GET.get("q", "")
    found = [
        SimpleNamespace(
            url=f"/networks/{value}/" if kind == "network" else f"/clusters/?{kind}={value}",
            label=label,
            kind=_KINDS[kind],
        )
        for kind, value, label in filters(words(text)).rows()
    ]
    terms = list(search_terms(text))
    clusters: list[tuple] = []
    for way in ways(terms):
        more = names(way, terms, [row[0] for row in clusters]).rows()
        clusters += sorted(more, key=lambda row: -row[4])
        if len(clusters) >= _CLUSTERS:
            break
    if not clusters:
        terms = spelling.corrected(text)
        if any(term.corrections for term in terms):
            clusters = sorted(names(ways(terms)[2], terms, []).rows(), key=lambda row: -row[4])
    found += [
        SimpleNamespace(url=f"/clusters/{slug}/", label=name, kind=f"Cluster in {country}")
        for _pk, slug, name, country, _rank in clusters[:_CLUSTERS]
    ]
    return render(request, "catalogue/_suggestions.html", {"suggestions": found})
