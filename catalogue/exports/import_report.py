"""The report of an import as a file: one line per row, for people who correct the spreadsheet beside it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import xlsxwriter

from catalogue.exports.writers import Echo, csv_cell, xlsx_text
from catalogue.models import ImportRow
from catalogue.payload.fields import BY_NAME
from publicforms.messages import without_label

HEADINGS = (
    "line", "outcome", "decision", "name", "country", "cluster", "may_be", "changes", "messages", "submission",
)  # fmt: skip
_BOM = "\ufeff"


def report_lines(rows: Iterable[ImportRow]) -> Iterator[list[Any]]:
    """Yield the cells of each row, in the order of ``HEADINGS``."""
    for row in rows:
        changes = [
            f"{_label(name)}: {before or 'empty'} → {after or 'empty'}" for name, (before, after) in row.changes.items()
        ]
        told = [
            f"{_label(name)}: {without_label(_label(name), message)}" if name else message
            for name, messages in row.messages.items()
            for message in messages
        ]
        told += row.notes
        may_be = [_may_be(match) for match in row.matches]
        yield [
            row.number, row.get_outcome_display(), row.decision, row.shown_name, row.values.get("country") or "",
            row.cluster.slug if row.cluster else "", "; ".join(may_be), "\n".join(changes), "\n".join(told),
            row.submission.get_status_display() if row.submission else "",
        ]  # fmt: skip


def report_csv(rows: Iterable[ImportRow]) -> Iterator[str]:
    """Yield the lines of a CSV file; cells that a spreadsheet would run begin with an apostrophe."""
    writer = csv.writer(Echo(), lineterminator="\r\n")
    yield _BOM + writer.writerow(HEADINGS)
    for cells in report_lines(rows):
        yield writer.writerow([csv_cell(cell) for cell in cells])


def report_xlsx(rows: Iterable[ImportRow]) -> Callable[[IO[bytes]], None]:
    """Return what writes the report as a workbook; text is text there, never a formula."""

    def write(file: IO[bytes]) -> None:
        book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet("Report")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True}))
        for line, cells in enumerate(report_lines(rows), start=1):
            sheet.write_number(line, 0, cells[0])
            for place, cell in enumerate(cells[1:], start=1):
                if cell:
                    sheet.write_string(line, place, xlsx_text(str(cell)))
        book.close()

    return write


def _may_be(match: dict[str, Any]) -> str:
    if match.get("line"):
        return f"line {match['line']}, {match['name']} ({match['score']:.0%})"
    return f"{match['name']} ({match['score']:.0%})" if match.get("cluster") else str(match["reasons"][0])


def _label(name: str) -> str:
    return BY_NAME[name].label if name in BY_NAME else name
