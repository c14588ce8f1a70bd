"""The parts of an Excel file: its list of sheets, its texts, its cell formats; its sheets are in :mod:`spreadsheets.worksheets`.

Only what is needed for values is read, in pieces: fonts, fills, charts and links are passed over, so that they cost
nothing, however many there are.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from spreadsheets.archives import Archive, Attributes, Handlers, local
from spreadsheets.exceptions import FileProblem
from spreadsheets.worksheets import Cells, Sheet, Survey, Surveyor, Text

MAX_TEXTS = 60 * 1024 * 1024  # bytes of its table of texts, which is held in memory
_MAX_STYLES = 64 * 1024 * 1024  # bytes; Excel's own limit are 65,490 formats of cells
_MAX_LIST = 4 * 1024 * 1024  # bytes of the list of sheets
_MAX_FORMATS = 65_490
_MAX_SHEETS = 1_000
_MAX_STRINGS = 4_000_000  # every cell of the largest sheet that is read has its own
_MAX_CODE = 255  # characters of the code of a number format, as Excel has it
_MAX_TITLE = 100
_FORMATS, _TEXTS, _SHEETS = "its cell formats", "its texts", "its list of sheets"


class Workbook:
    """The values of an Excel file. Raises :class:`FileProblem` wherever they cannot be read."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        """Read the list of sheets; hidden sheets hold lists for menus and the like, so they come last."""
        self._archive, self._name = Archive(file, name), name
        if "xl/workbook.xml" not in self._archive.names:
            raise FileProblem(f"{name} is no Excel file (.xlsx). Save the spreadsheet as .xlsx or CSV and upload that.")
        self._targets = self._relations()
        self._epoch: datetime = CALENDAR_WINDOWS_1900
        self.sheets = sorted(self._list(), key=lambda sheet: not sheet.is_shown)

    def sheet(self, title: str) -> Sheet:
        """Return the sheet of that title, else the first one."""
        if not self.sheets:
            raise FileProblem(f"{self._name} has no sheet with cells. Save it again and upload that.")
        return next((sheet for sheet in self.sheets if sheet.title == title), self.sheets[0])

    def survey(self, sheet: Sheet) -> Survey:
        """Read through ``sheet`` once for what is said beside and below its rows."""
        survey = Surveyor(self._name, sheet)
        self._archive.parse_all(sheet.part, _called(sheet), Handlers(survey.start, survey.end, survey.text))
        return survey.found

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, list[Any]]]:
        """Yield number and cells of the rows of ``sheet`` that are in the file, in order."""
        cells = Cells(self._texts(), self._kinds(), self._epoch)
        handlers = Handlers(cells.start, cells.end, cells.text)
        for _pause in self._archive.parse(sheet.part, _called(sheet), handlers):
            yield from cells.ready
            cells.ready.clear()

    def _relations(self) -> dict[str, tuple[str, str]]:
        """Return kind and part by the id under which the list of sheets names it."""
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: Attributes) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
                found[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], target

        self._archive.parse_all("xl/_rels/workbook.xml.rels", _SHEETS, Handlers(start), most=_MAX_LIST)
        return found

    def _list(self) -> list[Sheet]:
        sheets = list[Sheet]()

        def start(name: str, attributes: Attributes) -> None:
            if name == "workbookPr" and attributes.get("date1904") in ("1", "true", "on"):
                self._epoch = CALENDAR_MAC_1904
            elif name == "sheet":
                about = local(attributes)
                kind, part = self._targets.get(about.get("id", ""), ("", ""))
                if kind == "worksheet":
                    title = about.get("name", "")[:_MAX_TITLE]
                    sheets.append(Sheet(title, about.get("state", "visible") == "visible", part))
                if len(sheets) > _MAX_SHEETS:
                    raise FileProblem(
                        f"{self._name} has more than {_MAX_SHEETS:,} sheets. Copy the one that matters into a new file."
                    )

        self._archive.parse_all("xl/workbook.xml", _SHEETS, Handlers(start), most=_MAX_LIST)
        return sheets

    def _part(self, kind: str) -> str:
        return next(
            (part for found, part in self._targets.values() if found == kind and part in self._archive.names), ""
        )

    def _kinds(self) -> list[str]:
        """Return for each format of cells whether its numbers mean a date, a duration or nothing but a number ("")."""
        codes, formats = dict[int, str](), list[int]()
        is_inside = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal is_inside
            if name == "numFmt" and len(codes) < _MAX_FORMATS:
                codes[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")[:_MAX_CODE]
            elif name == "cellXfs":
                is_inside = True
            elif name == "xf" and is_inside:
                formats.append(int(attributes.get("numFmtId", 0)))
                if len(formats) > _MAX_FORMATS:
                    raise FileProblem(
                        f"{self._name} has more than {_MAX_FORMATS:,} cell formats, more than a spreadsheet program "
                        "allows. Copy the cells into a new file, or save it as CSV."
                    )

        def end(name: str) -> None:
            nonlocal is_inside
            if name == "cellXfs":
                is_inside = False

        if part := self._part("styles"):
            self._archive.parse_all(part, _FORMATS, Handlers(start, end), most=_MAX_STYLES)
        kinds = {number: _kind_of(codes.get(number) or builtin_format_code(number)) for number in set(formats)}
        return [kinds[number] for number in formats]

    def _texts(self) -> list[bytes]:
        """Return the table of texts, encoded, so that no single letter makes it four times as large."""
        texts, words = list[bytes](), Text()

        def start(name: str, _attributes: Attributes) -> None:
            words.start(name)

        def end(name: str) -> None:
            words.end(name)
            if name == "si":
                texts.append(words.take().encode())
                if len(texts) > _MAX_STRINGS:
                    raise FileProblem(
                        f"{self._name} has more than {_MAX_STRINGS:,} different texts. Split it, or save it as CSV."
                    )

        if part := self._part("sharedStrings"):
            self._archive.parse_all(part, _TEXTS, Handlers(start, end, words.add), most=MAX_TEXTS)
        return texts


def _called(sheet: Sheet) -> str:
    return f"sheet “{sheet.title}”"


def _kind_of(code: str | None) -> str:
    if not is_date_format(code):
        return ""
    return "duration" if is_timedelta_format(code) else "date"
