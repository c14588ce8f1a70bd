"""Approving all submissions of an import at once, each as a reviewer would: its own decision, its own history."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from catalogue.duplicates import DuplicateFinder, Known
from catalogue.models import Cluster, ImportRow, SpreadsheetImport, Submission
from catalogue.payload.choices import Choices
from catalogue.payload.fields import BY_NAME
from catalogue.payload.values import fingerprint, in_words
from catalogue.review.duplicates import OVERLAP, candidate_of
from catalogue.services.imports.intake import locked
from catalogue.services.imports.jobs import Claim
from catalogue.services.imports.proposing import begin, open_rows
from catalogue.services.imports.refusals import ImportRefused
from catalogue.services.submissions import review
from catalogue.services.submissions.refusals import SubmissionChanged, SubmissionRefused
from catalogue.services.submissions.review import FieldDecision, Seen

Status = SpreadsheetImport.Status


@dataclass(frozen=True)
class Preview:
    """What approving everything would do."""

    new: int
    new_without_summary: int
    updates: int
    fields: list[tuple[str, int]]  # label and number of submissions that change it

    @property
    def total(self) -> int:
        """All submissions that wait."""
        return self.new + self.updates


def preview(spreadsheet: SpreadsheetImport) -> Preview:
    """Return what approving all waiting submissions would do, from their payloads: one query."""
    new = without = updates = 0
    fields: dict[str, int] = {}
    rows = open_rows(spreadsheet).values_list("submission__kind", "submission__payload")
    for kind, payload in rows.iterator():
        if kind == Submission.Kind.NEW:
            new += 1
            without += not payload.get("summary")
            continue
        updates += 1
        for name in payload:
            fields[name] = fields.get(name, 0) + 1
    labels = [(spec.label, fields[name]) for name, spec in BY_NAME.items() if name in fields]
    return Preview(new, without, updates, labels)


def start_approving(
    *, spreadsheet: SpreadsheetImport, approver: User | None, publishes_new: bool = False, wakes: bool = True
) -> SpreadsheetImport:
    """Let a worker approve every waiting submission in the name of ``approver``.

    New clusters stay identified unless ``publishes_new``. Raises :class:`ImportRefused`.
    """
    with transaction.atomic():
        row = locked(spreadsheet)
        if row.status != Status.PROPOSED:
            raise ImportRefused(
                f"This import is in the state “{row.get_status_display()}”: nothing can be approved now."
            )
        total = open_rows(row).count()
        if not total:
            raise ImportRefused("Every submission of this import is decided already.")
        row.approver, row.publishes_new = approver, publishes_new
        begin(row, Status.APPROVING, total, wakes=wakes)
    return row


def approve_rows(mine: Claim) -> bool:
    """Go on approving where it stopped, one row per transaction; return whether it is finished."""
    choices, spreadsheet = Choices.load(), mine.spreadsheet
    # What was there when the file was checked was compared with then, and staff decided on it.
    finder = DuplicateFinder(Cluster.objects.filter(updated_at__gt=spreadsheet.created_at - OVERLAP))
    while True:
        rows = (
            open_rows(spreadsheet)
            .filter(number__gt=spreadsheet.cursor)
            .select_related("submission__target__country", "submission__target__region")
        )
        row = rows.order_by("number").first()
        if row is None:
            break
        with transaction.atomic():
            mine.hold(cursor=row.number, rows_done=spreadsheet.rows_done + 1)
            told = _approve(row, spreadsheet, choices, finder)
            if told or row.messages:
                row.messages = {"": [told]} if told else {}
                row.save(update_fields=["messages"])
        if mine.is_over:
            return False
    mine.finish(Status.PROPOSED)
    return True


def _approve(row: ImportRow, spreadsheet: SpreadsheetImport, choices: Choices, finder: DuplicateFinder) -> str:
    """Approve one submission; return why not, if it has to wait for a reviewer."""
    submission = row.submission
    if submission is None:
        return ""
    live = review.live_values(submission)
    moved = [BY_NAME[name] for name in live if live[name] != submission.base.get(name, BY_NAME[name].empty)]
    if moved:
        now = "; ".join(f"{spec.label} is now {in_words(spec, live[spec.name], choices) or 'empty'}" for spec in moved)
        return f"The profile changed since the row was proposed: {now}. Decide on it in the review queue."
    shown = frozenset(int(match["cluster"]) for match in row.matches)
    try:
        outcome = review.decide(
            submission=submission,
            reviewer=spreadsheet.approver,  # type: ignore[arg-type]  # nobody, for the data that the portal comes with
            seen=Seen(submission.version, fingerprint(live), shown),
            decisions={name: FieldDecision(is_accepted=True) for name in review.names_to_decide(submission, live)},
            publish=spreadsheet.publishes_new,
            choices=choices,
            finder=finder,
        )
    except SubmissionChanged as refusal:
        return " ".join(refusal.changes)
    except SubmissionRefused as refusal:
        return f"{refusal} Decide on it in the review queue."
    if submission.kind == Submission.Kind.NEW and outcome.cluster:
        finder.add(Known(outcome.cluster.pk, candidate_of(submission.payload)))
    return ""
