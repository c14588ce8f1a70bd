"""A file comes in; staff says how it is to be read and what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any, cast

from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import transaction

from catalogue.imports.cells import text_of
from catalogue.imports.encodings import ENCODINGS, Reading, has_other_letters, is_8_bit, readings_of
from catalogue.imports.files import MAX_ROWS, Look, look_into
from catalogue.imports.headings import (
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
from catalogue.imports.problems import FileProblem
from catalogue.imports.rows import Plan
from catalogue.models import ColumnMapping, SpreadsheetImport
from catalogue.services.imports.jobs import kick
from catalogue.services.imports.refusals import ImportRefused

Status = SpreadsheetImport.Status
#: States in which the columns may be told anew: nothing was proposed yet.
OPEN = (Status.UPLOADED, Status.CHECKED, Status.FAILED)
_NAME_LENGTH = 150


@dataclass
class Columns:
    """What staff sees before the check: the beginning of the file and what each column is taken for."""

    look: Look
    headings: list[str]
    names: list[str]
    targets: list[str]
    is_remembered: bool
    #: How letters beyond ASCII read in each encoding that they may be written in; staff has to say which is right.
    readings: list[Reading] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[int, list[str]]]:
        """The first rows as text, each as wide as the headings."""
        width = len(self.names)
        return [
            (number, [text_of(cell) for cell in cells[:width]] + [""] * (width - len(cells)))
            for number, cells in self.look.rows
        ]


def take_in(*, file: File, name: str, user: User | None) -> SpreadsheetImport:
    """Store an uploaded file as an import that waits for its columns.

    Raises :class:`FileProblem` if it cannot be read at all.
    """
    name = _short(name)
    with transaction.atomic():
        look = look_into(cast(IO[bytes], file.file), name=name)
        row = SpreadsheetImport(file_name=name, uploaded_by=user)
        _describe(row, look, guess_header_line(look.rows))
        file.seek(0)
        # Under a name of our own: that of the file is somebody else's text.
        row.file.save(f"{row.public_id}.{look.layout.kind}", file, save=False)
        row.save()
    return row


def columns_of(spreadsheet: SpreadsheetImport) -> Columns:
    """Return the beginning of the file with the columns as they are taken now. Raises :class:`FileProblem`."""
    with spreadsheet.file.open("rb") as file:
        look = look_into(
            file.file, name=spreadsheet.file_name, encoding=spreadsheet.encoding, separator=spreadsheet.separator,
            sheet=spreadsheet.sheet,
        )  # fmt: skip
        encoding = look.layout.encoding
        readings = (
            readings_of(cast(IO[bytes], file.file), look.layout.separator, encoding) if is_8_bit(encoding) else []
        )
    # Any file can be read in any 8-bit encoding: only the eye tells whether it is the right one.
    look.is_sure = not is_8_bit(look.layout.encoding)
    headings = _headings(look, spreadsheet.header_line)
    targets = spreadsheet.mapping.get("columns")
    remembered = remembered_columns(headings)
    if not isinstance(targets, list) or len(targets) != len(headings):
        targets = remembered or guess_columns(headings)
    return Columns(look, headings, column_names(headings), targets, remembered is not None, readings)


def read_again(
    *, spreadsheet: SpreadsheetImport, encoding: str = "", separator: str = "", sheet: str = "", header_line: int = 0
) -> SpreadsheetImport:
    """Take the file in another way; what is left empty is guessed.

    Raises :class:`FileProblem`, :class:`ImportRefused`.
    """
    with transaction.atomic():
        row = locked(spreadsheet)
        _require_open(row)
        with row.file.open("rb") as file:
            look = look_into(file.file, name=row.file_name, encoding=encoding, separator=separator, sheet=sheet)
        _describe(row, look, header_line or guess_header_line(look.rows))
        row.status, row.problem = Status.UPLOADED, ""
        row.save()
        row.rows.all().delete()
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

    ``encoding`` is the one that staff looked at and found right: it is needed, and must be the one in which the file
    is read, where a file with letters beyond ASCII does not say it itself. ``wakes`` false leaves the work to the caller. Raises :class:`ImportRefused` with what is missing, or if rows
    were proposed already.
    """
    with transaction.atomic():
        row = locked(spreadsheet)
        _require_open(row)
        _require_encoding(row, encoding)
        check_targets(row.headers, targets)
        row.mapping = {"columns": list(targets)}
        row.fills_only, row.empty_deletes = fills_only, empty_deletes and not fills_only
        row.status, row.problem, row.counts, row.terms = Status.CHECKING, "", {}, []
        row.cursor, row.rows_done, row.rows_blank = row.header_line, 0, 0
        row.claimed_until, row.claimed_by, row.finished_at = None, "", None
        row.save()
        row.rows.all().delete()
        ColumnMapping.objects.update_or_create(
            signature=signature(row.headers), defaults={"mapping": {"columns": list(targets)}}
        )
        if wakes:
            kick(row)
    return row


