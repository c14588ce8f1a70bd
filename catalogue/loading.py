"""The data files of the catalogue: countries, regions, terms, clusters with their places, networks, priority rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db.models import Q

from catalogue.locking import lock_clusters
from catalogue.models import Cluster, Country, Network, OldSlug, PriorityRule, Region, Term
from catalogue.search.index import refresh_search
from catalogue.services.clusters import publish_clusters, publishing_blockers, set_terms
from consortium.models import Partner
from loading.fields import Collected, Field, Key, Reference, References
from loading.files import Row, read_csv
from loading.registry import Entry, Kind, Source, add_entry, known, primary_keys_by, register
from loading.report import Difference, Report

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


def register_loading() -> None:
    """Make the kinds of the catalogue known; safe to repeat."""
    register("countries", country_kind)
    register("regions", region_kind)
    register("terms", term_kind)
    register("clusters", cluster_kind)
    register("networks", network_kind)
    register("priority rules", rule_kind)


def _clusters_by_slug(keys: Iterable[Key]) -> dict[Key, Any]:
    """Return the primary keys of clusters by their present or a former slug."""
    wanted = list(keys)
    former = dict(OldSlug.objects.filter(slug__in=wanted).values_list("slug", "cluster"))
    return former | dict(Cluster.objects.filter(slug__in=wanted).values_list("slug", "pk"))


def _terms_by_key(keys: Iterable[Key]) -> dict[Key, Any]:
    """Return the primary keys of terms by "vocabulary/slug"."""
    wanted = set(keys)
    slugs = {key.partition("/")[2] for key in wanted}
    rows = Term.objects.filter(slug__in=slugs).values_list("vocabulary", "slug", "pk")
    return {key: pk for vocabulary, slug, pk in rows if (key := f"{vocabulary}/{slug}") in wanted}


def _may_publish(cluster: Cluster, present: Any, wanted: Any) -> bool:
    """Return whether loading may publish ``cluster``.

    Not if staff took away its summary. And a cluster leaves the catalogue by staff's decision, never
    because a file says so.
    """
    is_step = (present, wanted) == (Cluster.Status.IDENTIFIED, Cluster.Status.PUBLISHED)
    return is_step and not publishing_blockers(cluster)


def term_key(term: Term) -> Key:
    """Return the key of a term in the files."""
    return f"{term.vocabulary}/{term.slug}"


@dataclass(frozen=True)
class TermReferences(References):
    """Terms, whose slug alone is no key: two vocabularies may have the same."""

    def read(self, item: Any, directory: Any) -> Any:
        """Return the sorted keys of the related terms."""
        return sorted(directory.key_of(term, term_key(term)) for term in self._related(item) if self.only(term))


def country_kind() -> Kind:
    """Return how countries are loaded."""
    fields = [
        Field("name"),
        Field("other_names"),
        Field("h2020_contribution", "h2020_contribution_eur"),
        Field("h2020_participations"),
    ]
    return Kind("countries", Country, fields, Country.objects.all, primary_keys_by(Country, "code"), _countries)


def region_kind() -> Kind:
    """Return how regions are loaded."""
    fields = [
        Reference("country", "country_code", model=Country, natural="code"),
        Field("name"),
        Field("source_spelling"),
        Field("other_names"),
    ]
    rows = lambda: Region.objects.select_related("country")  # noqa: E731
    by_key = primary_keys_by(Region, "slug")
    return Kind("regions", Region, fields, rows, by_key, _regions, after=("countries",))


def term_kind() -> Kind:
    """Return how the entries of vocabularies are loaded."""
    fields = [Field("name"), Field("other_names")]
    return Kind("terms", Term, fields, Term.objects.all, _terms_by_key, _terms)


def cluster_kind() -> Kind:
    """Return how clusters are loaded.

    Those that the file publishes, and those that change their place in the list of loyal clusters, are
    collected and written for all together.

    Region and country are overwritten or left together, and so are the parts of the place and of the number
    of members: half of staff's and half of the file's would contradict each other.
    """
    to_publish: list[Cluster] = []
    positions: list[tuple[Cluster, int | None]] = []

    def finish(report: Report) -> None:
        _give_positions(positions, report)
        publish_clusters(clusters=to_publish)

    fields = [
        Field("name"),
        Field("acronym"),
        Field("former_names", "former_name"),
        Reference("country", "country_code", "country", model=Country, natural="code"),
        Reference("region", "region", "country", model=Region),
        Field("place", group="place"),
        Field("place_local_name", "local_name", "place"),
        Field("latitude", group="place"),
        Field("longitude", group="place"),
        Field("precision", group="place"),
        Field("summary"),
        Field("website"),
        Field("founded"),
        Field("members", group="members"),
        Field("members_qualifier", group="members"),
        Field("core_cybersecurity"),
        Field("is_priority", "priority", "priority"),
        Field("priority_reason", "priority", "priority"),
        Field("is_collaborator", "loyal"),
        Reference("partner", "loyal", model=Partner, natural="short_name"),
        Field("found_via", "annex"),
        Field("note"),
        TermReferences(
            "terms",
            "verticals",
            model=Term,
            only=lambda term: term.vocabulary == Term.Vocabulary.VERTICAL,
            save=lambda cluster, terms: set_terms(cluster=cluster, terms=terms),
        ),
        Collected(
            "status",
            "in_catalogue",
            allowed=_may_publish,
            collect=lambda cluster, value: to_publish.append(cluster),
        ),
        # All at once: two clusters may change places.
        Collected("loyal_position", "loyal", collect=lambda cluster, value: positions.append((cluster, value))),
    ]
    rows = lambda: Cluster.objects.select_related("country", "region", "partner").prefetch_related("terms")  # noqa: E731
    return Kind(
        "clusters", Cluster, fields, rows, _clusters_by_slug, _clusters,
        after=("countries", "regions", "terms", "partners"),
        # The files have an order of their own, and a country's name goes into the words of clusters.
        lock=lock_clusters, finish=finish, finish_all=_refresh_search,
    )  # fmt: skip


def network_kind() -> Kind:
    """Return how networks are loaded."""
    fields = [
        Field("name"),
        Field("description"),
        Field("stated_members"),
        Reference("facilitator", model=Cluster),
        Field("note"),
        References("clusters", model=Cluster),
    ]
    rows = lambda: Network.objects.select_related("facilitator").prefetch_related("clusters")  # noqa: E731
    return Kind("networks", Network, fields, rows, primary_keys_by(Network, "slug"), _networks, after=("clusters",))


def rule_kind() -> Kind:
    """Return how the rules for priority are loaded."""
    fields = [
        Field("description"),
        Field("rationale"),
        Field("more_than_members"),
        TermReferences("terms", model=Term),
        References("countries", model=Country, natural="code"),
    ]
    rows = lambda: PriorityRule.objects.prefetch_related("terms", "countries")  # noqa: E731
    by_key = primary_keys_by(PriorityRule, "kind")
    return Kind("priority rules", PriorityRule, fields, rows, by_key, _rules, after=("terms", "countries"))


def _refresh_search(changed: dict[str, list[Any]]) -> None:
    """Let clusters be found by the names that changed in countries, regions or terms."""
    places = Q(country__in=changed["countries"]) | Q(region__in=changed["regions"])
    touched = places | Q(terms__in=changed["terms"])
    if changed["countries"] or changed["regions"] or changed["terms"]:
        refresh_search(clusters=Cluster.objects.filter(pk__in=Cluster.objects.filter(touched).values("pk")))


def _give_positions(positions: list[tuple[Cluster, int | None]], report: Report) -> None:
    """Put clusters on their places in the list of loyal ones, except where staff put another one."""
    moving = [cluster.pk for cluster, _place in positions]
    held = Cluster.objects.filter(loyal_position__isnull=False).exclude(pk__in=moving)
    taken = set(held.values_list("loyal_position", flat=True))
    # Off the old places first: no two clusters may have the same one, not even for a moment.
    Cluster.objects.filter(pk__in=moving).update(loyal_position=None)
    for cluster, place in positions:
        if place in taken:
            report.differences.append(Difference(f"clusters {cluster.slug}", "loyal", None, place))
            continue
        cluster.loyal_position = place
        cluster.save(update_fields=["loyal_position"])


def _countries(source: Source) -> list[Entry]:
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


def _regions(source: Source) -> list[Entry]:
    entries: list[Entry] = []
    countries = source.keys("countries")
    for row in read_csv(
        source.folder, "regions.csv", ["country_code", "slug", "name", "source_spelling", "other_names"]
    ):
        slug, name = row.text("slug", required=True), row.text("name", required=True)
        country = known(row, "country_code", row.text("country_code"), countries, "countries.csv")
        values = {
            "country": country,
            "name": name,
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


def _terms(source: Source) -> list[Entry]:
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


def _clusters(source: Source) -> list[Entry]:
    countries, regions = source.keys("countries"), _region_slugs(source.of("regions"))
    vertical = Term.Vocabulary.VERTICAL
    verticals = {
        term.values["name"]: term.key for term in source.of("terms") if term.identity["vocabulary"] == vertical
    }
    partners = {slug: partner for partner in source.of("partners") if (slug := partner.row.text("cluster"))}
    places = _places(source.folder)
    entries: list[Entry] = []
    loyal = 0
    rows = read_csv(source.folder, "clusters.csv", CLUSTER_COLUMNS)
    slugs = {row.text("slug") for row in rows}
    for slug, partner in partners.items():
        known(partner.row, "cluster", slug, slugs, "clusters.csv")
    for row in rows:
        slug = row.text("slug", required=True)
        country = known(row, "country_code", row.text("country_code"), countries, "countries.csv")
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
                verticals[known(row, "verticals", name, verticals, "terms.csv")] for name in row.items("verticals")
            ),
            "status": (Cluster.Status.PUBLISHED if is_published else Cluster.Status.IDENTIFIED).value,
        }
        identity = {"slug": slug, "public_id": uuid5(NAMESPACE_URL, f"{PUBLIC_ID_BASE}{slug}")}
        add_entry(entries, Entry(slug, row, identity, values), "slug")
    for row in places.values():
        raise row.error(
            "slug",
            f"“{row.text('slug')}” is not in clusters.csv.",
            "Add it there, or correct the spelling here.",
        )
    return entries


def _places(folder: Path) -> dict[str, Row]:
    columns = ["slug", "place", "local_name", "latitude", "longitude", "precision"]
    places: dict[str, Row] = {}
    for row in read_csv(folder, "places.csv", columns):
        slug = row.text("slug", required=True)
        if slug in places:
            raise row.error("slug", f"“{slug}” is in line {places[slug].line} already.", "Keep one of the lines.")
        places[slug] = row
    return places


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


def _networks(source: Source) -> list[Entry]:
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


def _rules(source: Source) -> list[Entry]:
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
