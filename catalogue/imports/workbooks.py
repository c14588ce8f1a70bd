"""What is particular about Excel files: an archive that may unpack without end, merged cells, formulas."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import openpyxl
from openpyxl.utils import column_index_from_string
from openpyxl.utils.escape import unescape

from catalogue.imports.problems import FileProblem

MAX_COLUMNS = 200
MAX_UNPACKED = 200 * 1024 * 1024  # bytes of everything inside an Excel file
MAX_TEXTS = 60 * 1024 * 1024  # bytes of its table of texts, which is held in memory
MAX_PARTS = 2_000  # files inside an Excel file
MAX_MERGED = 100_000  # merged cells of a sheet
_FORMULA_WITHOUT_VALUE = re.compile(
    rb'<c [^>]*?r="([A-Z]+[0-9]+)"[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})["']"""
)


def is_blank(cells: list[Any]) -> bool:
    """Return whether a row holds nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def check_archive(file: IO[bytes], name: str) -> None:
    """Refuse what is no Excel file, and what would unpack to far more than it looks like."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileProblem(f"{name} is damaged. Save it again and upload that.") from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise FileProblem(f"{name} is no Excel file (.xlsx). Save the spreadsheet as .xlsx or CSV and upload that.")
    texts = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or texts > MAX_TEXTS:
        raise FileProblem(
            f"{name} would unpack to more than can be read. Copy the cells into a new file, or save it as CSV."
        )


@contextmanager
def open_workbook(file: IO[bytes], name: str) -> Iterator[Any]:
    """Open a workbook for reading values row by row."""
    file.seek(0)
    with warnings.catch_warnings():
        # About styles and validations that are passed over here.
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl raises many kinds on damaged files
            raise FileProblem(
                f"{name} cannot be opened. Open it in a spreadsheet program, save it as .xlsx and upload that."
            ) from error
        try:
            yield book
        finally:
            book.close()  # the file itself stays open: it is the caller's


def formulas_without_value(book: Any, sheet: Any) -> tuple[int, str]:
    """Return how many formulas of ``sheet`` have no stored result, and the first such cell."""
    count, first, tail = 0, "", b""
    with book._archive.open(sheet._worksheet_path) as xml:
        while part := xml.read(1024 * 1024):
            text = tail + part
            end = 0
            for match in _FORMULA_WITHOUT_VALUE.finditer(text):
                count, end = count + 1, match.end()
                first = first or match[1].decode()
            tail = text[max(end, len(text) - 2000) :]
    return count, first


def merged_cells(book: Any, sheet: Any, name: str) -> list[tuple[int, int, int]]:
    """Return first row, last row and column (from 0) of the cells of ``sheet`` that are merged over several rows."""
    found, tail = list[tuple[int, int, int]](), b""
    with book._archive.open(sheet._worksheet_path) as xml:
        while part := xml.read(1024 * 1024):
            text = tail + part
            end = 0
            if b"mergeCell" in text:
                for match in _MERGED.finditer(text):
                    end, first, last = match.end(), int(match[2]), int(match[3])
                    place = column_index_from_string(match[1].decode()) - 1
                    if last > first and place < MAX_COLUMNS:
                        found.append((first, last, place))
            if len(found) > MAX_MERGED:
                raise FileProblem(
                    f"{name}, sheet {sheet.title}: there are more than {MAX_MERGED:,} merged cells. Unmerge them and "
                    "fill the values down."
                )
            tail = text[max(end, len(text) - 300) :]
    return found


class Merges:
    """The cells merged over several rows, handed on row by row."""

    def __init__(self, ranges: list[tuple[int, int, int]], below: int) -> None:
        """Take the first row, last row and column of each."""
        self._coming = sorted((entry for entry in ranges if entry[0] > below), reverse=True)
        self._open: dict[int, tuple[int, int, Any]] = {}

    def fill(self, number: int, cells: list[Any]) -> dict[int, tuple[int, int]]:
        """Write into the ``cells`` of row ``number`` what they have from above; return first and last row by column.

        A row without any cell of its own stays blank.
        """
        while self._coming and self._coming[-1][0] <= number:
            first, last, place = self._coming.pop()
            value = cells[place] if first == number and place < len(cells) else None
            if value not in (None, ""):
                self._open[place] = first, last, value
        if not self._open:
            return {}
        self._open = {place: entry for place, entry in self._open.items() if entry[1] >= number}
        if is_blank(cells):
            return {}
        filled = {}
        for place, (first, last, value) in self._open.items():
            if first < number:
                cells.extend([None] * (place + 1 - len(cells)))
                cells[place], filled[place] = value, (first, last)
        return filled


def unescaped(text: str) -> str:
    """Return a text of a workbook with what stands there as ``_x000D_``; a letter in two halves becomes whole."""
    if "_x" not in text:
        return text
    return unescape(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
