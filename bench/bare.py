"""The baselines: views that do only what cannot be left out, as directly as Django allows."""
# ruff: noqa: S608 - joined from constants; values are parameters

from __future__ import annotations

import json
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.template import engines
from django.utils import timezone
from django.utils.safestring import mark_safe

from bench import spelling, sql
from bench.bare_map import BareMap
from catalogue.exports.outputs import Outputs
from catalogue.listing.facets import Facet, FacetValue
from catalogue.listing.page import Input, InputGroup
from catalogue.map.cluster_map import PLACE_CREDIT

PAGE_SIZE, API_PAGE_SIZE = 24, 50
_CARDS = '{% for cluster in clusters %}{% include "components/cluster_card.html" with compare=True %}{% endfor %}'
_LIST, _MAP = "/clusters/", "/clusters/map/"
_TITLES = ("Clusters", "Map of clusters")
_LABELS = {
    "country": "Country", "vertical": "Vertical", "priority": "Priority", "region": "Region", "network": "Network",
    "sector": "Sector", "emerging_industry": "Emerging industry", "technology_field": "Technology field",
    "s3_priority": "S3 priority",
}  # fmt: skip
_SORTS = (
    ("relevance", "Relevance"), ("name", "Name (A–Z)"), ("-name", "Name (Z–A)"), ("country", "Country (A–Z)"),
    ("-country", "Country (Z–A)"), ("-members", "Members (most first)"), ("members", "Members (fewest first)"),
    ("founded", "Founded (oldest first)"), ("-founded", "Founded (newest first)"),
    ("-confirmed", "Recently confirmed"), ("confirmed", "Longest unconfirmed"),
)  # fmt: skip
_MEMBERS = {"exact": "", "at_least": "at least ", "approximately": "approximately "}
CARD_COLUMNS = (
    "c.id, c.slug, c.name, c.summary, c.is_priority, c.members, c.members_qualifier, c.founded, c.confirmed_on,"
    " c.quality_label, c.quality_expires_on, c.place, c.precision, c.logo, n.name, r.name"
)
_API_COLUMNS = (
    "c.id, c.public_id, c.slug, c.name, c.acronym, c.country_id, n.name, r.slug, r.name, c.is_priority, c.members,"
    " c.members_qualifier, c.members_as_of, c.founded, c.summary, c.core_cybersecurity, c.quality_label,"
    " c.quality_expires_on, c.place, c.latitude, c.longitude, c.precision, c.confirmed_on"
)
_KEYS = {
    "vertical": "verticals", "sector": "sectors", "emerging_industry": "emerging_industries",
    "technology_field": "technology_fields", "s3_priority": "s3_priorities",
}  # fmt: skip
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def rows(request: HttpRequest) -> HttpResponse:
    """Baseline (a): 50 rows by one indexed query, rendered with the template of the cards."""
    found = sql.Statement(
        f"SELECT {CARD_COLUMNS} FROM catalogue_cluster c JOIN catalogue_country n ON n.code = c.country_id"
        " LEFT JOIN catalogue_region r ON r.id = c.region_id"
        " WHERE c.status = 'published' AND c.sort_name >= %s ORDER BY c.sort_name, c.slug LIMIT 50",
        [request.GET.get("from", "")],
    ).rows()
    clusters = [_card(row, []) for row in found]
    return HttpResponse(engines["django"].from_string(_CARDS).render({"clusters": clusters}, request))


def same_work(request: HttpRequest) -> HttpResponse:
    """Baseline (b): the page of the list, with the same facets, counts, rows and terms, by SQL."""
    return _page(request, is_map=False)


def map_page(request: HttpRequest) -> HttpResponse:
    """Baseline (b) of the map: the same facets and counts, places, countries and regions, by SQL."""
    return _page(request, is_map=True)


