"""Deleting old spreadsheets: they may hold more about people than the portal asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from imports.models import ImportRow, SpreadsheetImport
from imports.services.decide import SKIP
from submissions.models import Submission, SubmissionPolicy
from submissions.services.retention import CONTACT, removed_fields, without
from workplace.nightly import for_each

Status = SpreadsheetImport.Status
#: What is left of a row: enough to see which cluster it was about.
RETAINED_FIELDS = ("name", "country")
#: Rows emptied in one statement.
SLICE = 500
DELETED_MESSAGE = (
    "The file and the contents of its rows were deleted, because their time was over. Upload the file again."
)


def delete_old_files(*, now: datetime | None = None) -> int:
    """Delete the files and row contents of imports that ended long ago, or that nobody went on with; return how many.

    One whose submissions still wait for a decision has not ended. Raises :class:`~workplace.nightly.RowsFailed` when
    all others are done.
    """
    before = (now or timezone.now()) - timedelta(days=SubmissionPolicy.current().keep_files_days)
    waiting = ImportRow.objects.filter(spreadsheet=OuterRef("pk"), submission__status__in=Submission.OPEN)
    rows = SpreadsheetImport.objects.filter(
        Q(finished_at__lt=before) | Q(finished_at=None, created_at__lt=before), ~Exists(waiting)
    )
    rows = rows.exclude(status__in=SpreadsheetImport.WORKING).exclude(file="")

    def delete(key: int) -> bool:
        row = SpreadsheetImport.objects.select_for_update(of=("self",)).filter(pk=key).first()
        if row is None or row.is_working or not row.file:
            return False
        _empty(row)
        return True

    return for_each("import", list(rows.order_by("pk").values_list("pk", flat=True)), delete)


def empty_rows_of(submission: Submission) -> None:
    """Remove from the rows of files that became ``submission`` what is removed from it."""
    removed = removed_fields(submission)
    for line in ImportRow.objects.filter(submission=submission):
        line.values, line.changes, line.messages = without(line.values, removed), without(line.changes, removed), {}
        line.save(update_fields=["values", "changes", "messages"])


def erase_rows(email: str) -> int:
    """Remove the contact fields from rows of files that hold the address ``email``; return from how many."""
    rows = list(ImportRow.objects.filter(values__email__iexact=email).order_by("pk").select_for_update(of=("self",)))
    for line in rows:
        line.values, line.changes, line.messages = without(line.values, CONTACT), without(line.changes, CONTACT), {}
        line.notes = []
        line.save(update_fields=["values", "changes", "messages", "notes"])
    return len(rows)


def _empty(row: SpreadsheetImport) -> None:
    keys = list(row.rows.values_list("pk", flat=True))
    for start in range(0, len(keys), SLICE):
        lines = list(ImportRow.objects.filter(pk__in=keys[start : start + SLICE]))
        for line in lines:
            line.values = {name: line.values[name] for name in RETAINED_FIELDS if name in line.values}
            line.changes, line.messages, line.notes, line.matches, line.unknown = {}, {}, [], [], []
            if line.outcome == ImportRow.Outcome.DUPLICATE and line.submission_id is None:
                line.decision = SKIP
        ImportRow.objects.bulk_update(
            lines, ["values", "changes", "messages", "notes", "matches", "unknown", "decision"]
        )
    transaction.on_commit(partial(row.file.storage.delete, str(row.file.name)), robust=True)
    row.file, row.terms, row.preview, row.requested_layout = "", [], {}, {}
    if row.status not in (Status.PROPOSED, Status.CANCELLED):
        row.status, row.finished_at, row.stopped_in = Status.CANCELLED, timezone.now(), ""
    row.problem = DELETED_MESSAGE
    row.save()
