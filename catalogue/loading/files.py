"""The lines of the data files of the catalogue, read and checked line by line."""

from __future__ import annotations

from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from catalogue.loading.sources import sources_by_field
from catalogue.models import Cluster, FactProposal, PriorityRule, ShowcaseItem, Term
from loading.fields import Key
from loading.files import Row, read_csv
from loading.registry import Entry, Source, add_entry, known

#: The address under which public ids are made: every installation gives a cluster the same id.
PUBLIC_ID_BASE = "https://cluster-portal.example/clusters/"
PRIORITY_REASON = "Published decision of report D4.5, June 2019."
LOYAL, PARTNER = "loyal", "consortium member, shown beside the loyal ones"
QUALIFIERS = {
    "": "",
    "exact": Cluster.MembersQualifier.EXACT.value,
    "at least": Cluster.MembersQualifier.AT_LEAST.value,
    "approximately": Cluster.MembersQualifier.APPROXIMATELY.value,
}
CLUSTER_COLUMNS = [
    "slug", "name", "acronym", "former_name", "country_code", "region", "annex", "in_catalogue", "priority",
    "contacted", "founded", "members", "members_qualifier", "core_cybersecurity", "loyal",
    "verticals", "summary", "note",
]  # fmt: skip
#: The files with at most one line for a cluster of clusters.csv, and the columns that they must have.
BESIDE_CLUSTERS = {
    "places.csv": ["slug", "place", "local_name", "latitude", "longitude", "precision"],
    "profiles.csv": ["slug", "description", "benefits", "target_markets", "note"],
    "websites.csv": ["slug", "website", "status_seen", "evidence", "confidence"],
    "cluster_regions.csv": ["slug", "region", "basis", "note"],
}


def read_countries(source: Source) -> list[Entry]:
    """Read countries.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    columns = ["code", "name", "other_names", "h2020_contribution_eur", "h2020_participations"]
    entries: list[Entry] = []
    for row in read_csv(source.folder, "countries.csv", columns):
        code = row.text("code", required=True)
        values = {
            "name": row.text("name", required=True),
            "other_names": row.text("other_names"),
            "h2020_contribution": row.whole("h2020_contribution_eur"),
            "h2020_participations": row.whole("h2020_participations"),
        }
        add_entry(entries, Entry(code, row, {"code": code}, values), "code")
    return entries


def read_regions(source: Source) -> list[Entry]:
    """Read regions.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    entries: list[Entry] = []
    countries = source.keys("countries")
    columns = ["country_code", "slug", "name", "local_name", "nuts", "source_spelling", "other_names"]
    for row in read_csv(source.folder, "regions.csv", columns):
        slug, name = row.text("slug", required=True), row.text("name", required=True)
        country = known(row, "country_code", row.text("country_code"), countries, "countries.csv")
        values = {
            "country": country,
            "name": name,
            "local_name": row.text("local_name"),
            "nuts": row.text("nuts"),
            "source_spelling": row.text("source_spelling"),
            "other_names": row.text("other_names"),
        }
        add_entry(entries, Entry(slug, row, {"slug": slug}, values), "slug")
    return entries


def _region_slugs(regions: list[Entry]) -> dict[tuple[str, str], str]:
    """Return the slug of each region by its country and every spelling that may mean it."""
    return {
        (entry.values["country"], spelling): entry.key
        for entry in regions
        for spelling in [entry.values["name"], *entry.row.items("source_spelling")]
    }


