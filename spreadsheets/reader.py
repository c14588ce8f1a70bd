"""Opening a spreadsheet and handing on its rows, one at a time.

Nothing here knows of the portal, and none of it runs in the portal's own processes: see :mod:`~spreadsheets.isolated`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from spreadsheets.encodings import (
    ENCODINGS,
    SEPARATORS,
    Reading,
    guess_encoding,
    guess_separator,
    has_other_letters,
    is_8_bit,
    readings_of,
)
from spreadsheets.exceptions import FileProblem

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 32_767  # characters, as Excel has it
MAX_LINE = 500_000  # characters of a row: 200 columns of 2,500
_BLANKS_AT_END = 5_000  # so many blank rows in a row: formatted cells below the data
_PREVIEW = 20
#: Names that files of texts and of Excel have, by their ends.
_READABLE = ("csv", "tsv", "tab", "txt", "xlsx", "xlsm", "xltx", "xltm")
_OTHER_FORMATS = {
    "xls": "old Excel (.xls)", "xlt": "old Excel (.xlt)", "xlsb": "binary Excel (.xlsb)", "ods": "LibreOffice (.ods)",
    "ots": "LibreOffice (.ots)", "fods": "LibreOffice (.fods)", "numbers": "Apple Numbers (.numbers)",
}  # fmt: skip
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True)
class Layout:
    """How a file is to be read: what was guessed or what staff chose instead."""

    kind: str  # csv or xlsx
    encoding: str = ""
    separator: str = ""
    sheet: str = ""


class Line(NamedTuple):
    """A row; ``number`` is counted as a spreadsheet program does.

    The value of a cell of a workbook that is merged over several rows is in each of them; ``merged`` are those
    columns (from 0) that have it from a row above, with the first and last row of the cell.
    """

    number: int
    cells: list[Any]
    merged: dict[int, tuple[int, int]]


@dataclass
class Inspection:
    """What the first rows of a file show."""

    layout: Layout
    is_sure: bool = True  # of the encoding
    sheets: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)  # the first rows that are not blank
    rows_estimate: int = 0
    warnings: list[str] = field(default_factory=list)
    #: Whether anything differs from one 8-bit encoding to another, and how it reads in each.
    has_other_letters: bool = False
    readings: list[Reading] = field(default_factory=list)


def is_blank(cells: list[Any]) -> bool:
    """Return whether a row holds nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def check_upload(name: str, size: int) -> None:
    """Refuse by its name or its size (bytes) what cannot be read, without opening it. Raises :class:`FileProblem`."""
    ending = name.lower().rpartition(".")[2] if "." in name else ""
    if program := _OTHER_FORMATS.get(ending):
        # Whatever its bytes are: under this name, a spreadsheet program shows something else than is read here.
        raise FileProblem(
            f"{name} is a file of {program}, or called like one; it cannot be read. Open it in a spreadsheet program, "
            "save it as .xlsx or CSV and upload that."
        )
    if ending and ending not in _READABLE:
        raise FileProblem(f"{name} is no spreadsheet by its name. Upload a CSV or XLSX file (.csv, .xlsx).")
    if size > MAX_BYTES:
        raise FileProblem(
            f"{name} has {size / 1024 / 1024:.0f} MB, at most {MAX_BYTES // 1024 // 1024} MB can be read. Split it, or "
            "delete columns that do not matter."
        )
    if not size:
        raise FileProblem(f"{name} is empty. Save it again and upload that.")


