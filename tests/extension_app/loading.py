"""Visits come from a data file, too."""

from catalogue.models import Cluster
from loading.fields import Field, Reference
from loading.files import read_csv
from loading.registry import Entry, Kind, Source, add_entry, known, primary_keys_by
from tests.extension_app.models import Visit


def read(source: Source) -> list[Entry]:
    """Return the lines of ``visits.csv``; a folder without that file has no visits."""
    entries: list[Entry] = []
    if not (source.folder / "visits.csv").is_file():
        return entries
    for row in read_csv(source.folder, "visits.csv", ["code", "cluster", "note"]):
        code, clusters = row.text("code", required=True), source.keys("clusters")
        cluster = known(row, "cluster", row.text("cluster", required=True), clusters, "clusters.csv")
        add_entry(entries, Entry(code, row, {"code": code}, {"cluster": cluster, "note": row.text("note")}), "code")
    return entries


def visit_kind() -> Kind:
    """Return how visits are loaded."""
    fields = [Reference("cluster", model=Cluster), Field("note")]
    by_key = primary_keys_by(Visit, "code")
    return Kind("visits", Visit, fields, Visit.objects.all, by_key, read, after=("clusters",))