def read_terms(source: Source) -> list[Entry]:
    """Read terms.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    entries: list[Entry] = []
    for row in read_csv(source.folder, "terms.csv", ["vocabulary", "slug", "name", "other_names"]):
        vocabulary = row.one_of("vocabulary", {value: value for value in Term.Vocabulary.values})
        slug, name = row.text("slug", required=True), row.text("name", required=True)
        values = {"name": name, "other_names": row.text("other_names")}
        add_entry(
            entries,
            Entry(f"{vocabulary}/{slug}", row, {"vocabulary": vocabulary, "slug": slug}, values),
            "slug",
        )
    return entries


def read_clusters(source: Source) -> list[Entry]:
    """Read clusters.csv with what the files beside it say of each cluster.

    Raises :class:`~loading.files.LoadError` at the first line that is wrong.
    """
    countries, regions = source.keys("countries"), _region_slugs(source.of("regions"))
    vertical = Term.Vocabulary.VERTICAL
    verticals = {
        term.values["name"]: term.key for term in source.of("terms") if term.identity["vocabulary"] == vertical
    }
    partners = {slug: partner for partner in source.of("partners") if (slug := partner.row.text("cluster"))}
    places, profiles, websites, more_regions = (
        _lines_by_slug(source.folder, file, columns) for file, columns in BESIDE_CLUSTERS.items()
    )
    entries: list[Entry] = []
    loyal = 0
    rows = read_csv(source.folder, "clusters.csv", CLUSTER_COLUMNS)
    slugs = {row.text("slug") for row in rows}
    for slug, partner in partners.items():
        known(partner.row, "cluster", slug, slugs, "clusters.csv")
    for row in rows:
        slug = row.text("slug", required=True)
        country = known(row, "country_code", row.text("country_code"), countries, "countries.csv")
        region, more_region = _region(row, country, regions), more_regions.get(slug)
        is_from_town = False
        if more_region and not region:  # what the table of the report leaves open, its text or the town may say
            region = _region(more_region, country, regions)
            is_from_town = bool(more_region.one_of("basis", {"report": False, "town": True}))
        profile, website = profiles.get(slug), websites.get(slug)
        website = website if website and is_certain(website) else None
        is_published, is_priority = row.flag("in_catalogue"), row.flag("priority")
        summary = row.text("summary", required=is_published)
        members, qualifier = row.whole("members"), row.one_of("members_qualifier", QUALIFIERS)
        if (members is None) != (qualifier == ""):
            raise row.error("members_qualifier", "does not go with members.", "Fill in both, or leave both empty.")
        loyalty = row.one_of("loyal", {"": "", LOYAL: LOYAL, PARTNER: PARTNER})
        if slug in partners and loyalty != PARTNER:
            remedy = f"Write “{PARTNER}” in the column loyal of its line in clusters.csv, or leave this empty."
            raise partners[slug].row.error("cluster", f"“{slug}” is no partner in clusters.csv.", remedy)
        if slug not in partners and loyalty == PARTNER:
            raise row.error("loyal", "no line of partners.csv names this cluster.", "Fill in its column cluster.")
        loyal += loyalty == LOYAL
        row.flag("contacted")  # for the contact log; checked here, stored by nobody yet
        values = {
            "name": row.text("name", required=True),
            "acronym": row.text("acronym"),
            "former_names": "\n".join(row.items("former_name")),
            "country": country,
            "region": region,
            **_place(places.get(slug)),
            "summary": summary,
            "description": profile.text("description") if profile else "",
            "benefits": profile.text("benefits") if profile else "",
            "target_markets": sorted(
                known(profile, "target_markets", code, countries, "countries.csv")
                for code in profile.items("target_markets")
            )
            if profile
            else [],
            "website": website.text("website", required=True) if website else "",
            "founded": row.whole("founded"),
            "members": members,
            "members_qualifier": qualifier,
            "core_cybersecurity": row.flag("core_cybersecurity"),
            "is_priority": is_priority,
            "priority_reason": PRIORITY_REASON if is_priority else "",
            "is_collaborator": bool(loyalty),
            "loyal_position": loyal if loyalty == LOYAL else None,
            "partner": partners[slug].key if slug in partners else None,
            "found_via": f"Annex {row.text('annex', required=True)} of report D4.5, June 2019",
            "note": "\n\n".join(note for line in (row, profile) if line and (note := line.text("note"))),
            "terms": sorted(
                verticals[known(row, "verticals", name, verticals, "terms.csv")] for name in row.items("verticals")
            ),
            "status": (Cluster.Status.PUBLISHED if is_published else Cluster.Status.IDENTIFIED).value,
        }
        identity = {"slug": slug, "public_id": uuid5(NAMESPACE_URL, f"{PUBLIC_ID_BASE}{slug}")}
        sources = sources_by_field(region_is_from_town=is_from_town, website=website)
        add_entry(entries, Entry(slug, row, identity, values, {"sources": sources}), "slug")
    for lines in (places, profiles, websites, more_regions):
        for slug, row in lines.items():
            known(row, "slug", slug, slugs, "clusters.csv")
    return entries


def is_certain(website: Row) -> bool:
    """Return whether a website may be published as it is; the others wait for staff's word."""
    return bool(website.one_of("confidence", {"high": True, "medium": False}))


def _lines_by_slug(folder: Path, name: str, columns: list[str]) -> dict[str, Row]:
    """Return the lines of a file with one line for a cluster, or none."""
    lines: dict[str, Row] = {}
    for row in read_csv(folder, name, columns):
        slug = row.text("slug", required=True)
        if slug in lines:
            raise row.error("slug", f"“{slug}” is in line {lines[slug].line} already.", "Keep one of the lines.")
        lines[slug] = row
    return lines


def _region(row: Row | None, country: str, regions: dict[tuple[str, str], str]) -> str | None:
    """Return the slug of the region that a line names, ``None`` for none."""
    name = row.text("region") if row else ""
    if not row or not name:
        return None
    if (country, name) not in regions:
        problem = f"“{name}” is not in regions.csv for {country}."
        raise row.error("region", problem, "Add it there, or correct the spelling here.")
    return regions[country, name]


def _place(row: Row | None) -> dict[str, str | None]:
    """Return where a cluster is; all empty if the file of places does not know it."""
    if row is None:
        return {"place": "", "place_local_name": "", "latitude": None, "longitude": None, "precision": ""}
    precision = row.one_of("precision", {value: value for value in Cluster.Precision.values})
    return {
        "place": row.text("place", required=True),
        "place_local_name": row.text("local_name"),
        "latitude": row.degrees("latitude", 90),
        "longitude": row.degrees("longitude", 180),
        "precision": precision,
    }


