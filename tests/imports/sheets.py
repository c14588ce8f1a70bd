"""Spreadsheets for tests, and the way of one through the services without a worker."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from django.core.files.base import ContentFile

from imports.models import ImportRow, SpreadsheetImport
from imports.services import jobs, propose, upload
from spreadsheets.exceptions import FileProblem


def csv_bytes(rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Return rows as the bytes of a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(
    rows: Iterable[Sequence[Any]], *, title: str = "Clusters", more: dict[str, list[Any]] | None = None
) -> bytes:
    """Return rows as the bytes of an Excel file; ``more`` are further sheets."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for name, lines in (more or {}).items():
        other = book.create_sheet(name)
        for line in lines:
            other.append(list(line))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def uploaded(content: bytes, name: str = "clusters.csv") -> SpreadsheetImport:
    """Return the import of a file that waits for its columns. Raises :class:`FileProblem` if it cannot be read."""
    spreadsheet = finish(upload.create_import(file=ContentFile(content, name=name), name=name, user=None, wakes=False))
    if spreadsheet.status == SpreadsheetImport.Status.FAILED:
        raise FileProblem(spreadsheet.problem)
    return spreadsheet


def finish(spreadsheet: SpreadsheetImport, *, seconds: float = 600) -> SpreadsheetImport:
    """Work on an import until nothing is left to do."""
    while jobs.run(spreadsheet.pk, seconds=seconds):
        pass
    spreadsheet.refresh_from_db()
    return spreadsheet


def guessed(spreadsheet: SpreadsheetImport) -> list[str]:
    """Return what the columns of an import are taken for."""
    columns = upload.columns_of(spreadsheet)
    assert columns is not None
    return columns.targets


def checked(
    content: bytes, name: str = "clusters.csv", *, targets: list[str] | None = None, **options: Any
) -> SpreadsheetImport:
    """Return the import of a file after its dry run; the columns are those guessed, unless given."""
    spreadsheet = uploaded(content, name)
    chosen = targets if targets is not None else guessed(spreadsheet)
    return finish(
        upload.set_columns(
            spreadsheet=spreadsheet, targets=chosen, wakes=False, **{"encoding": spreadsheet.encoding, **options}
        )
    )


def checked_rows(rows: Iterable[Sequence[Any]], **options: Any) -> list[ImportRow]:
    """Return the rows of a CSV file after its dry run."""
    return list(checked(csv_bytes(rows), **options).rows.order_by("number"))


def proposed(spreadsheet: SpreadsheetImport) -> SpreadsheetImport:
    """Make submissions of all rows that can be."""
    return finish(propose.start_proposing(spreadsheet=spreadsheet, wakes=False))
