"""Approving all submissions of an import at once, each as a reviewer would: its own decision, its own history."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction

from catalogue.duplicates import DuplicateFinder, known_of
from catalogue.imports.matching import candidate_of, same_names
from catalogue.imports.waiting import known_clusters
from catalogue.models import Cluster, ImportRow, SpreadsheetImport, Submission
from catalogue.payload.choices import Choices
from catalogue.payload.fields import BY_NAME
from catalogue.payload.values import fingerprint, in_words
from catalogue.services.imports.intake import locked
from catalogue.services.imports.jobs import Claim
from catalogue.services.imports.proposing import begin, open_rows
from catalogue.services.imports.refusals import ImportRefused
from catalogue.services.submissions import review
from catalogue.services.submissions.refusals import SubmissionRefused
from catalogue.services.submissions.review import FieldDecision, Seen
from catalogue.text import sort_key

Status = SpreadsheetImport.Status
#: What whoever approves needs, as the page asks for it; the second only to publish.
APPROVE, PUBLISH = "catalogue.approve_import", "catalogue.publish_cluster"
#: After so many rows it is asked again whether they may.
ASK_AGAIN = 25

logger = logging.getLogger(__name__)


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
        row.approver, row.publishes_new, row.needs_approver = approver, publishes_new, approver is not None
        begin(row, Status.APPROVING, total, wakes=wakes)
    return row


def approve_rows(mine: Claim) -> bool:
    """Go on approving where it stopped, one row per transaction; return whether it is finished.

    It stops where the approver may not approve any more; what waits then waits for somebody else.
    """
    choices, spreadsheet = Choices.load(), mine.spreadsheet
    newcomers, asked_at = Newcomers(spreadsheet), -ASK_AGAIN
    while True:
        if spreadsheet.rows_done - asked_at >= ASK_AGAIN:
            asked_at = spreadsheet.rows_done
            if problem := what_forbids(spreadsheet):
                mine.finish(Status.PROPOSED, problem=problem)
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
            mine.hold(cursor=row.number, rows_done=spreadsheet.rows_done + 1)
            told = _approve_or_tell(row, spreadsheet, choices, newcomers)
            if told or row.messages:
                row.messages = {"": [told]} if told else {}
                row.save(update_fields=["messages"])
        if mine.is_over:
            return False
    mine.finish(Status.PROPOSED)
    return True


def what_forbids(spreadsheet: SpreadsheetImport) -> str:
    """Return in words why the approver may not approve any more; empty if they may."""
    if not spreadsheet.needs_approver:
        return ""  # the data that the portal comes with
    user = User.objects.filter(pk=spreadsheet.approver_id or 0).first()  # anew, since rights are remembered on it
    if user is None:
        return "The approval stopped: the account of whoever approved was deleted. Somebody else may approve the rest."
    wanted = [APPROVE, PUBLISH] if spreadsheet.publishes_new else [APPROVE]
    if user.is_active and user.is_staff and user.has_perms(wanted):
        return ""
    name = user.get_full_name() or user.get_username()
    return f"The approval stopped: {name} may not approve a whole import any more. Somebody else may approve the rest."


class Newcomers:
    """The clusters that came into being since the file was checked, from earlier lines of it or from elsewhere.

    The finder is built once, and knows what comes after by and by.
    """

    def __init__(self, spreadsheet: SpreadsheetImport) -> None:
        """Start without any query."""
        self._since = spreadsheet.created_at
        self._finder: DuplicateFinder | None = None
        self._fresh: set[int] = set()
        self._last = 0

    def like(self, row: ImportRow, submission: Submission) -> str:
        """Return in words which cluster, that staff could not know of before, ``submission`` proposes once more."""
        values, known = submission.payload, known_clusters(row.matches)
        name, country = str(values.get("name") or ""), str(values.get("country") or "")
        same = same_names([(name, country)]).get((sort_key(name), country), [])
        if found := next((pk for pk in same if pk not in known), None):
            return self._tell(found, "Same name and country")
        self._learn()
        if not self._fresh or self._finder is None:
            return ""
        # Older ones were there for the check to see.
        hits = self._finder.matches(candidate_of(values), limit=20)
        hit = next((hit for hit in hits if hit.cluster_id in self._fresh - known), None)
        return self._tell(hit.cluster_id, "; ".join(hit.reasons)) if hit else ""

    def _learn(self) -> None:
        if self._finder is None:
            every = Cluster.objects.order_by("pk")
            self._fresh = set(every.filter(created_at__gte=self._since).values_list("pk", flat=True))
            self._last = every.values_list("pk", flat=True).last() or 0
            self._finder = DuplicateFinder()
            return
        for known in known_of(Cluster.objects.filter(pk__gt=self._last)):
            self._finder.add(known)
            self._fresh.add(known.id)
            self._last = known.id

    def _tell(self, key: int, reasons: str) -> str:
        cluster = Cluster.objects.get(pk=key)
        came = f" ({cluster.found_via})" if cluster.found_via else ""
        return (
            f"{cluster.name}{came} may be the same cluster, and was not known when the row was checked: {reasons}. "
            "Decide on it in the review queue."
        )


def _approve_or_tell(row: ImportRow, spreadsheet: SpreadsheetImport, choices: Choices, newcomers: Newcomers) -> str:
    """Approve one submission; a mistake of the portal takes back that one and stops none of the others."""
    try:
        with transaction.atomic():
            return _approve(row, spreadsheet, choices, newcomers)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy, which is nobody's row
    except Exception:
        logger.exception("import %s, line %s was not approved", spreadsheet.public_id, row.number)
        return (
            "An unexpected error kept it from being approved; it is in the portal's log. Decide on it in the review "
            "queue, or ask an operator."
        )


def _approve(row: ImportRow, spreadsheet: SpreadsheetImport, choices: Choices, newcomers: Newcomers) -> str:
    """Approve one submission; return why not, if it has to wait for a reviewer."""
    submission = row.submission
    if submission is None:
        return ""
    target = submission.target
    if target is not None and target.status == Cluster.Status.ARCHIVED:
        return f"{target.name} was archived since the row was proposed. Decide on it in the review queue."
    if submission.kind == Submission.Kind.NEW and (told := newcomers.like(row, submission)):
        return told
    live = review.live_values(submission)
    moved = [BY_NAME[name] for name in live if live[name] != submission.base.get(name, BY_NAME[name].empty)]
    if moved:
        now = "; ".join(f"{spec.label} is now {in_words(spec, live[spec.name], choices) or 'empty'}" for spec in moved)
        return f"The profile changed since the row was proposed: {now}. Decide on it in the review queue."
    try:
        review.decide(
            submission=submission,
            reviewer=spreadsheet.approver,  # type: ignore[arg-type]  # nobody, for the data that the portal comes with
            seen=Seen(submission.version, fingerprint(live)),
            decisions={name: FieldDecision(is_accepted=True) for name in review.names_to_decide(submission, live)},
            publish=spreadsheet.publishes_new,
            choices=choices,
        )
    except SubmissionRefused as refusal:
        return f"{refusal} Decide on it in the review queue."
    return ""
