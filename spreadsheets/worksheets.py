"""One sheet of an Excel file: its cells with their types, merged cells, formulas without a value.

Types are distinguished as openpyxl does it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.utils.escape import unescape

from spreadsheets.archives import Attributes
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import MAX_CELL, MAX_COLUMNS, is_blank

MAX_MERGED = 100_000  # merged cells of a sheet
_MAX_CELLS = 5_000_000  # of a sheet, those that are only formatted included
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # as Excel has them
_MAX_ESCAPED = 7 * MAX_CELL  # a character can be written as _x000D_
_MAX_NUMBER = 400  # characters; an IEEE 754 double has up to 309 digits before the point


@dataclass(frozen=True)
class Sheet:
    """A sheet with cells."""

    title: str
    is_shown: bool
    part: str


@dataclass
class Survey:
    """What is known of a sheet before its rows are read."""

    last_row: int = 0  # with anything in it
    merged: list[tuple[int, int, int]] = field(default_factory=list)  # first row, last row, column from 0
    formulas_without_value: int = 0
    first_formula: str = ""  # without value


class Text:
    """The text of one cell, put together from its runs; how it is pronounced is left out."""

    def __init__(self) -> None:
        self._parts, self._length, self._is_open, self._is_spoken = list[str](), 0, False, False

    def start(self, name: str) -> None:
        self._is_spoken = self._is_spoken or name == "rPh"
        self._is_open = name == "t" and not self._is_spoken

    def end(self, name: str) -> None:
        self._is_open = False
        self._is_spoken = self._is_spoken and name != "rPh"

    def add(self, text: str) -> None:
        # What is longer is refused with its line, if any cell shows it.
        if self._is_open and self._length <= _MAX_ESCAPED:
            self._parts.append(text)
            self._length += len(text)

    def take(self) -> str:
        text = "".join(self._parts)[: _MAX_ESCAPED + 1]
        self._parts, self._length = [], 0
        return text


class Cells:
    """Puts the cells of a sheet together, row by row."""

    def __init__(self, texts: list[bytes], kinds: list[str], epoch: datetime) -> None:
        self._texts, self._kinds, self._epoch = texts, kinds, epoch
        self.ready = list[tuple[int, list[Any]]]()
        self._row = self._column = self._passed = 0
        self._cells: dict[int, Any] = {}
        self._about: Attributes | None = None
        self._is_value, self._value, self._words = False, "", Text()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            place = attributes.get("r")
            self._column = _place_of(place)[1] if place else self._column + 1
            if self._column > _MOST_COLUMNS:
                raise ValueError(place)
            self._about, self._value = attributes, ""
        elif name == "v":
            self._is_value = True
        elif name == "row":
            self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
            if not 0 < self._row <= _MOST_ROWS:
                raise ValueError(self._row)
            self._column = 0
        elif self._about is not None:
            self._words.start(name)

    def text(self, text: str) -> None:
        if self._is_value:
            if len(self._value) <= _MAX_ESCAPED:
                self._value += text
        else:
            self._words.add(text)

    def end(self, name: str) -> None:
        if name == "v":
            self._is_value = False
        elif name == "c" and self._about is not None:
            value = self._value_of(self._about)
            if value is not None:
                self._cells[self._column] = value
            self._about = None
        elif name == "row":
            # A row that is in the file twice, or too late, has no place of its own.
            if self._row > self._passed:
                width = max(self._cells, default=0)
                self.ready.append((self._row, [self._cells.get(column) for column in range(1, width + 1)]))
                self._passed = self._row
            self._cells = {}
        else:
            self._words.end(name)

    def _value_of(self, about: Attributes) -> Any:
        kind, value, inline = about.get("t", "n"), self._value, self._words.take()
        if kind == "inlineStr":
            return unescaped(inline) or None
        if not value:
            return None
        if kind == "s":
            number = int(value)
            if number < 0:
                raise ValueError(number)
            try:
                return unescaped(self._texts[number].decode())
            except IndexError as error:
                raise ValueError(number) from error
        if kind == "n":
            return self._number_of(value, about.get("s"))
        if kind == "b":
            return bool(int(value))
        if kind == "d":
            return from_ISO8601(value[:_MAX_NUMBER])
        return unescaped(value)

    def _number_of(self, value: str, style: str | None) -> Any:
        if len(value) > _MAX_NUMBER:
            raise ValueError(value)
        number = float(value) if "." in value or "e" in value.lower() else int(value)
        place = int(style or 0)
        kind = self._kinds[place] if 0 <= place < len(self._kinds) else ""
        if not kind:
            return number
        try:
            return from_excel(number, self._epoch, timedelta=kind == "duration")
        except (OverflowError, ValueError):
            return "#VALUE!"  # as spreadsheet programs show a date beyond their calendar


class Surveyor:
    """Notes merged cells, formulas without value and the last row of a sheet."""

    def __init__(self, name: str, sheet: Sheet) -> None:
        self._name, self._sheet, self.found = name, sheet, Survey()
        self._row, self._cell, self._is_formula, self._is_open, self._has_value = 0, "", False, False, False
        self._cells = self._cells_before = 0  # in all, and before this row

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._cell = attributes.get("r", "")
            self._is_formula = self._has_value = False
            self._cells += 1
            if self._cells - self._cells_before > _MOST_COLUMNS:
                raise ValueError(self._row)
        elif name in ("v", "t"):
            self._is_open = True
        elif name == "f":
            self._is_formula = True
        elif name == "row":
            self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
            self._cells_before = self._cells
            if self._cells > _MAX_CELLS:
                raise FileProblem(
                    f"{self._name}, sheet {self._sheet.title}: there are more than {_MAX_CELLS:,} cells, with those that are "
                    "only formatted. Copy those with values into a new file, or save it as CSV."
                )
        elif name == "mergeCell":
            self._add_merged(attributes.get("ref", ""))

    def text(self, _text: str) -> None:
        if self._is_open:
            self._has_value = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._is_open = False
        elif name == "c":
            if self._has_value:
                self.found.last_row = max(self.found.last_row, self._row)
            elif self._is_formula:
                self.found.formulas_without_value += 1
                self.found.first_formula = self.found.first_formula or self._cell[:20]

    def _add_merged(self, ref: str) -> None:
        beginning, _colon, end = ref.replace("$", "").partition(":")
        try:
            (first, column), (last, _last_column) = _place_of(beginning), _place_of(end or beginning)
        except ValueError:
            return  # whole rows and columns: they hold one value
        if last > first and column <= MAX_COLUMNS:
            self.found.merged.append((first, last, column - 1))
            if len(self.found.merged) > MAX_MERGED:
                raise FileProblem(
                    f"{self._name}, sheet {self._sheet.title}: there are more than {MAX_MERGED:,} merged cells. Unmerge "
                    "them and fill the values down."
                )


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


def _place_of(reference: str) -> tuple[int, int]:
    """Return row and column, both from 1, of a cell such as AB12. Raises :class:`ValueError`."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters[:4]:
        if not "A" <= letter <= "Z":
            raise ValueError(reference)
        column = 26 * column + ord(letter) - 64
    row = int(reference[len(letters) :])
    if not 0 < row <= _MOST_ROWS or not 0 < column <= _MOST_COLUMNS:
        raise ValueError(reference)
    return row, column


def unescaped(text: str) -> str:
    """Return a text of a workbook with what is written there as ``_x000D_``; a letter in two halves becomes whole."""
    if "_x" not in text:
        return text
    return unescape(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
