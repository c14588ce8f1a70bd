"""From lines of files to records: names are resolved and checked before the database is touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from catalogue.models import Cluster, PriorityRule, Term
from loading.files import LoadError, Row, read_csv, read_settings, read_text
from loading.merge import Entry

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
    "contacted", "founded", "members", "members_qualifier", "website", "core_cybersecurity", "loyal",
    "verticals", "summary", "note",
]  # fmt: skip
PAGES = ("about", "accessibility", "privacy", "terms")


@dataclass
class Entries:
    """The records of all files, by kind."""

    by_kind: dict[str, list[Entry]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The number of all records."""
        return sum(len(entries) for entries in self.by_kind.values())

    def of(self, kind: str) -> list[Entry]:
        """Return the records of one kind."""
        return self.by_kind[kind]


def read_entries(folder: Path) -> Entries:
    """Read all data files of ``folder``; raises :class:`LoadError` for the first mistake."""
    countries = _countries(folder)
    regions, region_names = _regions(folder, _keys(countries))
    terms, term_names = _terms(folder)
    partners, partner_of_cluster = _partners(folder)
    clusters = _clusters(folder, _keys(countries), region_names, term_names, partner_of_cluster)
    return Entries(
        {
            "countries": countries,
            "regions": regions,
            "terms": terms,
            "partners": partners,
            "clusters": clusters,
            "networks": _networks(folder, _keys(clusters)),
            "priority rules": _rules(folder, _keys(terms), _keys(countries)),
            "pages": [_page(folder, slug) for slug in PAGES],
            "project": [_project(folder)],
        }
    )


def _keys(entries: Iterable[Entry]) -> set[str]:
    return {entry.key for entry in entries}


def _add(entries: list[Entry], entry: Entry, column: str) -> None:
    """Add ``entry``, unless its key stands in an earlier line already."""
    for other in entries:
        if other.key == entry.key:
            raise entry.row.error(
                column, f"“{entry.key}” is in line {other.row.line} already.", "Keep one of the lines."
            )
    entries.append(entry)


def _known(row: Row, column: str, value: str, known: Iterable[str], file: str) -> str:
    if value not in known:
        raise row.error(column, f"“{value}” is not in {file}.", "Add it there, or correct the spelling here.")
    return value


def _countries(folder: Path) -> list[Entry]:
    columns = ["code", "name", "other_names", "h2020_contribution_eur", "h2020_participations"]
    entries: list[Entry] = []
    for row in read_csv(folder, "countries.csv", columns):
        code = row.text("code", required=True)
        values = {
            "name": row.text("name", required=True),
            "other_names": row.text("other_names"),
            "h2020_contribution": row.whole("h2020_contribution_eur"),
            "h2020_participations": row.whole("h2020_participations"),
        }
        _add(entries, Entry(code, row, {"code": code}, values), "code")
    return entries


def _regions(folder: Path, countries: set[str]) -> tuple[list[Entry], dict[tuple[str, str], str]]:
    """Return the regions, and the slug of each by its country and every spelling that may stand for it."""
    entries: list[Entry] = []
    names: dict[tuple[str, str], str] = {}
    for row in read_csv(folder, "regions.csv", ["country_code", "slug", "name", "source_spelling", "other_names"]):
        slug, name = row.text("slug", required=True), row.text("name", required=True)
        country = _known(row, "country_code", row.text("country_code"), countries, "countries.csv")
        values = {
            "country": country,
            "name": name,
            "source_spelling": row.text("source_spelling"),
            "other_names": row.text("other_names"),
        }
        _add(entries, Entry(slug, row, {"slug": slug}, values), "slug")
        names.update({(country, spelling): slug for spelling in [name, *row.items("source_spelling")]})
    return entries, names