def _page(request: HttpRequest, *, is_map: bool) -> HttpResponse:
    query = request.GET
    found, terms, interpretation = sql.conditions(query), None, None
    numbers = _numbers(found)
    if not numbers["total"][""] and query.get("q"):
        corrected = spelling.corrected(query["q"])
        meanings = [(term.word, term.corrections) for term in corrected if term.corrections]
        if meanings:
            again = sql.conditions(query, corrected)
            those = _numbers(again)
            if those["total"][""]:
                found, terms, numbers = again, corrected, those
                interpretation = SimpleNamespace(is_fuzzy=True, corrections=meanings)
    total = numbers["total"][""]
    options: dict[str, list[tuple[str, str, str, str]]] = {name: [] for name in _LABELS}
    for kind, value, label, sort_name, parent in sql.Statement(sql.OPTIONS).rows():
        options[kind].append((sort_name, value, label, parent))
    options["priority"] = [("", "true", "Priority", ""), ("", "false", "Other clusters", "")]
    facets, chips = [], []
    for name, label in _LABELS.items():
        chosen = set(query.getlist(name))
        known = options[name] if name == "priority" else sorted(options[name])
        values = [
            FacetValue(value, text, numbers[name].get(value, 0), value in chosen, parent)
            for _sort, value, text, parent in known
        ]
        is_folded = name not in ("country", "vertical")
        facets.append(Facet(name, label, tuple(values), name not in ("priority", "network"), is_folded=is_folded))
    facets = [facet for facet in facets if facet.values]
    labels = {(facet.name, value.value): value.label for facet in facets for value in facet.values}
    clean = _clean_query(query)
    for name in _CHIPS:
        chosen = set(query.getlist(name))
        in_order = [value for facet, value in labels if facet == name and value in chosen] or query.getlist(name)
        for value in in_order:
            text = labels.get((name, value)) or (f"“{value}”" if name == "q" else f"{int(value):,}")
            label = _LABELS.get(name) or _CHIPS[name]
            chips.append(SimpleNamespace(name=name, label=label, value=text, remove_query=_without(clean, name, value)))
    page = None
    if not is_map:
        page = Paginator(range(total), PAGE_SIZE).get_page(query.get("page", "1"))
        page.object_list = _cards(sql.page(found, query, CARD_COLUMNS, PAGE_SIZE, terms))
    path, view = (_MAP, "map") if is_map else (_LIST, "cards")
    usual = "relevance" if query.get("q") else "name"
    order = query.get("sort") or usual
    encoded = clean.urlencode()
    listing = SimpleNamespace(
        filterset=SimpleNamespace(form={"cleaned_data": {"q": query.get("q", "")}}, interpretation=interpretation),
        title=" – ".join(filter(None, [f"“{query['q']}”" if query.get("q") else "", _TITLES[is_map]])),
        labelled_errors=[], shows_confirmed=False, errors={}, notices=[], path=path, is_map=is_map, view=view,
        query=query, total=total, page=page,
        page_numbers=list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)) if page else [],
        map=_map(found, query, clean) if is_map else None,
        has_filters=bool(found), outputs=Outputs(encoded), facets=facets, chips=chips, active_count=len(chips),
        input_groups=_inputs(query),
        sort_options=[("" if v == usual else v, text) for v, text in _SORTS if v != "relevance" or query.get("q")],
        sort_value="" if order == usual else order, looser=[],
        view_links=[
            SimpleNamespace(value=value, label=label, url=_address(where, encoded, extra), is_current=value == view)
            for value, label, where, extra in (
                ("cards", "Cards", _LIST, ""), ("table", "Table", _LIST, "view=table"), ("map", "Map", _MAP, ""),
            )
        ],
    )  # fmt: skip
    json_ld = _json_ld(request, page.object_list, total) if page else ""
    context = {"listing": listing, "is_fragment": False, "json_ld": json_ld}
    return render(request, "catalogue/cluster_list.html", context)


def _inputs(query: QueryDict) -> list[InputGroup]:
    number = (("type", "number"), ("min", "0"), ("max", "10000000"), ("inputmode", "numeric"))
    day = (("type", "date"), ("min", "1000-01-01"), ("max", "9999-12-31"))
    groups = {
        ("members", "Members"): [("members_min", "From", number), ("members_max", "To", number)],
        ("confirmed", "Confirmed"): [("confirmed_since", "On this day or later", day)],
    }
    return [
        InputGroup(name, label, [
            Input(parameter, text, attributes, query.get(parameter, ""), [], bool(query.get(parameter)))
            for parameter, text, attributes in inputs
        ])
        for (name, label), inputs in groups.items()
    ]  # fmt: skip


