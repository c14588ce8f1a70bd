"""The sources of what a load writes into profiles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalogue.models import Cluster, FactSource
from catalogue.profile.sources import source_field
from catalogue.services.sources import Origin, Source, write_sources
from loading.files import Row
from loading.registry import Entry
from loading.report import Report

REPORT = Source(Origin.REPORT, "report D4.5", "2019-06")
TOWN = Source(Origin.TOWN, "from the town")
_PLACE = Source(Origin.STAFF, "general knowledge, coordinates of GeoNames")
#: The report has no verticals: they were read from its texts.
_VERTICALS = Source(Origin.REPORT, "our reading of report D4.5", "2019-06")
#: What the only terms of the files are.
_FIELD_OF_TERMS = "verticals"


def sources_by_field(*, region_is_from_town: bool, website: Row | None) -> dict[str, Source]:
    """Return where those fields of a cluster of the files are from that are not from the report itself."""
    sources = {"place": _PLACE, _FIELD_OF_TERMS: _VERTICALS}
    if region_is_from_town:
        sources["region"] = TOWN
    if website is not None:
        sources["website"] = web_source(website.text("status_seen"))
    return sources


def web_source(seen: str) -> Source:
    """Return the source of an address that a stored text had; ``seen`` says when: "2019", "2021 or later", "undated"."""
    if len(seen) == 4 and seen.isdigit():
        return Source(Origin.WEB, "public web text", seen)
    return Source(Origin.WEB, f"public web text, {seen}" if seen else "public web text")


class LoadedSources:
    """Collects the sources of what one kind of records says about clusters, and writes them together."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], tuple[Source, bool]] = {}

    def of_cluster(self, cluster: Cluster, entry: Entry, as_in_file: set[str], written: set[str]) -> None:
        """Note the fields of ``cluster`` that say what its file says."""
        for name in as_in_file:
            field = _FIELD_OF_TERMS if name == "terms" else source_field(name)
            is_capital = field == "place" and entry.values["precision"] == Cluster.Precision.COUNTRY  # never shown
            if field and entry.values[name] and not is_capital:
                before = self._found.get((cluster.pk, field), (None, False))[1]
                source = entry.notes["sources"].get(field, REPORT)
                self._found[cluster.pk, field] = source, before or name in written

    def of_rows(self, clusters: Iterable[int], field: str) -> None:
        """Note that rows about ``clusters``, which ``field`` is of, are from the report."""
        for key in clusters:
            self._found[key, field] = REPORT, False

    def write(self, report: Report) -> None:
        """Store the source of what was written, and of what has none yet; the sources of staff's values stay."""
        keys = {key for key, _field in self._found}
        known = set(FactSource.objects.filter(cluster__in=keys).values_list("cluster", "field"))
        write_sources(
            (*about, source) for about, (source, is_new) in self._found.items() if is_new or about not in known
        )


def of_related(sources: LoadedSources, field: str) -> Any:
    """Return what a kind of rows about one cluster each calls for every loaded row (``Kind.loaded``)."""
    return lambda row, entry, as_in_file, written: sources.of_rows([row.cluster_id], field)