def inspect_file(file: IO[bytes], *, name: str, encoding: str = "", separator: str = "", sheet: str = "") -> Inspection:
    """Find out how ``file`` is to be read and return its first rows; what is given is not guessed.

    Raises :class:`FileProblem` for anything that is no CSV or XLSX file within the limits.
    """
    kind = _kind_of(file, name)
    if kind == "xlsx":
        inspection = _inspect_workbook(file, name, sheet)
    else:
        guessed, is_sure = (encoding, True) if encoding in ENCODINGS else guess_encoding(file)
        chosen = separator if separator in SEPARATORS else guess_separator(_beginning(file, guessed))
        inspection = Inspection(Layout("csv", guessed, chosen), is_sure=is_sure or encoding in ENCODINGS)
        inspection.rows_estimate = _lines_of(file)
    for line in read_rows(file, inspection.layout, name):
        if not is_blank(line.cells):
            inspection.rows.append((line.number, line.cells))
        if len(inspection.rows) == _PREVIEW:
            break
    if not inspection.rows:
        raise FileProblem(f"{name}: there is nothing in it. Choose another sheet, or upload a file with rows.")
    if is_8_bit(inspection.layout.encoding):
        inspection.has_other_letters = has_other_letters(file)
        inspection.readings = readings_of(file, inspection.layout.separator, inspection.layout.encoding)
    return inspection


def read_rows(file: IO[bytes], layout: Layout, name: str, *, below: int = 0) -> Iterator[Line]:
    """Read ``file`` from its beginning, blank rows included; merged cells that begin below row ``below`` count.

    Raises :class:`FileProblem` where the file cannot be read on.
    """
    file.seek(0)
    rows = _Text(file, layout, name).rows() if layout.kind == "csv" else _workbook_rows(file, layout, name, below)
    blanks = 0
    for line in rows:
        if len(line.cells) > MAX_COLUMNS:
            raise FileProblem(
                f"{name}, line {line.number}: there are {len(line.cells):,} columns, at most {MAX_COLUMNS} can be read. "
                "Delete those that do not matter."
            )
        if sum(len(cell) for cell in line.cells if isinstance(cell, str)) > MAX_LINE:
            raise _too_long(name, line.number)
        blanks = blanks + 1 if is_blank(line.cells) else 0
        if blanks > _BLANKS_AT_END:
            return
        yield line


def _workbook_rows(file: IO[bytes], layout: Layout, name: str, below: int) -> Iterator[Line]:
    # Not needed for text files, and openpyxl takes longer to load than most of them to be read.
    from spreadsheets.workbooks import Workbook
    from spreadsheets.worksheets import Merges

    book = Workbook(file, name)
    sheet = book.sheet(layout.sheet)
    merges = Merges(book.survey(sheet).merged, below)
    last = 0
    for number, cells in book.rows(sheet):
        # Rows that are not in the file are blank.
        for blank in range(last + 1, min(number, last + _BLANKS_AT_END + 2)):
            yield Line(blank, [], merges.fill(blank, []))
        last = number
        _without_blanks_at_end(cells)
        if any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in cells):
            raise FileProblem(
                f"{name}, line {number}: a cell holds more than {MAX_CELL:,} characters, more than a spreadsheet program "
                "allows. Shorten it, or save the file again there."
            )
        yield Line(number, cells, merges.fill(number, cells))


