"""The limit: what the pages of lists say, by hand-written SQL and joined text, as fast as a person would make it."""

from __future__ import annotations

import json
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone

from bench import sql
from bench.limit_tables import KINDS

PAGE_SIZE, API_PAGE_SIZE = 24, 50
LARGE, SHOWN_OF_LARGE = 40, 20  # a facet with more values shows those with most clusters
MOST_SUGGESTED, MOST_FILTERS = 6, 4
_LABELS = {
    "q": "Search", "country": "Country", "vertical": "Vertical", "priority": "Priority", "region": "Region",
    "network": "Network", "sector": "Sector", "emerging_industry": "Emerging industry",
    "technology_field": "Technology field", "s3_priority": "S3 priority", "members_min": "Members from",
    "members_max": "Members to",
}  # fmt: skip
_SORTS = {
    "relevance": "Relevance", "name": "Name (A–Z)", "-name": "Name (Z–A)", "country": "Country (A–Z)",
    "-country": "Country (Z–A)", "-members": "Members (most first)", "members": "Members (fewest first)",
    "founded": "Founded (oldest first)", "-founded": "Founded (newest first)", "-confirmed": "Recently confirmed",
    "confirmed": "Longest unconfirmed",
}  # fmt: skip
_KEYS = {
    "vertical": "verticals", "sector": "sectors", "emerging_industry": "emerging_industries",
    "technology_field": "technology_fields", "s3_priority": "s3_priorities", "network": "networks",
}  # fmt: skip
_MEMBERS = {"exact": "", "at_least": "at least ", "approximately": "approximately "}
_CARD = (
    "d.slug, d.name, d.summary, d.priority, d.members, d.members_qualifier, d.founded, d.confirmed_on, d.label,"
    " d.label_until, d.country_name, d.region_name, d.keys"
)
_API = (
    "d.public_id, d.slug, d.name, d.acronym, d.country, d.country_name, d.region, d.region_name, d.priority, d.members,"
    " d.members_qualifier, d.members_as_of, d.founded, d.summary, d.core_cybersecurity, d.label, d.label_until, d.place,"
    " d.latitude, d.longitude, d.precision, d.confirmed_on, d.keys"
)
_JSON_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


class Option(NamedTuple):
    """A value of a facet."""

    kind: str
    value: str
    label: str
    parent: str
    count: int


def clusters(request: HttpRequest) -> HttpResponse:
    """Answer with the list: 24 cards, facets with their counts, chips, orders, pages."""
    query, meant = request.GET, {}
    text = query.get("q", "")
    words = sql.ts_query(text)
    found = sql.conditions(query, words)
    rows = sql.page(found, query, _CARD, PAGE_SIZE, words).rows()
    if not rows and words:
        meant = sql.meanings(text)
        if any(meant.values()):
            words = sql.ts_query(text, meant)
            found = sql.conditions(query, words)
            rows = sql.page(found, query, _CARD, PAGE_SIZE, words).rows()
    every = {row[0]: Option(*row[1:]) for row in sql.facets(found).rows()}
    total = every.pop(0).count if 0 in every else 0
    page = int(query.get("page") or 1)
    origin = f"{request.scheme}://{request.get_host()}"
    clean = [(name, value) for name in (*_LABELS, "sort") for value in query.getlist(name) if value]
    return HttpResponse(_page(origin, query, clean, total, page, rows, every, meant))