def _terms(folder: Path) -> tuple[list[Entry], dict[str, str]]:
    """Return the terms, and the key of each vertical by its name."""
    entries: list[Entry] = []
    names: dict[str, str] = {}
    for row in read_csv(folder, "terms.csv", ["vocabulary", "slug", "name", "other_names"]):
        vocabulary = row.one_of("vocabulary", {value: value for value in Term.Vocabulary.values})
        slug, name = row.text("slug", required=True), row.text("name", required=True)
        values = {"name": name, "other_names": row.text("other_names")}
        _add(
            entries,
            Entry(f"{vocabulary}/{slug}", row, {"vocabulary": vocabulary, "slug": slug}, values),
            "slug",
        )
        if vocabulary == Term.Vocabulary.VERTICAL:
            names[name] = f"{vocabulary}/{slug}"
    return entries, names


def _partners(folder: Path) -> tuple[list[Entry], dict[str, Entry]]:
    """Return the partners, and each partner by the slug of the cluster that it is."""
    columns = [
        "short_name",
        "role",
        "activities",
        "is_coordinator",
        "cluster",
        "sender_name",
        "sender_email",
        "countries",
    ]
    entries: list[Entry] = []
    clusters: dict[str, Entry] = {}
    for row in read_csv(folder, "partners.csv", columns):
        name = row.text("short_name", required=True)
        values = {
            "role": row.text("role"),
            "activities": "\n".join(row.items("activities")),
            "is_coordinator": row.flag("is_coordinator"),
            "sender_name": row.text("sender_name"),
            "sender_email": row.text("sender_email"),
            "countries": sorted(row.items("countries")),
        }
        entry = Entry(name, row, {"short_name": name}, values)
        _add(entries, entry, "short_name")
        if cluster := row.text("cluster"):
            clusters[cluster] = entry
    return entries, clusters


def _places(folder: Path) -> dict[str, Row]:
    columns = ["slug", "place", "local_name", "latitude", "longitude", "precision"]
    places: dict[str, Row] = {}
    for row in read_csv(folder, "places.csv", columns):
        slug = row.text("slug", required=True)
        if slug in places:
            raise row.error("slug", f"“{slug}” is in line {places[slug].line} already.", "Keep one of the lines.")
        places[slug] = row
    return places


def _clusters(
    folder: Path,
    countries: set[str],
    regions: dict[tuple[str, str], str],
    verticals: dict[str, str],
    partners: dict[str, Entry],
) -> list[Entry]:
    places = _places(folder)
    entries: list[Entry] = []
    loyal = 0
    rows = read_csv(folder, "clusters.csv", CLUSTER_COLUMNS)
    slugs = {row.text("slug") for row in rows}
    for slug, partner in partners.items():
        _known(partner.row, "cluster", slug, slugs, "clusters.csv")
    for row in rows:
        slug = row.text("slug", required=True)
        country = _known(row, "country_code", row.text("country_code"), countries, "countries.csv")
        region = row.text("region")
        if region and (country, region) not in regions:
            raise row.error(
                "region",
                f"“{region}” is not in regions.csv for {country}.",
                "Add it there, or correct the spelling here.",
            )
        is_published, is_priority = row.flag("in_catalogue"), row.flag("priority")
        summary = row.text("summary", required=is_published)
        members, qualifier = row.whole("members"), row.one_of("members_qualifier", QUALIFIERS)
        if (members is None) != (qualifier == ""):
            raise row.error("members_qualifier", "does not go with members.", "Fill in both, or leave both empty.")
        standing = row.one_of("loyal", {"": "", LOYAL: LOYAL, PARTNER: PARTNER})
        if slug in partners and standing != PARTNER:
            remedy = f"Write “{PARTNER}” in the column loyal of its line in clusters.csv, or leave this empty."
            raise partners[slug].row.error("cluster", f"“{slug}” is no partner in clusters.csv.", remedy)
        if slug not in partners and standing == PARTNER:
            raise row.error("loyal", "no line of partners.csv names this cluster.", "Fill in its column cluster.")
        loyal += standing == LOYAL
        row.flag("contacted")  # for the contact log; checked here, stored by nobody yet
        values = {
            "name": row.text("name", required=True),
            "acronym": row.text("acronym"),
            "former_names": "\n".join(row.items("former_name")),
            "country": country,
            "region": regions[country, region] if region else None,
            **_place(places.pop(slug, None)),
            "summary": summary,
            "website": row.text("website"),
            "founded": row.whole("founded"),
            "members": members,
            "members_qualifier": qualifier,
            "core_cybersecurity": row.flag("core_cybersecurity"),
            "is_priority": is_priority,
            "priority_reason": PRIORITY_REASON if is_priority else "",
            "is_collaborator": bool(standing),
            "loyal_position": loyal if standing == LOYAL else None,
            "partner": partners[slug].key if slug in partners else None,
            "found_via": f"Annex {row.text('annex', required=True)} of report D4.5, June 2019",
            "note": row.text("note"),
            "terms": sorted(
                verticals[_known(row, "verticals", name, verticals, "terms.csv")] for name in row.items("verticals")
            ),
            "status": (Cluster.Status.PUBLISHED if is_published else Cluster.Status.IDENTIFIED).value,
        }
        identity = {"slug": slug, "public_id": uuid5(NAMESPACE_URL, f"{PUBLIC_ID_BASE}{slug}")}
        _add(entries, Entry(slug, row, identity, values), "slug")
    for row in places.values():
        raise row.error(
            "slug",
            f"“{row.text('slug')}” is not in clusters.csv.",
            "Add it there, or correct the spelling here.",
        )
    return entries


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


