"""Approving all submissions of an import at once, each as a reviewer would: its own decision, its own history."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction

from catalogue.models import Cluster
from duplicates.finder import DuplicateFinder
from duplicates.profiles import load_known
from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.open_submissions import known_clusters, known_lines
from imports.services.claims import Claim
from imports.services.propose import open_rows, start_work
from imports.services.upload import lock_for_update
from submissions.exceptions import SubmissionChanged, SubmissionRefused
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import as_text, fingerprint
from submissions.models import Submission
from submissions.review.duplicates import OVERLAP
from submissions.services import review
from submissions.services.review import Decision, FieldDecision, ReviewSnapshot

Status = SpreadsheetImport.Status
#: What whoever approves needs, as the page asks for it; the second only to publish.
APPROVE, PUBLISH = "imports.approve_import", "catalogue.publish_cluster"
#: After so many rows the permissions are checked again.
CHECK_PERMISSION_EVERY = 25

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preview:
    """What approving everything would do."""

    new: int
    new_without_summary: int
    updates: int
    fields: list[tuple[str, str, int]]  # name, label and number of submissions that change it

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
    labels = [(name, spec.label, fields[name]) for name, spec in BY_NAME.items() if name in fields]
    return Preview(new, without, updates, labels)


def start_approving(
    *, spreadsheet: SpreadsheetImport, approver: User | None, publishes_new: bool = False, wakes: bool = True
) -> SpreadsheetImport:
    """Let a worker approve every waiting submission in the name of ``approver``.

    New clusters stay identified unless ``publishes_new``. Raises :class:`ImportRefused`.
    """
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        if row.status != Status.PROPOSED:
            raise ImportRefused(
                f"This import is in the state “{row.get_status_display()}”: nothing can be approved now."
            )
        total = open_rows(row).count()
        if not total:
            raise ImportRefused("Every submission of this import is decided already.")
        row.approver, row.publishes_new, row.needs_approver = approver, publishes_new, approver is not None
        start_work(row, Status.APPROVING, total, wakes=wakes)
    return row


def approve_rows(claim: Claim) -> bool:
    """Go on approving where it stopped, one row per transaction; return whether it is finished.

    It stops where the approver may not approve any more; what waits then waits for somebody else.
    """
    choices, spreadsheet = Choices.load(), claim.spreadsheet
    recent, checked_at = RecentClusters(spreadsheet), -CHECK_PERMISSION_EVERY
    while True:
        if spreadsheet.rows_done - checked_at >= CHECK_PERMISSION_EVERY:
            checked_at = spreadsheet.rows_done
            if problem := permission_problem(spreadsheet):
                claim.finish(Status.PROPOSED, problem=problem)
                return True
        rows = (
            open_rows(spreadsheet)
            .filter(number__gt=spreadsheet.cursor)
            .select_related("submission__target__country", "submission__target__region")
        )
        row = rows.order_by("number").first()
        if row is None:
            break
        with transaction.atomic():
            claim.renew(cursor=row.number, rows_done=spreadsheet.rows_done + 1)
            message = _approve_row(row, spreadsheet, choices, recent)
            if message or row.messages:
                row.messages = {"": [message]} if message else {}
                row.save(update_fields=["messages"])
        if claim.is_over:
            return False
    claim.finish(Status.PROPOSED)
    return True


def permission_problem(spreadsheet: SpreadsheetImport) -> str:
    """Return, as a message for staff, why the approver may not approve any more; empty if they may."""
    if not spreadsheet.needs_approver:
        return ""  # the data that the portal comes with
    # Read again: a user object caches its permissions.
    user = User.objects.filter(pk=spreadsheet.approver_id or 0).first()
    if user is None:
        return "The approval stopped: the account of whoever approved was deleted. Somebody else may approve the rest."
    wanted = [APPROVE, PUBLISH] if spreadsheet.publishes_new else [APPROVE]
    if user.is_active and user.is_staff and user.has_perms(wanted):
        return ""
    name = user.get_full_name() or user.get_username()
    return f"The approval stopped: {name} may not approve a whole import any more. Somebody else may approve the rest."


class RecentClusters:
    """The clusters written since the file was checked, from earlier lines of it or from elsewhere.

    What was there before was compared with then, and staff decided on it.
    """

    def __init__(self, spreadsheet: SpreadsheetImport) -> None:
        """Read them: one query."""
        self._last = Cluster.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        self.finder = DuplicateFinder(Cluster.objects.filter(updated_at__gt=spreadsheet.created_at - OVERLAP))

    def refresh(self) -> None:
        """Read those that came since the last time: one query."""
        for known in load_known(Cluster.objects.filter(pk__gt=self._last)):
            self.finder.add(known)
            self._last = max(self._last, known.id)


def _approve_row(row: ImportRow, spreadsheet: SpreadsheetImport, choices: Choices, recent: RecentClusters) -> str:
    """Approve one submission; a mistake of the portal takes back that one and stops none of the others."""
    try:
        with transaction.atomic():
            return _approve_submission(row, spreadsheet, choices, recent)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy, which is nobody's row
    except Exception:
        logger.exception("import %s, line %s was not approved", spreadsheet.public_id, row.number)
        return (
            "An unexpected error kept it from being approved; it is in the portal's log. Decide on it in the review "
            "queue, or ask an operator."
        )


def _approve_submission(
    row: ImportRow, spreadsheet: SpreadsheetImport, choices: Choices, recent: RecentClusters
) -> str:
    """Approve one submission; return why not, if it has to wait for a reviewer."""
    submission = row.submission
    if submission is None:
        return ""
    target = submission.target
    if target is not None and target.status == Cluster.Status.ARCHIVED:
        return f"{target.name} was archived since the row was proposed. Decide on it in the review queue."
    recent.refresh()
    live = review.live_values(submission)
    moved = [BY_NAME[name] for name in live if live[name] != submission.base.get(name, BY_NAME[name].empty)]
    if moved:
        now = "; ".join(f"{spec.label} is now {as_text(spec, live[spec.name], choices) or 'empty'}" for spec in moved)
        return f"The profile changed since the row was proposed: {now}. Decide on it in the review queue."
    known = known_clusters(row.matches)
    if lines := known_lines(row.matches):
        # Staff said that this is another cluster than those of the other lines.
        others = spreadsheet.rows.filter(number__in=lines, submission__target__isnull=False)
        known.update(others.values_list("submission__target", flat=True))
    try:
        review.decide(
            submission,
            Decision(
                reviewer=spreadsheet.approver,
                snapshot=ReviewSnapshot(submission.version, fingerprint(live), frozenset(known)),
                fields={name: FieldDecision(is_accepted=True) for name in review.names_to_decide(submission, live)},
                publish=spreadsheet.publishes_new,
            ),
            choices=choices,
            finder=recent.finder,
        )
    except SubmissionChanged as refusal:
        return " ".join(refusal.changes)
    except SubmissionRefused as refusal:
        return f"{refusal} Decide on it in the review queue."
    return ""
