"""Opening a spreadsheet and handing on its rows, one at a time, with tablib's readers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import tablib
from tablib.formats import registry

from catalogue.imports.encodings import ENCODINGS, SEPARATORS, guess_encoding, guess_separator
from catalogue.imports.problems import FileProblem
from catalogue.imports.workbooks import (
    MAX_COLUMNS,
    Merges,
    check_archive,
    formulas_without_value,
    is_blank,
    merged_cells,
    open_workbook,
    unescaped,
)

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "Layout", "Look", "Reader", "is_blank", "look_into"]

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
_MAX_CELL = 32_767  # characters, as Excel has it
_BLANKS_AT_END = 5_000  # so many blank rows in a row: formatted cells below the data
_PREVIEW = 20
_OTHER_FORMATS = {
    "xls": "old Excel (.xls)", "xlt": "old Excel (.xlt)", "xlsb": "binary Excel (.xlsb)", "ods": "LibreOffice (.ods)",
    "ots": "LibreOffice (.ots)", "fods": "LibreOffice (.fods)", "numbers": "Apple Numbers (.numbers)",
}  # fmt: skip
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
Take = Callable[[int, list[Any]], bool | None]


@dataclass(frozen=True)
class Layout:
    """How a file is to be read: what was guessed or what staff chose instead."""

    kind: str  # csv or xlsx
    encoding: str = ""
    separator: str = ""
    sheet: str = ""


@dataclass
class Look:
    """What a first look into a file found."""

    layout: Layout
    is_sure: bool = True  # of the encoding
    sheets: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)  # the first rows that are not blank
    rows_estimate: int = 0
    warnings: list[str] = field(default_factory=list)


def look_into(file: IO[bytes], *, name: str, encoding: str = "", separator: str = "", sheet: str = "") -> Look:
    """Find out how ``file`` is to be read and return its first rows; what is given is not guessed.

    Raises :class:`FileProblem` for anything that is no CSV or XLSX file within the limits.
    """
    kind = _kind_of(file, name)
    if kind == "xlsx":
        look = _look_into_workbook(file, name, sheet)
    else:
        guessed, is_sure = (encoding, True) if encoding in ENCODINGS else guess_encoding(file)
        chosen = separator if separator in SEPARATORS else guess_separator(_beginning(file, guessed, name))
        look = Look(Layout("csv", guessed, chosen), is_sure=is_sure or encoding in ENCODINGS)
        look.rows_estimate = _lines_of(file)
    reader = Reader(file, look.layout, name)

    def take(number: int, cells: list[Any]) -> bool:
        if not is_blank(cells):
            look.rows.append((number, cells))
        return len(look.rows) < _PREVIEW

    reader.read(take)
    if not look.rows:
        raise FileProblem(f"{name}: there is nothing in it. Choose another sheet, or upload a file with rows.")
    return look


class Reader:
    """Reads a file from its beginning; ``number`` is the row reached, as a spreadsheet program counts.

    What stands in a cell of a workbook that is merged over several rows stands in each of them; ``merged`` are those
    columns of the row reached (from 0) that have it from a row above, with the first and last row of the cell.
    """

    def __init__(self, file: IO[bytes], layout: Layout, name: str, *, below: int = 0) -> None:
        """Remember what to read; nothing is read yet. Merged cells that begin below row ``below`` count."""
        self._file, self._layout, self._name, self._below = file, layout, name, below
        self.number = 0
        self.merged: dict[int, tuple[int, int]] = {}
        self._merges: Merges | None = None

    def read(self, take: Take) -> None:
        """Call ``take`` with number and cells of every row until it returns ``False``.

        Raises :class:`FileProblem` where the file cannot be read on.
        """
        self.number, self._take = 0, take
        self._file.seek(0)
        try:
            if self._layout.kind == "csv":
                self._read_text()
            else:
                self._read_workbook()
        except _Enough:
            pass
        except _Taken as taken:
            raise taken.error from taken.error.__cause__

    def _read_text(self) -> None:
        text = io.TextIOWrapper(
            io.BufferedReader(_Undying(self._file)), encoding=self._layout.encoding, errors="strict", newline=""
        )
        try:
            registry.get_format("csv").import_set(
                _Rows(self._give), self._counted(text), headers=False, delimiter=self._layout.separator or ","
            )
        except UnicodeError as error:
            label = ENCODINGS.get(self._layout.encoding, self._layout.encoding)
            raise FileProblem(
                f"{self._name}, after line {self.number}: this is not written in {label}. Choose another encoding."
            ) from error
        except csv.Error as error:
            raise self._unended() from error
        finally:
            text.detach()

    def _unended(self) -> FileProblem:
        return FileProblem(
            f"{self._name}, line {self.number + 1}: a cell does not end. Look for a quotation mark without its "
            "partner there, or choose another separator."
        )

    def _counted(self, lines: IO[str]) -> Iterator[str]:
        """Yield the lines; blank ones between rows count, though tablib passes them over."""
        self._is_between = True
        for position, line in enumerate(lines):
            bare = line.lstrip("\ufeff").strip("\r\n") if position == 0 else line.strip("\r\n")
            if "\x00" in bare:
                raise FileProblem(
                    f"{self._name}, line {self.number + 1}: this is no text. Choose another encoding, or save the "
                    "file as CSV or XLSX."
                )
            if self._is_between and (
                not bare or (position == 0 and bare.lower().startswith("sep=") and len(bare) == 5)
            ):
                self.number += 1
                self._check_blank(True)
                continue
            self._is_between = False
            yield line.lstrip("\ufeff") if position == 0 else line
        if not self._is_between:
            # The reader asked for more lines than there are: it would take the rest of the file for one cell.
            raise self._unended()

    def _read_workbook(self) -> None:
        with open_workbook(self._file, self._name) as book:
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            sheet = sheets.get(self._layout.sheet) or next(iter(sheets.values()))
            self._merges = Merges(merged_cells(book, sheet, self._name), self._below)
            # Files may tell a wrong size; without one, all cells are looked at.
            sheet.reset_dimensions()
            try:
                registry.get_format("xlsx").import_sheet(_Rows(self._give), sheet, headers=False)
            except (_Enough, _Taken, FileProblem):
                raise
            except Exception as error:  # openpyxl raises many kinds on damaged files
                raise FileProblem(
                    f"{self._name}, sheet {sheet.title}, after line {self.number}: the file is damaged here. Open it "
                    "in a spreadsheet program, save it again and upload that."
                ) from error

    _blanks = 0

    def _check_blank(self, blank: bool) -> None:
        self._blanks = self._blanks + 1 if blank else 0
        if self._blanks > _BLANKS_AT_END:
            raise _Enough

    def _give(self, cells: list[Any]) -> None:
        self.number += 1
        self._is_between = True
        if self._layout.kind == "xlsx":
            cells = [unescaped(cell) if isinstance(cell, str) else cell for cell in cells]
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if self._merges:
            self.merged = self._merges.fill(self.number, cells)
        if self._layout.kind == "xlsx" and any(isinstance(cell, str) and len(cell) > _MAX_CELL for cell in cells):
            raise FileProblem(
                f"{self._name}, line {self.number}: a cell holds more than {_MAX_CELL:,} characters, more than a "
                "spreadsheet program allows. Shorten it, or save the file anew there."
            )
        if len(cells) > MAX_COLUMNS:
            raise FileProblem(
                f"{self._name}, line {self.number}: there are {len(cells):,} columns, at most {MAX_COLUMNS} can be "
                "read. Delete those that do not matter."
            )
        self._check_blank(is_blank(cells))
        try:
            goes_on = self._take(self.number, cells)
        except Exception as error:
            # What the taker raises says nothing about the file.
            raise _Taken(error) from error
        if goes_on is False:
            raise _Enough


class _Enough(Exception):
    """No more rows are wanted."""


class _Taken(Exception):
    """Carries an exception of whoever takes the rows past the readers."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Rows(tablib.Dataset):
    """A dataset that hands its rows on instead of keeping them, so that a file of any length fits into memory."""

    def __init__(self, give: Callable[[list[Any]], None]) -> None:
        super().__init__()
        self._give = give

    def append(self, row: Any, tags: Any = ()) -> None:
        """Hand ``row`` on."""
        self._give(list(row))


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
    if program := _OTHER_FORMATS.get(name.lower().rpartition(".")[2]):
        # Whatever its bytes are: under this name, a spreadsheet program shows something else than is read here.
        raise FileProblem(
            f"{name} is a file of {program}, or called like one; it cannot be read. Open it in a spreadsheet program, "
            "save it as .xlsx or CSV and upload that."
        )
    file.seek(0, io.SEEK_END)
    size = file.tell()
    if size > MAX_BYTES:
        raise FileProblem(
            f"{name} has {size / 1024 / 1024:.0f} MB, at most {MAX_BYTES // 1024 // 1024} MB can be read. Split it, or "
            "delete columns that do not matter."
        )
    if not size:
        raise FileProblem(f"{name} is empty. Save it again and upload that.")
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


def _look_into_workbook(file: IO[bytes], name: str, sheet: str) -> Look:
    check_archive(file, name)
    with open_workbook(file, name) as book:
        shown = [found.title for found in book.worksheets if found.sheet_state == "visible"]
        # Hidden sheets hold lists for menus and the like: they may be chosen, and come last.
        titles = [*shown, *(found.title for found in book.worksheets if found.title not in shown)]
        if not titles:
            raise FileProblem(f"{name} has no sheet with cells. Save it again and upload that.")
        chosen = sheet if sheet in titles else titles[0]
        found = book[chosen]
        look = Look(Layout("xlsx", sheet=chosen), sheets=titles)
        look.rows_estimate = min(found.max_row or 0, MAX_ROWS)
        missing, first = formulas_without_value(book, found)
        if missing:
            look.warnings.append(
                f"{missing:,} formulas have no stored result (the first in {first}): these cells count as empty. Open "
                "the file in a spreadsheet program, save it and upload it again to have their values."
            )
    return look


def _beginning(file: IO[bytes], encoding: str, name: str) -> str:
    file.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Undying(file)), encoding=encoding, errors="replace", newline="")
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
