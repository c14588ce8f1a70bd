"""The statements of baseline (b) with their plans, for the document."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from django.http import QueryDict

from bench import bare, bare_export, bare_map, bare_profile, bare_suggestions, spelling, sql
from catalogue.listing.options import filter_options
from catalogue.search.query import search_terms


def plans(addresses: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """Return what it is for, the SQL and its plan; the searched words are among those that are measured."""
    options: dict[str, Any] = filter_options()
    filtered = urlencode({"country": options["country"][0].value, "vertical": options["vertical"][0].value})
    found = []
    for name, text in (
        ("no filter", ""),
        ("country and vertical", filtered),
        ("text search", _query(addresses["search"])),
    ):
        query = QueryDict(text)
        chosen = sql.conditions(query)
        found.append((f"list: counts, {name}", sql.counts(chosen)))
        found.append((f"list: rows, {name}", sql.page(chosen, query, bare.CARD_COLUMNS, bare.PAGE_SIZE)))
    found.append(("list: options", sql.Statement(sql.OPTIONS)))
    found += _others(addresses, QueryDict(filtered))
    return [(name, statement.sql, statement.plan()) for name, statement in found]


def _others(addresses: dict[str, list[str]], query: QueryDict) -> list[tuple[str, sql.Statement]]:
    wrong = parse_qs(_query(addresses["typo"]))["q"][0]
    near = [word for (word,) in spelling.candidates(wrong).rows()][:10]
    typed = parse_qs(_query(addresses["suggest"]))["q"][0]
    terms = list(search_terms(typed))
    everything = sql.where(sql.conditions(query))
    cluster = bare_profile.cluster_of(addresses["profile"][0].split("/")[-2])
    common = sql.Statement(bare_profile.COMMON, [[term.pk for term in cluster.terms]])
    networks = [network.pk for network in cluster.networks]
    beginning, in_name, in_text = bare_suggestions.ways(terms)
    return [
        ("typo search: whether a word is found", spelling.is_found(search_terms(wrong)[0])),
        ("typo search: words of similar length", spelling.candidates(wrong)),
        ("typo search: which of ten are in published clusters", spelling.present(near)),
        (f"suggestions: filters, “{typed}”", bare_suggestions.filters([typed])),
        (f"suggestions: names that begin so, “{typed}”", bare_suggestions.names(beginning, terms, [])),
        (f"suggestions: words of names, “{typed}”", bare_suggestions.names(in_name, terms, [])),
        (f"suggestions: texts, “{typed}”", bare_suggestions.names(in_text, terms, [])),
        ("map: places, country and vertical", bare_map.places(everything)),
        ("map: places, no filter", bare_map.places(sql.where({}))),
        ("map: countries and regions, no filter", bare_map.numbers(sql.where({}))),
        ("profile: the cluster", sql.Statement(bare_profile.CLUSTER, [cluster.slug])),
        ("profile: what hangs on it", sql.Statement(bare_profile.AROUND, [cluster.id] * 5)),
        ("profile: how common its terms are", common),
        ("profile: similar clusters", bare_profile.similar(cluster, dict(common.rows()), networks)),
        ("export: all rows of a country and a vertical", bare_export.statement(query, "http://portal.example")),
    ]


def _query(addresses: list[str]) -> str:
    return addresses[0].partition("?")[2]