class _Text:
    """Rows of a text file."""

    def __init__(self, file: IO[bytes], layout: Layout, name: str) -> None:
        self._file, self._layout, self._name = file, layout, name
        self._number = 0
        #: Whether the next line begins a row, and how many characters the row has until now.
        self._is_between, self._length = True, 0

    def rows(self) -> Iterator[Line]:
        text = _as_text(self._file, self._layout.encoding, errors="strict")
        try:
            for cells in csv.reader(self._counted(text), delimiter=self._layout.separator or ","):
                self._number += 1
                self._is_between, self._length = True, 0
                _without_blanks_at_end(cells)
                yield Line(self._number, cells, {})
        except UnicodeError as error:
            label = ENCODINGS.get(self._layout.encoding, self._layout.encoding)
            raise FileProblem(
                f"{self._name}, after line {self._number}: this is not written in {label}. Choose another encoding."
            ) from error
        except csv.Error as error:
            raise self._unended() from error
        finally:
            text.detach()

    def _unended(self) -> FileProblem:
        return FileProblem(
            f"{self._name}, line {self._number + 1}: a cell does not end. Look for a quotation mark without its "
            "partner there, or choose another separator."
        )

    def _counted(self, lines: IO[str]) -> Iterator[str]:
        """Yield the lines; blank ones between rows count, though the reader of CSV passes them over."""
        blanks = 0
        for position, line in enumerate(lines):
            bare = line.lstrip("\ufeff").strip("\r\n") if position == 0 else line.strip("\r\n")
            if "\x00" in bare:
                raise FileProblem(
                    f"{self._name}, line {self._number + 1}: this is no text. Choose another encoding, or save the "
                    "file as CSV or XLSX."
                )
            if self._is_between and (
                not bare or (position == 0 and bare.lower().startswith("sep=") and len(bare) == 5)
            ):
                self._number, blanks = self._number + 1, blanks + 1
                if blanks > _BLANKS_AT_END:
                    return
                continue
            self._is_between, blanks, self._length = False, 0, self._length + len(line)
            if self._length > 2 * MAX_LINE:  # with its separators and quotation marks
                raise _too_long(self._name, self._number + 1)
            yield line.lstrip("\ufeff") if position == 0 else line
        if not self._is_between:
            # The reader asked for more lines than there are: it would take the rest of the file for one cell.
            raise self._unended()


def _too_long(name: str, number: int) -> FileProblem:
    return FileProblem(
        f"{name}, line {number}: the row holds more than {MAX_LINE:,} characters. Shorten its texts; if it is one row in "
        "the spreadsheet program too, save it there as CSV again."
    )


def _without_blanks_at_end(cells: list[Any]) -> None:
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()


def _as_text(file: IO[bytes], encoding: str, errors: str) -> io.TextIOWrapper:
    file.seek(0)
    return io.TextIOWrapper(io.BufferedReader(_Undying(file)), encoding=encoding, errors=errors, newline="")


class _Undying(io.RawIOBase):
    """A binary file that stays open when the text layer above it goes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._inner = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._inner.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def _kind_of(file: IO[bytes], name: str) -> str:
    check_upload(name, file.seek(0, io.SEEK_END))
    file.seek(0)
    head = file.read(8)
    if head.startswith(_OLD_EXCEL):
        raise FileProblem(
            f"{name} is an old Excel file (.xls) or protected by a password. Save it as .xlsx or CSV without password."
        )
    if head.startswith(b"PK"):
        return "xlsx"
    file.seek(0)
    beginning = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<?mso", b"{\\rtf", b'{"', b"[{")):
        raise FileProblem(
            f"{name} is no spreadsheet but a web page or another kind of text, whatever it is called. Open it in a "
            "spreadsheet program, save it as .xlsx or CSV and upload that."
        )
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise FileProblem(f"{name} is no spreadsheet. Upload a CSV or XLSX file.")
    return "csv"


def _inspect_workbook(file: IO[bytes], name: str, title: str) -> Inspection:
    from spreadsheets.workbooks import Workbook

    book = Workbook(file, name)
    sheet = book.sheet(title)
    survey = book.survey(sheet)
    inspection = Inspection(Layout("xlsx", sheet=sheet.title), sheets=[found.title for found in book.sheets])
    inspection.rows_estimate = min(survey.last_row, MAX_ROWS)
    if survey.formulas_without_value:
        inspection.warnings.append(
            f"{survey.formulas_without_value:,} formulas have no stored result (the first in {survey.first_formula}): "
            "these cells count as empty. Open the file in a spreadsheet program, save it and upload it again to have "
            "their values."
        )
    return inspection


def _beginning(file: IO[bytes], encoding: str) -> str:
    text = _as_text(file, encoding, errors="replace")
    try:
        return text.read(64 * 1024)
    finally:
        text.detach()


def _lines_of(file: IO[bytes]) -> int:
    file.seek(0)
    lines = 0
    while part := file.read(1024 * 1024):
        lines += part.count(b"\n")
    return lines