def read_showcase(source: Source) -> list[Entry]:
    """Read showcase.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    entries: list[Entry] = []
    clusters = source.keys("clusters")
    for row in read_csv(source.folder, "showcase.csv", ["slug", "kind", "title", "date", "link", "note"]):
        slug = known(row, "slug", row.text("slug", required=True), clusters, "clusters.csv")
        kind = row.one_of("kind", {value: value for value in ShowcaseItem.Kind.values})
        title = row.text("title", required=True)
        values = {
            "cluster": slug,
            "kind": kind,
            "date": row.text("date"),
            "url": row.text("link"),
            "note": row.text("note"),
        }
        add_entry(entries, Entry(key_about(slug, kind, title), row, {"title": title}, values), "title")
    return entries


def read_figures(source: Source) -> list[Entry]:
    """Read figures.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    entries: list[Entry] = []
    clusters = source.keys("clusters")
    for row in read_csv(source.folder, "figures.csv", ["slug", "label", "value", "qualifier", "note", "as_of"]):
        slug = known(row, "slug", row.text("slug", required=True), clusters, "clusters.csv")
        label = row.text("label", required=True)
        values = {
            "cluster": slug,
            "value": row.text("value", required=True),
            "qualifier": row.one_of("qualifier", {text: value for text, value in QUALIFIERS.items() if text}),
            "note": row.text("note"),
            "as_of": row.text("as_of"),
        }
        add_entry(entries, Entry(key_about(slug, label), row, {"label": label}, values), "label")
    return entries


def read_facts_to_check(source: Source) -> list[Entry]:
    """Read succession.csv and the websites that are not certain.

    Raises :class:`~loading.files.LoadError` at the first line that is wrong.
    """
    entries: list[Entry] = []
    clusters = source.keys("clusters")
    columns = ["slug", "fact", "year", "evidence", "confidence"]
    lines = [
        *(
            (row, FactProposal.Kind.WEBSITE, row.text("website", required=True), row.text("status_seen"))
            for row in read_csv(source.folder, "websites.csv", BESIDE_CLUSTERS["websites.csv"])
            if not is_certain(row)
        ),
        *(
            (row, FactProposal.Kind.SUCCESSION, row.text("fact", required=True), row.text("year"))
            for row in read_csv(source.folder, "succession.csv", columns)
        ),
    ]
    for row, kind, text, year in lines:
        slug = known(row, "slug", row.text("slug", required=True), clusters, "clusters.csv")
        values = {
            "cluster": slug,
            "kind": kind.value,
            "url": text if kind == FactProposal.Kind.WEBSITE else "",
            "year": year,
            "evidence": row.text("evidence", required=True),
            "confidence": row.one_of("confidence", {value: value for value in FactProposal.Confidence.values}),
        }
        add_entry(entries, Entry(key_about(slug, kind, text), row, {"text": text}, values), "slug")
    return entries


def key_about(slug: str, *parts: str) -> Key:
    """Return the key of something about a cluster, which has no key of its own in the files."""
    return "/".join((slug, *parts))[:200]


def read_networks(source: Source) -> list[Entry]:
    """Read networks.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    columns = ["slug", "name", "description", "stated_members", "clusters", "facilitator", "note"]
    entries: list[Entry] = []
    clusters = source.keys("clusters")
    for row in read_csv(source.folder, "networks.csv", columns):
        slug, facilitator = row.text("slug", required=True), row.text("facilitator")
        if facilitator:
            known(row, "facilitator", facilitator, clusters, "clusters.csv")
        values = {
            "name": row.text("name", required=True),
            "description": row.text("description"),
            "stated_members": row.whole("stated_members"),
            "facilitator": facilitator or None,
            "note": row.text("note"),
            "clusters": sorted(
                known(row, "clusters", item, clusters, "clusters.csv") for item in row.items("clusters")
            ),
        }
        add_entry(entries, Entry(slug, row, {"slug": slug}, values), "slug")
    return entries


def read_rules(source: Source) -> list[Entry]:
    """Read priority_rules.csv. Raises :class:`~loading.files.LoadError` at the first line that is wrong."""
    columns = ["kind", "description", "rationale", "more_than_members", "terms", "countries"]
    entries: list[Entry] = []
    terms, countries = source.keys("terms"), source.keys("countries")
    for row in read_csv(source.folder, "priority_rules.csv", columns):
        kind = row.one_of("kind", {value: value for value in PriorityRule.Kind.values})
        # The rules speak of verticals only, so their file names them by the slug alone.
        keys = [f"vertical/{slug}" for slug in row.items("terms")]
        values = {
            "description": row.text("description", required=True),
            "rationale": row.text("rationale"),
            "more_than_members": row.whole("more_than_members"),
            "terms": sorted(known(row, "terms", key, terms, "terms.csv") for key in keys),
            "countries": sorted(
                known(row, "countries", code, countries, "countries.csv") for code in row.items("countries")
            ),
        }
        add_entry(entries, Entry(kind, row, {"kind": kind}, values), "kind")
    return entries