def _networks(folder: Path, clusters: set[str]) -> list[Entry]:
    columns = ["slug", "name", "description", "stated_members", "clusters", "facilitator", "note"]
    entries: list[Entry] = []
    for row in read_csv(folder, "networks.csv", columns):
        slug, facilitator = row.text("slug", required=True), row.text("facilitator")
        if facilitator:
            _known(row, "facilitator", facilitator, clusters, "clusters.csv")
        values = {
            "name": row.text("name", required=True),
            "description": row.text("description"),
            "stated_members": row.whole("stated_members"),
            "facilitator": facilitator or None,
            "note": row.text("note"),
            "clusters": sorted(
                _known(row, "clusters", item, clusters, "clusters.csv") for item in row.items("clusters")
            ),
        }
        _add(entries, Entry(slug, row, {"slug": slug}, values), "slug")
    return entries


def _rules(folder: Path, terms: set[str], countries: set[str]) -> list[Entry]:
    columns = ["kind", "description", "rationale", "more_than_members", "terms", "countries"]
    entries: list[Entry] = []
    for row in read_csv(folder, "priority_rules.csv", columns):
        kind = row.one_of("kind", {value: value for value in PriorityRule.Kind.values})
        # The rules speak of verticals only, so their file names them by the slug alone.
        keys = [f"vertical/{slug}" for slug in row.items("terms")]
        values = {
            "description": row.text("description", required=True),
            "rationale": row.text("rationale"),
            "more_than_members": row.whole("more_than_members"),
            "terms": sorted(_known(row, "terms", key, terms, "terms.csv") for key in keys),
            "countries": sorted(
                _known(row, "countries", code, countries, "countries.csv") for code in row.items("countries")
            ),
        }
        _add(entries, Entry(kind, row, {"kind": kind}, values), "kind")
    return entries


def _page(folder: Path, slug: str) -> Entry:
    """Return a page: its first line is "# Title", the rest is the text."""
    name = f"pages/{slug}.md"
    first, _newline, body = read_text(folder, name).replace("\r\n", "\n").partition("\n")
    title = first.removeprefix("# ").strip()
    if not first.startswith("# ") or not title:
        raise LoadError(name, "has no title.", line=1, remedy="Begin the first line with “# ” and the title.")
    if not body.strip():
        raise LoadError(name, "has no text below its title.", line=2, remedy="Write the text there.")
    row = Row(name, 1, {"title": title, "body": body})
    return Entry(slug, row, {"slug": slug}, {"title": title, "body": body.strip() + "\n"})


def _project(folder: Path) -> Entry:
    columns = ["name", "acronym", "tagline", "grant_number", "start_month", "contact_email"]
    row = read_settings(folder, "project.json", columns)
    values: dict[str, str | None] = {column: row.text(column) for column in columns}
    return Entry("1", row, {"pk": 1}, values | {"start_month": values["start_month"] or None})
