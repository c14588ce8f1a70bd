"""The report of an import as a file: one line per row, for people who correct the spreadsheet beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from imports.models import ImportRow
from publicforms.messages import without_label
from spreadsheets import writer
from submissions.fields.definitions import BY_NAME

HEADINGS = (
    "line", "outcome", "decision", "name", "country", "cluster", "may_be", "changes", "messages", "submission",
)  # fmt: skip


def report_lines(rows: Iterable[ImportRow]) -> Iterator[list[Any]]:
    """Yield the cells of each row, in the order of ``HEADINGS``."""
    for row in rows:
        changes = [
            f"{_label(name)}: {before or 'empty'} → {after or 'empty'}" for name, (before, after) in row.changes.items()
        ]
        remarks = [
            f"{_label(name)}: {without_label(_label(name), message)}" if name else message
            for name, messages in row.messages.items()
            for message in messages
        ]
        remarks += row.notes
        may_be = [_may_be(match) for match in row.matches]
        yield [
            row.number, row.get_outcome_display(), row.decision, row.shown_name, row.values.get("country") or "",
            row.cluster.slug if row.cluster else "", "; ".join(may_be), "\n".join(changes), "\n".join(remarks),
            row.submission.get_status_display() if row.submission else "",
        ]  # fmt: skip


def report_csv(rows: Iterable[ImportRow]) -> Iterator[str]:
    """Yield the lines of a CSV file."""
    return writer.csv_lines(HEADINGS, report_lines(rows))


def report_xlsx(rows: Iterable[ImportRow]) -> Callable[[IO[bytes]], None]:
    """Return what writes the report as a workbook."""

    def write(file: IO[bytes]) -> None:
        with writer.workbook(file) as book:
            writer.add_sheet(book, "Report", HEADINGS, report_lines(rows))

    return write


def _may_be(match: dict[str, Any]) -> str:
    if match.get("line"):
        return f"line {match['line']}, {match['name']} ({match['score']:.0%})"
    return f"{match['name']} ({match['score']:.0%})" if match.get("cluster") else str(match["reasons"][0])


def _label(name: str) -> str:
    return BY_NAME[name].label if name in BY_NAME else name