def check_targets(headings: Sequence[str], targets: Sequence[str]) -> None:
    """Raise :class:`ImportRefused` unless every column has a meaning and a row can be told from another."""
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


def plan_of(spreadsheet: SpreadsheetImport) -> Plan:
    """Return what the columns of ``spreadsheet`` mean."""
    return Plan(
        targets=spreadsheet.mapping.get("columns", []), names=column_names(spreadsheet.headers),
        fills_only=spreadsheet.fills_only, empty_deletes=spreadsheet.empty_deletes,
    )  # fmt: skip


def locked(spreadsheet: SpreadsheetImport) -> SpreadsheetImport:
    """Return the stored row, locked until the transaction ends."""
    return SpreadsheetImport.objects.select_for_update(of=("self",)).get(pk=spreadsheet.pk)


def _require_open(row: SpreadsheetImport) -> None:
    if row.status not in OPEN:
        raise ImportRefused(f"This import is in the state “{row.get_status_display()}”: its columns stay as they are.")
    if row.rows.filter(submission__isnull=False).exists():
        raise ImportRefused("Rows of this import are submissions already. Upload the file again to read it anew.")


def _require_encoding(row: SpreadsheetImport, encoding: str) -> None:
    if not is_8_bit(row.encoding) or encoding == row.encoding:
        return
    with row.file.open("rb") as file:
        if not has_other_letters(cast(IO[bytes], file.file)):
            return
    raise ImportRefused(
        f"This file does not say how its letters are written; it is read as {ENCODINGS[row.encoding]}. Look at the letters "
        "and say in which line they are right."
    )


def _describe(row: SpreadsheetImport, look: Look, header_line: int) -> None:
    if look.rows_estimate > 2 * MAX_ROWS:
        raise FileProblem(
            f"{row.file_name} has about {look.rows_estimate:,} lines, at most {MAX_ROWS:,} rows can be read. Split it."
        )
    known = [number for number, _cells in look.rows]
    row.header_line = header_line if header_line in known else known[0]
    row.encoding, row.separator, row.sheet = look.layout.encoding, look.layout.separator, look.layout.sheet[:100]
    row.headers = _headings(look, row.header_line)
    row.mapping = {}
    row.rows_total = max(0, look.rows_estimate - row.header_line)


def _headings(look: Look, header_line: int) -> list[str]:
    """Return the headings, as many as there are columns with anything in most of the first rows."""
    heads: list[Any] = next((cells for number, cells in look.rows if number == header_line), [])
    below = [len(cells) for number, cells in look.rows if number > header_line]
    # One slip of the separator must not make a column of its own.
    usual = sorted(below)[len(below) // 2] if below else 0
    width = max(len(heads), usual)
    return [text_of(head)[:200] for head in heads] + [""] * (width - len(heads))


def _short(name: str) -> str:
    name = "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable()).strip()
    if len(name) <= _NAME_LENGTH:
        return name or "spreadsheet"
    return f"{name[: _NAME_LENGTH - 10]}…{name[-8:]}"