def api_page(request: HttpRequest) -> JsonResponse:
    """Baseline (b) of the API: 50 rows in the same nested shape, by SQL."""
    query = request.GET
    found = sql.conditions(query)
    everything = sql.where(found)
    total = sql.Statement(
        f"SELECT count(*) FROM catalogue_cluster c WHERE {everything.sql}", everything.parameters
    ).rows()[0][0]
    origin = f"{request.scheme}://{request.get_host()}"
    today = timezone.localdate()
    answer: dict[int, dict[str, Any]] = {}
    for row in sql.page(found, query, _API_COLUMNS, API_PAGE_SIZE).rows():
        answer[row[0]] = {
            "id": str(row[1]), "slug": row[2], "name": row[3], "acronym": row[4],
            "country": {"code": row[5], "name": row[6]},
            "region": {"slug": row[7], "name": row[8]} if row[7] else None,
            **{key: [] for key in _KEYS.values()},
            "networks": [], "priority": row[9], "members": row[10], "members_qualifier": row[11] or None,
            "members_as_of": row[12], "founded": row[13], "summary": row[14], "core_cybersecurity": row[15],
            "quality_label": row[16] if row[17] and row[17] >= today else None,
            "location": None if row[19] is None else {
                "place": row[18] if row[18] and row[21] != "country" else None,
                "latitude": float(row[19]), "longitude": float(row[20]), "precision": row[21],
            },
            "confirmed_on": row[22],
            "url": f"{origin}/clusters/{row[2]}/", "api_url": f"{origin}/api/v1/clusters/{row[2]}/",
        }  # fmt: skip
    for cluster, vocabulary, slug, name in sql.Statement(sql.TERMS.format(only=""), [list(answer)]).rows():
        answer[cluster][_KEYS[vocabulary]].append({"slug": slug, "name": name})
    for cluster, slug, name in sql.Statement(sql.NETWORKS, [list(answer)]).rows():
        answer[cluster]["networks"].append({"slug": slug, "name": name})
    return JsonResponse({"count": total, "results": list(answer.values()), "attribution": PLACE_CREDIT})


_CHIPS = {
    "q": "Search", "country": "", "region": "", "vertical": "", "sector": "", "emerging_industry": "",
    "technology_field": "", "s3_priority": "", "network": "", "priority": "", "members_min": "Members from",
    "members_max": "Members to",
}  # fmt: skip


def _numbers(found: dict[str, sql.Statement]) -> dict[str, dict[str, int]]:
    """Return the counts: of a facet with a choice those without it."""
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    own: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, value, number in sql.counts(found).rows():
        if kind.startswith("own:"):
            own[kind[4:]][value] = number
        else:
            numbers[kind][value] = number
    for name in found:
        if name in _LABELS:
            numbers[name] = own[name]
    return numbers


def _map(found: dict[str, sql.Statement], query: QueryDict, clean: QueryDict) -> BareMap:
    kept = clean.copy()
    for name in ("country", "region", "sort"):
        kept.pop(name, None)
    chosen = query.getlist("country")
    return BareMap(sql.where(found), chosen[0] if len(chosen) == 1 else "", kept.urlencode())


def _cards(statement: sql.Statement) -> list[Any]:
    cards = statement.rows()
    verticals: dict[int, list[Any]] = defaultdict(list)
    terms = sql.Statement(sql.TERMS.format(only=" AND t.vocabulary = 'vertical'"), [[row[0] for row in cards]])
    for cluster, _vocabulary, slug, name in terms.rows():
        verticals[cluster].append(SimpleNamespace(name=name, get_absolute_url=f"{_LIST}?vertical={slug}"))
    return [_card(row, verticals[row[0]]) for row in cards]


def _card(row: tuple[Any, ...], verticals: list[Any]) -> SimpleNamespace:
    (
        _pk,
        slug,
        name,
        summary,
        priority,
        members,
        qualifier,
        founded,
        confirmed,
        label,
        until,
        *place,
        country,
        region,
    ) = row
    valid = label.capitalize() if label != "none" and until and until >= timezone.localdate() else ""
    return SimpleNamespace(
        slug=slug, name=name, summary=summary, is_priority=priority, founded=founded, confirmed_on=confirmed,
        members_text="" if members is None else f"{_MEMBERS[qualifier]}{members:,}", valid_quality_label=valid,
        country=SimpleNamespace(name=country), region=SimpleNamespace(name=region) if region else None,
        get_absolute_url=f"{_LIST}{slug}/", verticals=verticals, distance_km=None,
        **dict(zip(("place", "precision", "logo"), place, strict=True)),
    )  # fmt: skip


def _clean_query(query: QueryDict) -> QueryDict:
    clean = QueryDict(mutable=True)
    for name in (*_CHIPS, "sort"):
        if query.getlist(name):
            clean.setlist(name, query.getlist(name))
    return clean


def _without(clean: QueryDict, name: str, value: str) -> str:
    query = clean.copy()
    query.setlist(name, [item for item in query.getlist(name) if item != value])
    return f"?{query.urlencode()}"


def _address(path: str, query: str, extra: str) -> str:
    both = "&".join(filter(None, [query, extra]))
    return f"{path}?{both}" if both else path


def _json_ld(request: HttpRequest, clusters: list[Any], total: int) -> str:
    origin = f"{request.scheme}://{request.get_host()}"
    data = {
        "@context": "https://schema.org", "@type": "ItemList", "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": c.name, "url": origin + c.get_absolute_url}
            for place, c in enumerate(clusters, start=1)
        ],
    }  # fmt: skip
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))
