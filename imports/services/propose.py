"""Rows become submissions, each exactly one, and are taken back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from catalogue.locking import lock_final_successors
from catalogue.models import Cluster
from catalogue.search.text import sort_key
from catalogue.succession import trails_of
from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.matching import same_names
from imports.rows.open_submissions import OpenSubmissions, known_clusters, known_submissions, same_update
from imports.rows.reader import values_to_propose
from imports.services.claims import Claim, wake_worker
from imports.services.decide import DECIDABLE, NEW, UPDATE, update_values
from imports.services.dry_run import mark_possible_duplicate
from imports.services.upload import lock_for_update
from submissions.exceptions import IllegalMove
from submissions.fields.choices import Choices
from submissions.fields.values import Values, read_values, with_values
from submissions.models import Submission, SubmissionPolicy
from submissions.services import submit

Status, Outcome = SpreadsheetImport.Status, ImportRow.Outcome
#: Rows that become submissions in one transaction.
SLICE = 25
#: The rows that would become submissions now.
PROPOSABLE = Q(submission=None) & (
    Q(outcome__in=[Outcome.NEW, Outcome.UPDATE]) | Q(outcome__in=DECIDABLE, decision__in=[NEW, UPDATE])
)


def proposable(spreadsheet: SpreadsheetImport) -> QuerySet[ImportRow]:
    """Return the rows that would become submissions now."""
    return spreadsheet.rows.filter(PROPOSABLE)


def start_proposing(*, spreadsheet: SpreadsheetImport, wakes: bool = True) -> SpreadsheetImport:
    """Let a worker make submissions of all rows that can be. Raises :class:`ImportRefused`."""
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        if row.status not in (Status.CHECKED, Status.PROPOSED):
            raise ImportRefused(
                f"This import is in the state “{row.get_status_display()}”: nothing can be proposed now."
            )
        if row.problem and not row.file:
            raise ImportRefused(row.problem)
        total = proposable(row).count()
        if not total:
            raise ImportRefused(
                "No row is new or differs from its profile. Decide on the possible duplicates first, if any."
            )
        start_work(row, Status.PROPOSING, total, wakes=wakes)
    return row


def start_work(row: SpreadsheetImport, status: str, total: int, *, wakes: bool) -> None:
    """Give a locked import to the workers for the work of ``status`` on ``total`` rows."""
    row.status, row.problem, row.stopped_in = status, "", ""
    row.cursor, row.rows_done, row.rows_total = 0, 0, total
    row.claimed_until, row.claimed_by, row.finished_at = None, "", None
    row.save()
    if wakes:
        wake_worker(row)


def retry(*, spreadsheet: SpreadsheetImport) -> SpreadsheetImport:
    """Go on where an import failed. Raises :class:`ImportRefused` if it did not."""
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        if row.status != Status.FAILED or row.stopped_in not in SpreadsheetImport.WORKING:
            raise ImportRefused("This import did not fail.")
        row.status, row.problem, row.stopped_in, row.finished_at = row.stopped_in, "", "", None
        row.save()
        wake_worker(row)
    return row


def propose_rows(claim: Claim) -> bool:
    """Go on making submissions where it stopped; return whether it is finished."""
    choices = Choices.load()
    # What waited before the file came was there for the check to see.
    waiting = OpenSubmissions(claim.spreadsheet, since=claim.spreadsheet.created_at)
    while True:
        cursor = claim.spreadsheet.cursor
        with transaction.atomic():
            rows = list(proposable(claim.spreadsheet).filter(number__gt=cursor).order_by("number")[:SLICE])
            if not rows:
                break
            claim.renew(cursor=rows[-1].number, rows_done=claim.spreadsheet.rows_done + len(rows))
            # Clusters all at once and before the settings' row (catalogue/locking.py), which lets one import in after the
            # other: of two imports of one file proposed in the same moment, the second must see the
            # submissions of the first.
            lock_final_successors(row.cluster_id for row in rows if row.cluster_id)
            SubmissionPolicy.lock()
            waiting.refresh()
            _propose(rows, choices, waiting)
        if claim.is_over:
            return False
    claim.finish(Status.PROPOSED, counts=count_outcomes(claim.spreadsheet))
    return True


def count_outcomes(spreadsheet: SpreadsheetImport) -> dict[str, int]:
    """Return the number of rows by outcome."""
    return dict(spreadsheet.rows.order_by().values_list("outcome").annotate(Count("pk")))


def _propose(rows: list[ImportRow], choices: Choices, waiting: OpenSubmissions) -> None:
    spreadsheet = rows[0].spreadsheet
    _follow_successors(rows)
    keys = {row.cluster_id for row in rows if row.cluster_id}
    clusters = with_values(Cluster.objects.filter(pk__in=keys)).in_bulk() if keys else {}
    updates = waiting.updates_of(keys)
    pairs = [(str(row.values.get("name")), str(row.values.get("country"))) for row in rows if _is_new(row)]
    namesakes, payloads = same_names(pairs), waiting.about(pairs)
    for row in rows:
        cluster = clusters.get(row.cluster_id) if row.cluster_id else None
        if row.outcome == Outcome.ERROR:
            continue
        if _is_new(row):
            if _became_duplicate(row, namesakes, payloads, waiting):
                continue
        elif cluster is None:
            _fail(row, "", "The cluster was deleted since the check. Check the file again.")
            continue
        live = read_values(cluster) if cluster else None
        errors: dict[str, list[str]] = {}
        stated = update_values(row) if cluster else row.values
        values = values_to_propose(stated, live, choices, fills_only=spreadsheet.fills_only, errors=errors)
        if errors:
            row.outcome, row.messages = Outcome.ERROR, errors
            row.save(update_fields=["outcome", "messages"])
        elif not values:
            # Somebody else said the same since the check.
            row.outcome, row.changes = Outcome.UNCHANGED, {}
            row.save(update_fields=["outcome", "changes"])
        elif row.outcome != Outcome.PROPOSED and (
            proposed := same_update(values, cluster.name, updates.get(cluster.pk, ()))
            if cluster
            else waiting.same_as(values, payloads)
            if row.decision != NEW
            else None
        ):
            row.outcome, row.decision, row.matches, row.values = Outcome.PROPOSED, "", [proposed], stated
            row.save(update_fields=["outcome", "decision", "matches", "values"])
        else:
            try:
                row.submission = _submission(row, values, cluster, live)
            except IllegalMove as refusal:
                _fail(row, "", str(refusal))
            else:
                row.save(update_fields=["submission"])


def _follow_successors(rows: list[ImportRow]) -> None:
    """Let rows about a cluster that was archived since the check be about the one that goes on with its work."""
    trails = trails_of({row.cluster_id for row in rows if row.cluster_id})
    for row in rows:
        trail = trails.get(row.cluster_id or 0)
        if trail is None:
            continue
        if trail.is_archived:
            _fail(
                row, "",
                f"{trail.end_name} was archived since the check and no cluster goes on with its work. Publish it again "
                "or give it a successor, then check the file again.",
            )  # fmt: skip
            continue
        row.cluster_id = trail.end
        row.notes = [*row.notes, f"{trail.name} is archived and leads on to {trail.end_name}: the row is about that."]
        if row.values.get("name") == trail.name:
            row.values.pop("name")
        row.save(update_fields=["cluster", "notes", "values"])
    # Two clusters of one file may have become one.
    keys = {row.cluster_id for row in rows if row.cluster_id}
    is_about = Q(outcome__in=[Outcome.UPDATE, Outcome.UNCHANGED]) | Q(outcome__in=DECIDABLE, decision=UPDATE)
    others = ImportRow.objects.filter(is_about, spreadsheet=rows[0].spreadsheet, cluster__in=keys).order_by("-number")
    first = dict(others.values_list("cluster", "number")) if keys else {}
    for row in rows:
        line = first.get(row.cluster_id or 0, row.number)
        if row.outcome != Outcome.ERROR and line < row.number and not _is_new(row):
            _fail(row, "", f"Line {line} is about the same cluster now. Keep one of the two lines.")


def _became_duplicate(
    row: ImportRow, namesakes: dict[tuple[str, str], list[int]], payloads: dict[int, Values], waiting: OpenSubmissions
) -> bool:
    """Make a new row a possible duplicate if its cluster, or a submission of it, was created since the check.

    What staff knew when it said that the row is new does not count.
    """
    key = sort_key(str(row.values.get("name"))), str(row.values.get("country"))
    known = known_clusters(row.matches)
    if found := [pk for pk in namesakes.get(key, []) if pk not in known]:
        _mark_namesakes(row, found)
        return True
    if row.outcome == Outcome.PROPOSED:
        return False
    if row.decision != NEW and waiting.same_as(row.values, payloads):
        return False  # _propose marks it as proposed already
    if entries := waiting.like(row.values, payloads, but=known_submissions(row.matches)):
        mark_possible_duplicate(row, entries)
        row.save(update_fields=["outcome", "decision", "score", "matches"])
        return True
    return False


def _is_new(row: ImportRow) -> bool:
    return row.outcome == Outcome.NEW or (row.outcome in DECIDABLE and row.decision == NEW)


def _submission(row: ImportRow, values: Values, cluster: Cluster | None, live: Values | None) -> Submission:
    return submit.propose(
        kind=Submission.Kind.UPDATE if cluster else Submission.Kind.NEW, channel=Submission.Channel.IMPORT,
        values=values, target=cluster, base=live, checks=False,
        message=f"Line {row.number} of {row.spreadsheet.file_name}",
    )  # fmt: skip


def _mark_namesakes(row: ImportRow, found: list[int]) -> None:
    """Make a row whose cluster was created since the check a possible duplicate."""
    names = dict(Cluster.objects.filter(pk__in=found).values_list("pk", "name"))
    row.outcome, row.decision, row.score = Outcome.DUPLICATE, "", 1.0
    row.matches = [
        {"cluster": key, "name": name, "score": 1.0, "reasons": ["Same name and country, since the check"]}
        for key, name in names.items()
    ]
    row.save(update_fields=["outcome", "decision", "score", "matches"])


def _fail(row: ImportRow, name: str, message: str) -> None:
    row.outcome, row.messages = Outcome.ERROR, {name: [message]}
    row.save(update_fields=["outcome", "messages"])


# --- taking back ---


def open_rows(spreadsheet: SpreadsheetImport) -> QuerySet[ImportRow]:
    """Return the rows whose submissions wait for a decision."""
    return spreadsheet.rows.filter(submission__status__in=Submission.OPEN)


def cancel(*, spreadsheet: SpreadsheetImport, wakes: bool = True) -> SpreadsheetImport:
    """Stop an import and withdraw its submissions that wait; what was decided stays. Raises :class:`ImportRefused`."""
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        if row.status in (Status.CANCELLED, Status.CANCELLING):
            raise ImportRefused("This import is cancelled already.")
        total = open_rows(row).count()
        if row.status == Status.PROPOSED and not total:
            raise ImportRefused("Every submission of this import is decided: there is nothing to take back.")
        start_work(row, Status.CANCELLING, total, wakes=wakes)
    return row


def withdraw_rows(claim: Claim) -> bool:
    """Go on withdrawing submissions where it stopped; return whether it is finished."""
    while True:
        rows = open_rows(claim.spreadsheet).filter(number__gt=claim.spreadsheet.cursor).select_related("submission")
        with transaction.atomic():
            part = list(rows.order_by("number")[:SLICE])
            if not part:
                break
            claim.renew(cursor=part[-1].number, rows_done=claim.spreadsheet.rows_done + len(part))
            part.sort(key=lambda row: row.submission_id or 0)  # as everybody locks submissions: by their keys
            for row in part:
                if row.submission is None:  # only for the types: these rows have one
                    continue
                try:
                    submit.withdraw(submission=row.submission)
                except IllegalMove:
                    continue  # decided in this moment
        if claim.is_over:
            return False
    claim.finish(Status.CANCELLED)
    return True
