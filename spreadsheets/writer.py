"""Tables as CSV and Excel files, streamed; no cell of them is ever run as a formula."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import IO, Any

import xlsxwriter

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
LIST_SEPARATOR = "; "
#: Beginnings that make spreadsheets run a cell as a formula, full-width forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_XLSX_TEXT_LIMIT = 32_767  # characters that a cell of the format can hold
_PART = 64 * 1024  # bytes read at once from a temporary file
_BOM = "\ufeff"  # by it spreadsheet programs know that the file is UTF-8


class _Echo:
    """A file that gives back what is written, so that the csv module can stream."""

    def write(self, text: str) -> str:
        return text


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]], separator: str = ",") -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180, UTF-8 with byte order mark).

    Lists are joined by semicolons. Text that a spreadsheet would run begins with an apostrophe.
    """
    writer = csv.writer(_Echo(), delimiter=separator, lineterminator="\r\n")
    yield _BOM + writer.writerow(headings)
    for row in rows:
        yield writer.writerow([csv_cell(value) for value in row])


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


@contextmanager
def workbook(file: IO[bytes]) -> Iterator[xlsxwriter.Workbook]:
    """Write a workbook row by row into ``file``; text stays text, never a formula or a link."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    try:
        yield book
    finally:
        book.close()  # after a mistake too: the rows so far are in temporary files


def add_sheet(book: xlsxwriter.Workbook, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add a sheet with fixed headings. Numbers, dates and booleans keep their types; empty values stay empty cells."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write_cell(sheet, line, place, value, day)


def _write_cell(sheet: Any, line: int, place: int, value: Any, day: Any) -> None:
    if value is None or value == "" or value == []:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(line, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, day)
    else:
        text = LIST_SEPARATOR.join(value) if isinstance(value, list) else str(value)
        # Lines end with a line feed alone in the cells of a workbook.
        sheet.write_string(line, place, text.replace("\r\n", "\n").replace("\r", "\n")[:_XLSX_TEXT_LIMIT])


def file_parts(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """Yield what ``write`` puts into a temporary file, which lives only while it is read."""
    with tempfile.TemporaryFile() as file:
        write(file)
        file.seek(0)
        while part := file.read(_PART):
            yield part
