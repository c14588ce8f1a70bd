"""One writer for each format; all stream in batches and hold no more than one batch in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import IO, Any

from django.utils import timezone

from catalogue.exports.columns import columns
from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster
from catalogue.profile.declaration import Column
from spreadsheets import writer


def csv_lines(clusters: Iterable[Cluster], base_url: str, separator: str = ",") -> Iterator[str]:
    """Yield the lines of a CSV file."""
    every = columns(base_url)
    return writer.csv_lines([column.name for column in every], _rows(every, clusters), separator)


def json_parts(clusters: Iterable[Cluster], base_url: str, query: str) -> Iterator[str]:
    """Yield the parts of one JSON object: ``attribution``, ``query``, ``generated_at``, ``results``, ``count``."""
    every = columns(base_url)
    head = {"attribution": PLACE_CREDIT, "query": query, "generated_at": timezone.now().isoformat(timespec="seconds")}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "results": ['
    count = 0
    for cluster in clusters:
        yield (",\n" if count else "\n") + json.dumps(_record(every, cluster), ensure_ascii=False)
        count += 1
    yield f'\n], "count": {count}}}\n'


def geojson_parts(clusters: Iterable[Cluster], base_url: str) -> Iterator[str]:
    """Yield the parts of a GeoJSON feature collection (RFC 7946); unknown places have no geometry."""
    every = [column for column in columns(base_url) if column.name not in ("latitude", "longitude")]
    yield (
        json.dumps({"type": "FeatureCollection", "attribution": PLACE_CREDIT}, ensure_ascii=False)[:-1]
        + ', "features": ['
    )
    is_first = True
    for cluster in clusters:
        point = None
        if cluster.latitude is not None and cluster.longitude is not None:
            point = {"type": "Point", "coordinates": [float(cluster.longitude), float(cluster.latitude)]}
        feature = {
            "type": "Feature",
            "id": str(cluster.public_id),
            "geometry": point,
            "properties": _record(every, cluster),
        }
        yield ("\n" if is_first else ",\n") + json.dumps(feature, ensure_ascii=False)
        is_first = False
    yield "\n]}\n"


def write_xlsx(file: IO[bytes], clusters: Iterable[Cluster], base_url: str, query: str) -> None:
    """Write a workbook: a sheet of clusters and one about the data."""
    every = columns(base_url)
    with writer.workbook(file) as book:
        writer.add_sheet(book, "Clusters", [column.name for column in every], _rows(every, clusters))
        about = book.add_worksheet("About")
        about.set_column(0, 0, 24)
        lines = [
            ("Credit", PLACE_CREDIT),
            ("Filter", query or "all clusters"),
            ("Made on", f"{timezone.localtime():%Y-%m-%d %H:%M}"),
        ]
        lines += [(column.name, column.meaning) for column in every]
        bold = book.add_format({"bold": True})
        for row, (name, text) in enumerate(lines):
            about.write_string(row, 0, name, bold)
            about.write_string(row, 1, text)


def _rows(every: list[Column], clusters: Iterable[Cluster]) -> Iterator[list[Any]]:
    return ([column.value(cluster) for column in every] for cluster in clusters)


def _record(every: list[Column], cluster: Cluster) -> dict[str, Any]:
    values = {column.name: column.value(cluster) for column in every}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