def _page(
    origin: str, query: QueryDict, clean: list[tuple[str, str]], total: int, page: int, rows: list[tuple],
    every: dict[int, Option], meant: dict[str, list[str]],
) -> str:  # fmt: skip
    text, encoded, today = escape(query.get("q", "")), escape(urlencode(clean)), timezone.localdate()
    plural = "" if total == 1 else "s"
    items = [
        {"@type": "ListItem", "position": place, "name": row[1], "url": f"{origin}/clusters/{row[0]}/"}
        for place, row in enumerate(rows, start=1)
    ]
    data = {"@context": "https://schema.org", "@type": "ItemList", "numberOfItems": total, "itemListElement": items}
    usual = "relevance" if text else "name"
    chosen = query.get("sort") or usual
    sorts = "".join(
        f'<option value="{"" if value == usual else value}"{" selected" if value == chosen else ""}>{label}</option>'
        for value, label in _SORTS.items()
        if text or value != "relevance"
    )
    spelt = "; ".join(f"“{escape(word)}” as {' or '.join(words)}" for word, words in meant.items() if words)
    return "".join((
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{f'“{text}” – ' if text else ''}Clusters – Cluster Portal</title>"
        f'<meta name="description" content="{total} clusters of Europe by country, region and vertical.">'
        f'<link rel="canonical" href="{origin}/clusters/"><link rel="stylesheet" href="/static/css/site.css">'
        f'<link rel="alternate" type="application/atom+xml" href="/clusters/feed.atom?{encoded}">'
        '<script type="application/ld+json">',
        json.dumps(data, ensure_ascii=False).translate(_JSON_ESCAPES),
        '</script></head><body><header><a href="/">Cluster Portal</a><nav><a href="/clusters/">Clusters</a> '
        '<a href="/networks/">Networks</a> <a href="/submit/">Submit</a> <a href="/about/">About</a> '
        '<a href="/api/docs/">API</a></nav></header><main><form action="/clusters/"><h1>Clusters</h1>'
        f'<input id="q" name="q" type="search" value="{text}" maxlength="200"><button>Search</button>'
        f'<p id="result-status" role="status">{total:,} cluster{plural} found.</p><div class="facets">',
        _facets(query, every),
        f'<input type="number" name="members_min" value="{escape(query.get("members_min", ""))}">'
        f'<input type="number" name="members_max" value="{escape(query.get("members_max", ""))}">'
        '<input type="date" name="confirmed_since"></div>'
        f'<div id="results"><h2>{total:,} cluster{plural}</h2><select name="sort">{sorts}</select>'
        f'<a href="?{encoded}&amp;view=table">Table</a><a href="/clusters/map/?{encoded}">Map</a>',
        _chips(clean, every),
        f"<p>Nothing is written exactly like that. Shown is what it may mean: {spelt}.</p>" if spelt and rows else "",
        '<ul class="cards">', "".join(_card(row, every, today) for row in rows), "</ul>",
        _pager(clean, page, -(-total // PAGE_SIZE)),
        "".join(f'<a href="/clusters/export.{kind}?{encoded}">{kind}</a> ' for kind in ("csv", "xlsx", "json", "geojson")),
        f"<code>{origin}/api/v1/clusters/?{encoded}</code></div></form></main>"
        '<footer>Place coordinates © GeoNames (geonames.org), CC BY 4.0. <a href="/privacy/">Privacy</a></footer>'
        "</body></html>",
    ))  # fmt: skip


def _facets(query: QueryDict, every: dict[int, Option]) -> str:
    kinds: dict[str, list[Option]] = {kind: [] for kind in KINDS}
    for option in every.values():
        kinds[option.kind].append(option)
    parts = []
    for kind, options in kinds.items():
        chosen = query.getlist(kind)
        shown, more = options, ""
        if len(options) > LARGE:
            most = {option.value for option in sorted(options, key=lambda each: -each.count)[:SHOWN_OF_LARGE]}
            shown = [each for each in options if (each.count and each.value in most) or each.value in chosen]
            more = (
                f'<label><input type="checkbox" name="all" value="{kind}"><span>Show all {len(options)}</span></label>'
            )
        box = "radio" if kind in ("priority", "network") else "checkbox"
        parts.append(f"<fieldset><legend>{_LABELS[kind]}</legend><ul>")
        parts += [
            f'<li><label><input type="{box}" name="{kind}" value="{value}"{" checked" if value in chosen else ""}>'
            f"<span>{escape(label)}{f' <small>{parent}</small>' if parent else ''}</span><b>{count:,}</b></label></li>"
            for _kind, value, label, parent, count in shown
        ]
        parts.append(f"</ul>{more}</fieldset>")
    return "".join(parts)


def _chips(clean: list[tuple[str, str]], every: dict[int, Option]) -> str:
    labels = {(option.kind, option.value): option.label for option in every.values()}
    return "".join(
        f'<a class="chip" href="?{escape(urlencode([each for each in clean if each != (name, value)]))}">'
        f"{_LABELS[name]}: {escape(labels.get((name, value), value))} ×</a>"
        for name, value in clean
        if name != "sort"
    )


def _card(row: tuple[Any, ...], every: dict[int, Option], today: Any) -> str:
    slug, name, summary, priority, members, qualifier, founded, confirmed, label, until, country, region, keys = row
    facts = [f"{_MEMBERS[qualifier]}{members:,} members"] if members is not None else []
    facts += [f"founded {founded}"] if founded else []
    facts += [f"confirmed {confirmed.day} {confirmed:%b %Y}"] if confirmed else []
    valid = label and until and until >= today
    verticals = [every[key] for key in keys if key and every[key].kind == "vertical"]
    return (
        f'<li class="card"><p>{escape(country)}{f" · {escape(region)}" if region else ""}'
        f"{' <b>Priority</b>' if priority else ''}{f' <b>{label.capitalize()} label</b>' if valid else ''}</p>"
        f'<h3><a href="/clusters/{slug}/">{escape(name)}</a></h3><p>{escape(summary)}</p><ul>'
        + "".join(f'<li><a href="/clusters/?vertical={each.value}">{escape(each.label)}</a></li>' for each in verticals)
        + f"</ul><p>{' '.join(f'<span>{fact}</span>' for fact in facts)}</p>"
        f'<label><input type="checkbox" name="c" value="{slug}" form="compare-form">Compare</label></li>'
    )


def _pager(clean: list[tuple[str, str]], page: int, last: int) -> str:
    if last < 2:
        return ""
    shown = sorted({1, page - 1, page, page + 1, last} & set(range(1, last + 1)))
    links = [f'<a href="?{escape(urlencode([*clean, ("page", number)]))}">{number}</a>' for number in shown]
    return f"<nav>{' '.join(links)}</nav>"


def api(request: HttpRequest) -> JsonResponse:
    """Answer with 50 rows in the nested shape of the API."""
    query = request.GET
    found = sql.conditions(query)
    everything = sql.where(found)
    total = f"(SELECT count(*) FROM limit_cluster c WHERE {everything.sql})"  # noqa: S608 - constants
    page = sql.page(found, query, f"{total}, {_API}", API_PAGE_SIZE)
    rows = sql.Statement(page.sql, [*everything.parameters, *page.parameters]).rows()
    keys = list({key for row in rows for key in row[-1]})
    options = {
        key: (kind, {"slug": value, "name": label})
        for key, kind, value, label in sql.Statement(
            "SELECT id, kind, value, label FROM limit_option WHERE id = ANY(%s)", [keys]
        ).rows()
    }
    origin, today = f"{request.scheme}://{request.get_host()}", timezone.localdate()
    results = []
    for (
        _total, public_id, slug, name, acronym, country, country_name, region, region_name, priority, members, qualifier,
        as_of, founded, summary, core, label, until, place, latitude, longitude, precision, confirmed, own,
    ) in rows:  # fmt: skip
        lists: dict[str, list[dict[str, str]]] = {key: [] for key in _KEYS.values()}
        for kind, value in (options[key] for key in own if key):
            if kind in _KEYS:
                lists[_KEYS[kind]].append(value)
        results.append({
            "id": public_id, "slug": slug, "name": name, "acronym": acronym,
            "country": {"code": country, "name": country_name},
            "region": {"slug": region, "name": region_name} if region else None,
            **lists, "priority": priority, "members": members, "members_qualifier": qualifier or None,
            "members_as_of": as_of, "founded": founded, "summary": summary, "core_cybersecurity": core,
            "quality_label": label if until and until >= today else None,
            "location": None if latitude is None else {
                "place": place if place and precision != "country" else None,
                "latitude": float(latitude), "longitude": float(longitude), "precision": precision,
            },
            "confirmed_on": confirmed,
            "url": f"{origin}/clusters/{slug}/", "api_url": f"{origin}/api/v1/clusters/{slug}/",
        })  # fmt: skip
    return JsonResponse({"count": rows[0][0] if rows else 0, "results": results})


def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer with the first values of filters and names of clusters whose words begin as those typed."""
    typed = sql.typed_words(request.GET.get("q", ""))
    likes = " AND ".join("' ' || lower(label) LIKE %s" for _ in typed) or "false"
    options = sql.Statement(
        f"SELECT kind, value, label FROM limit_option WHERE {likes} ORDER BY id LIMIT {MOST_FILTERS}",  # noqa: S608
        [f"% {word}%" for word in typed],
    ).rows()
    lines = [(f"/clusters/?{kind}={value}", label, _LABELS[kind]) for kind, value, label in options]
    words = sql.ts_query(" ".join(typed))
    for column in ("name_words", "words"):
        found = sql.Statement(
            "SELECT d.slug, d.name, d.country_name FROM limit_text t JOIN limit_card d ON d.id = t.id"  # noqa: S608
            f" WHERE t.{column} @@ %s::tsquery ORDER BY lower(d.name) LIMIT {MOST_SUGGESTED}",
            [words],
        ).rows()
        if found:
            break
    lines += [(f"/clusters/{slug}/", name, f"Cluster in {country}") for slug, name, country in found]
    return HttpResponse("".join(
        f'<li role="option" data-url="{escape(url)}"><span>{escape(label)}</span><span class="kind">{kind}</span></li>'
        for url, label, kind in lines
    ))  # fmt: skip


def constant(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a page from memory, through the same middleware: as long as that of the portal."""
    return HttpResponse(_stored(name), content_type="application/json" if "api" in name else "text/html; charset=utf-8")


@lru_cache
def _stored(name: str) -> bytes:
    return (Path(settings.DATA_DIR) / "constant" / name).read_bytes()
