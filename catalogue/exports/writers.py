"""One writer for each format; all stream in batches and hold no more than one batch in memory."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import IO, Any

import xlsxwriter
from django.utils import timezone

from catalogue.exports.columns import Column, columns
from catalogue.map import PLACE_CREDIT
from catalogue.models import Cluster

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
LIST_SEPARATOR = "; "
#: Beginnings that make spreadsheets run a cell as a formula, full-width forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_XLSX_TEXT_LIMIT = 32_767  # characters that a cell of the format can hold
_PART = 64 * 1024  # bytes read at once from a temporary file
_BOM = "\ufeff"  # tells spreadsheets that the file is UTF-8


class Echo:
    """A file that gives back what is written, so that the csv module can stream."""

    def write(self, text: str) -> str:
        """Return ``text``."""
        return text


def csv_lines(clusters: Iterable[Cluster], base_url: str, separator: str = ",") -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180, UTF-8 with byte order mark).

    Lists are joined by semicolons. Text that a spreadsheet would run begins with an apostrophe.
    """
    every = columns(base_url)
    writer = csv.writer(Echo(), delimiter=separator, lineterminator="\r\n")
    yield _BOM + writer.writerow([column.name for column in every])
    for cluster in clusters:
        yield writer.writerow([csv_cell(column.value(cluster)) for column in every])


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


def file_parts(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """Yield what ``write`` puts into a temporary file, which lives only while it is read."""
    with tempfile.TemporaryFile() as file:
        write(file)
        file.seek(0)
        while part := file.read(_PART):
            yield part


def write_xlsx(file: IO[bytes], clusters: Iterable[Cluster], base_url: str, query: str) -> None:
    """Write a workbook: a sheet of clusters and one about the data.

    Text is written as text, never as a formula; numbers, dates and booleans keep their types.
    """
    every = columns(base_url)
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Clusters")
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [column.name for column in every], bold)
    for row, cluster in enumerate(clusters, start=1):
        for place, column in enumerate(every):
            _write_xlsx_cell(sheet, row, place, column.value(cluster), day)
    about = book.add_worksheet("About")
    about.set_column(0, 0, 24)
    lines = [
        ("Credit", PLACE_CREDIT),
        ("Filter", query or "all clusters"),
        ("Made on", f"{timezone.localtime():%Y-%m-%d %H:%M}"),
    ]
    lines += [(column.name, column.meaning) for column in every]
    for row, (name, text) in enumerate(lines):
        about.write_string(row, 0, name, bold)
        about.write_string(row, 1, text)
    book.close()


def csv_cell(value: Any) -> str:
    """Return ``value`` as a cell; text that a spreadsheet would run begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = LIST_SEPARATOR.join(value)
    text = str(value)
    if isinstance(value, str) and text.startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


def _write_xlsx_cell(sheet: Any, row: int, place: int, value: Any, day: Any) -> None:
    if value is None or value == "" or value == []:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, day)
    else:
        text = LIST_SEPARATOR.join(value) if isinstance(value, list) else str(value)
        sheet.write_string(row, place, xlsx_text(text))


def xlsx_text(text: str) -> str:
    """Return ``text`` as a cell of a workbook holds it: lines end there with a line feed alone."""
    return text.replace("\r\n", "\n").replace("\r", "\n")[:_XLSX_TEXT_LIMIT]


def _record(every: list[Column], cluster: Cluster) -> dict[str, Any]:
    values = {column.name: column.value(cluster) for column in every}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
