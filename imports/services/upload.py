"""Uploading a file, having it read by a worker, and choosing how it is read and what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, cast

from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import transaction

from imports.exceptions import ImportRefused
from imports.models import ColumnMapping, SpreadsheetImport
from imports.rows.cells import text_of
from imports.rows.headings import (
    ID,
    SEVERAL,
    SLUG,
    TARGETS,
    column_names,
    guess_columns,
    guess_header_line,
    remembered_columns,
    signature,
)
from imports.rows.reader import Plan
from imports.services.claims import Claim, wake_worker
from spreadsheets import isolated
from spreadsheets.encodings import ENCODINGS, SEPARATORS, Reading, is_8_bit
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import MAX_ROWS, Inspection, check_upload

Status = SpreadsheetImport.Status
#: States in which the columns may still be changed: nothing was proposed yet.
OPEN = (Status.UPLOADED, Status.CHECKED, Status.FAILED)
_NAME_LENGTH = 150
#: Characters of a cell that are stored to be shown.
_SHOWN = 200


@dataclass
class Columns:
    """What staff sees before the check: the beginning of the file and what each column is taken for."""

    headings: list[str]
    names: list[str]
    targets: list[str]
    is_remembered: bool
    #: The first rows as text, each as wide as the headings.
    rows: list[tuple[int, list[str]]]
    #: Whether nobody has to look at the letters: any file can be read in any 8-bit encoding.
    is_sure: bool
    sheets: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    #: How letters beyond ASCII read in each encoding that they may be written in; staff has to say which is right.
    readings: list[Reading] = field(default_factory=list)


def create_import(*, file: File, name: str, user: User | None, wakes: bool = True) -> SpreadsheetImport:
    """Store an uploaded file, unopened, as an import that a worker is to read; ``wakes`` false leaves that to the caller.

    Raises :class:`FileProblem` if its name or its size says that it cannot be read.
    """
    name = _short(name)
    check_upload(name, file.size)
    with transaction.atomic():
        row = SpreadsheetImport(file_name=name, uploaded_by=user)
        # Under a name of our own: that of the file is somebody else's text.
        row.file.save(f"{row.public_id}.upload", file, save=False)
        row.save()
        if wakes:
            wake_worker(row)
    return row


def read(claim: Claim) -> bool:
    """Look into the file, in a process of its own, and write down what staff has to see.

    Returns false for a file whose columns are chosen already: it goes on to the check. Raises :class:`FileProblem` if nothing is known of
    the file yet; otherwise what was known stays, with the problem.
    """
    row = claim.spreadsheet
    asked = row.requested_layout
    chosen = {key: asked[key] for key in ("encoding", "separator", "sheet") if asked.get(key)}
    try:
        with row.file.open("rb") as file:
            found = isolated.inspect_file(cast(IO[bytes], file), name=row.file_name, **chosen)
        targets = row.mapping.get("columns")
        _describe(row, found, asked.get("header_line") or guess_header_line(found.rows))
    except FileProblem as problem:
        if not row.preview:
            raise
        claim.finish(Status.UPLOADED, problem=str(problem), finished_at=None)
        return True
    if targets and len(targets) == len(row.headers):
        with transaction.atomic():
            _begin_check(row, targets)
            _finish_reading(claim, Status.CHECKING)
        return False
    _finish_reading(claim, Status.UPLOADED)
    return True


def columns_of(spreadsheet: SpreadsheetImport) -> Columns | None:
    """Return the beginning of the file with the columns as they are taken now; ``None`` if nothing is known of it."""
    preview = spreadsheet.preview
    if not preview:
        return None
    headings = spreadsheet.headers
    width = len(headings)
    targets = spreadsheet.mapping.get("columns")
    remembered = remembered_columns(headings)
    if not isinstance(targets, list) or len(targets) != width:
        targets = remembered or guess_columns(headings)
    return Columns(
        headings, column_names(headings), targets, remembered is not None,
        rows=[(number, cells[:width] + [""] * (width - len(cells))) for number, cells in preview["rows"]],
        is_sure=not is_8_bit(spreadsheet.encoding), sheets=preview["sheets"], warnings=preview["warnings"],
        readings=[Reading(key, ENCODINGS[key], tuple(cells)) for key, cells in preview["readings"]],
    )  # fmt: skip


def read_again(
    *,
    spreadsheet: SpreadsheetImport,
    encoding: str = "",
    separator: str = "",
    sheet: str = "",
    header_line: int = 0,
    wakes: bool = True,
) -> SpreadsheetImport:
    """Read the file in another way; what is left empty is guessed. Another line of headings needs no reading.

    Raises :class:`ImportRefused`.
    """
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        _require_open(row)
        row.rows.all().delete()
        row.mapping, row.problem, row.finished_at, row.stopped_in = {}, "", None, ""
        asked = {"encoding": encoding, "separator": separator, "sheet": sheet}
        if row.preview and header_line and all(asked[key] in ("", getattr(row, key)) for key in asked):
            _set_headings(row, header_line)
            row.status = Status.UPLOADED
        else:
            _request(row, encoding, separator, sheet, header_line)
        row.save()
        if wakes and row.status == Status.READING:
            wake_worker(row)
    return row


def set_columns(
    *,
    spreadsheet: SpreadsheetImport,
    targets: Sequence[str],
    encoding: str = "",
    fills_only: bool = False,
    empty_deletes: bool = False,
    wakes: bool = True,
) -> SpreadsheetImport:
    """Say what the columns mean, remember it for the next file with these headings, and begin the check.

    ``encoding`` is the one in which staff found the letters right: it is needed where a file with letters beyond ASCII
    does not say itself how it is written. If it is another than that of the columns shown, the file is read again before.
    ``wakes`` false leaves the work to the caller. Raises :class:`ImportRefused` with what is missing, or if rows were
    proposed already.
    """
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        _require_open(row)
        _require_encoding(row, encoding)
        check_targets(row.headers, targets)
        row.fills_only, row.empty_deletes = fills_only, empty_deletes and not fills_only
        row.problem, row.stopped_in, row.finished_at = "", "", None
        row.rows.all().delete()
        if encoding and encoding != row.encoding and row.preview.get("readings"):
            row.mapping = {"columns": list(targets)}
            _request(row, encoding, row.separator, "", row.header_line)
        else:
            _begin_check(row, targets)
            row.status = Status.CHECKING
        row.save()
        if wakes:
            wake_worker(row)
    return row


def check_targets(headings: Sequence[str], targets: Sequence[str]) -> None:
    """Raise :class:`ImportRefused` unless every column has a meaning and every row can be identified."""
    if len(targets) != len(headings) or any(target not in TARGETS for target in targets):
        raise ImportRefused("Choose one of the meanings offered for each column.")
    names = column_names(headings)
    for target in sorted(set(targets) - {"", *SEVERAL}):
        twice = [name for name, chosen in zip(names, targets, strict=True) if chosen == target]
        if len(twice) > 1:
            listed = " and ".join(f"“{name}”" for name in twice)
            raise ImportRefused(f"{TARGETS[target]} is chosen for {listed}. Ignore one of these columns.")
    if {ID, SLUG} & set(targets):
        return
    lacking = [TARGETS[name] for name in ("name", "country") if name not in targets]
    if lacking:
        raise ImportRefused(
            f"No column is chosen for: {', '.join(lacking)}. A row needs name and country, or the id or slug of its "
            "cluster."
        )


def column_plan(spreadsheet: SpreadsheetImport) -> Plan:
    """Return what the columns of ``spreadsheet`` mean."""
    return Plan(
        targets=spreadsheet.mapping.get("columns", []), names=column_names(spreadsheet.headers),
        fills_only=spreadsheet.fills_only, empty_deletes=spreadsheet.empty_deletes,
    )  # fmt: skip


def lock_for_update(spreadsheet: SpreadsheetImport) -> SpreadsheetImport:
    """Return the stored row, locked until the transaction ends."""
    return SpreadsheetImport.objects.select_for_update(of=("self",)).get(pk=spreadsheet.pk)


def _require_open(row: SpreadsheetImport) -> None:
    if row.status not in OPEN:
        raise ImportRefused(f"This import is in the state “{row.get_status_display()}”: its columns stay as they are.")
    if row.rows.filter(submission__isnull=False).exists():
        raise ImportRefused("Rows of this import are submissions already. Upload the file again to read it once more.")


def _require_encoding(row: SpreadsheetImport, encoding: str) -> None:
    if not row.preview.get("has_other_letters") or encoding in {row.encoding, *dict(row.preview["readings"])}:
        return
    raise ImportRefused(
        f"This file does not say how its letters are written; it is read as {ENCODINGS[row.encoding]}. Look at the letters "
        "and say in which line they are right."
    )


def _request(row: SpreadsheetImport, encoding: str, separator: str, sheet: str, header_line: int) -> None:
    """Let a worker read the file in this way; what is empty is guessed."""
    row.requested_layout = {
        "encoding": encoding if encoding in ENCODINGS else "",
        "separator": separator if separator in SEPARATORS else "",
        "sheet": sheet if sheet in row.preview.get("sheets", ()) else "",
        "header_line": header_line,
    }
    row.status, row.claimed_until, row.claimed_by = Status.READING, None, ""


def _begin_check(row: SpreadsheetImport, targets: Sequence[str]) -> None:
    """Set the columns and the place where the check begins, and remember them for files with the same headings."""
    row.mapping = {"columns": list(targets)}
    row.problem, row.counts, row.terms = "", {}, []
    row.cursor, row.rows_done, row.rows_blank = row.header_line, 0, 0
    row.claimed_until, row.claimed_by, row.finished_at = None, "", None
    ColumnMapping.objects.update_or_create(
        signature=signature(row.headers), defaults={"mapping": {"columns": list(targets)}}
    )


def _finish_reading(claim: Claim, status: str) -> None:
    """Store what the reading found. Raises :class:`ClaimLost`, if another worker or staff has it by now."""
    row = claim.spreadsheet
    names = (
        "encoding", "separator", "sheet", "header_line", "headers", "preview", "mapping", "rows_total", "cursor", "rows_done",
        "rows_blank", "counts", "terms",
    )  # fmt: skip
    claim.finish(
        status, problem="", finished_at=None, requested_layout={}, **{name: getattr(row, name) for name in names}
    )


def _describe(row: SpreadsheetImport, found: Inspection, header_line: int) -> None:
    """Write into ``row`` what a look found; cells are kept as far as they are shown."""
    if found.rows_estimate > 2 * MAX_ROWS:
        raise FileProblem(
            f"{row.file_name} has about {found.rows_estimate:,} lines, at most {MAX_ROWS:,} rows can be read. Split it."
        )
    row.encoding, row.separator, row.sheet = found.layout.encoding, found.layout.separator, found.layout.sheet
    row.preview = {
        "rows": [(number, [text_of(cell)[:_SHOWN] for cell in cells]) for number, cells in found.rows],
        "rows_estimate": found.rows_estimate, "sheets": found.sheets, "warnings": found.warnings,
        "has_other_letters": found.has_other_letters,
        "readings": [
            (reading.encoding, [cell.replace("\x00", "") for cell in reading.cells]) for reading in found.readings
        ],
    }  # fmt: skip
    row.mapping = {}
    _set_headings(row, header_line)


def _set_headings(row: SpreadsheetImport, header_line: int) -> None:
    """Take line ``header_line`` for that of the headings, the first one if it is not among those known."""
    rows = row.preview["rows"]
    known = [number for number, _cells in rows]
    row.header_line = header_line if header_line in known else known[0]
    row.headers = _headings(rows, row.header_line)
    row.rows_total = max(0, row.preview["rows_estimate"] - row.header_line)


def _headings(rows: Sequence[tuple[int, list[str]]], header_line: int) -> list[str]:
    """Return the headings, as many as there are columns with anything in most of the first rows."""
    heads: list[str] = next((cells for number, cells in rows if number == header_line), [])
    below = [len(cells) for number, cells in rows if number > header_line]
    # One slip of the separator must not make a column of its own.
    usual = sorted(below)[len(below) // 2] if below else 0
    return heads + [""] * (usual - len(heads))


def _short(name: str) -> str:
    name = "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable()).strip()
    if len(name) <= _NAME_LENGTH:
        return name or "spreadsheet"
    return f"{name[: _NAME_LENGTH - 10]}…{name[-8:]}"
