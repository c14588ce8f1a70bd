"""The state machine of submissions: status, version, target and assignment of a row, and the log of what happened.

:func:`transition` makes each change of a stored status; previews set one on rows that nobody saves. Functions that
take a ``row`` expect it from :func:`lock_for_update`, and leave the saving to :func:`save_version`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue import locking
from catalogue.models import Cluster
from catalogue.succession import ends_of_succession
from submissions.exceptions import IllegalMove
from submissions.managers import OPEN_MINUTES
from submissions.models import Submission, SubmissionEvent
from submissions.services.sender_trust import trust_of

Status, Trust = Submission.Status, Submission.Trust

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.UNCONFIRMED: frozenset({Status.PENDING, Status.WITHDRAWN}),
    Status.PENDING: frozenset(
        {Status.CHANGES_REQUESTED, Status.APPROVED, Status.PARTLY_APPROVED, Status.REJECTED, Status.WITHDRAWN}
    ),
    Status.CHANGES_REQUESTED: frozenset(
        {Status.PENDING, Status.APPROVED, Status.PARTLY_APPROVED, Status.REJECTED, Status.WITHDRAWN}
    ),
    Status.APPROVED: frozenset(),
    Status.PARTLY_APPROVED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}
#: Kinds of events by which an undecided submission gets another target; see :func:`point_to_cluster`.
MERGED, UNMERGED, SUCCEEDED = "moved_by_merge", "returned_by_undo", "moved_to_successor"
TARGET_MOVES = frozenset({MERGED, UNMERGED, SUCCEEDED})


# --- status, version, log ---


def lock_for_update(submission: Submission) -> Submission:
    """Return the stored row of ``submission``, locked until the transaction ends."""
    return Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)


def require_transition(submission: Submission, to: str) -> None:
    """Raise :class:`IllegalMove` unless ``submission`` may go to the status ``to``."""
    if to not in TRANSITIONS[submission.status]:
        raise IllegalMove(
            f"This submission is {submission.get_status_display().lower()}: "
            f"it cannot become {Status(to).label.lower()} any more."
        )


def require_still_open(submission: Submission) -> None:
    """Raise :class:`IllegalMove` if ``submission`` waits for nobody any more."""
    if not submission.is_open:
        raise IllegalMove(f"This submission is {submission.get_status_display().lower()} already.")


def transition(row: Submission, to: str, *, actor: User | None = None, text: str = "", **data: Any) -> None:
    """Change the status of ``row`` and log it. Raises :class:`IllegalMove` where ``TRANSITIONS`` has no such step."""
    require_transition(row, to)
    row.status = to
    row.last_move_at = timezone.now()
    log_event(row, to, actor=actor, text=text, **data)


def log_event(row: Submission, kind: str, *, actor: User | None = None, text: str = "", **data: Any) -> None:
    """Store an event of ``row``; ``data`` goes into its JSON."""
    SubmissionEvent.objects.create(submission=row, actor=actor, kind=kind, text=text, data=data)


def save_version(row: Submission) -> None:
    """Save ``row`` as a new version: a decision on the one before is stale from now on."""
    row.version += 1
    row.save()


# --- the cluster that it is about ---


def is_undecided(submission: Submission) -> bool:
    """Return whether nothing is decided yet, so that it matters which cluster it is about."""
    return submission.status == Status.UNCONFIRMED or submission.is_open


def trust_for(submission: Submission, cluster: Cluster | None) -> str:
    """Return the trust in the sender of ``submission``, if it is about ``cluster``."""
    if submission.trust in (Trust.PARTNER, Trust.STAFF) or not submission.email_confirmed_at:
        return submission.trust
    return trust_of(submission.submitter_email, cluster)


def point_to_cluster(row: Submission, cluster: Cluster, kind: str, *, text: str, trust: str | None = None) -> None:
    """Make ``cluster`` the target of an undecided ``row`` and save it: whoever had it open has to read it again.

    Its name stays as it was sent. ``kind`` is one of ``TARGET_MOVES``, ``text`` names both clusters; ``trust`` spares
    finding out again what is known of the sender.
    """
    before = row.target_id
    row.target = cluster
    row.trust = trust_for(row, cluster) if trust is None else trust
    log_event(row, kind, text=text, clusters=[before, cluster.pk])
    save_version(row)


def lock_target(row: Submission) -> bool:
    """Lock the target of ``row``; if it was archived and has a successor, that becomes the target.

    Return whether it did: ``row`` is saved as a new version then. The news that a cluster is no more stays with the
    archived one: it says nothing about the successor.
    """
    if row.target is None or row.target_id is None:
        return False
    if row.kind == Submission.Kind.CLOSURE:
        row.target = locking.lock_clusters_for_update([row.target_id])[row.target_id]
        return False
    before, end = row.target, locking.lock_final_successor(row.target_id)
    if end.pk == before.pk:
        row.target = end
        return False
    point_to_cluster(row, end, SUCCEEDED, text=f"{before.name} is archived, and {end.name} took its place.")
    return True


def target_problem(row: Submission) -> str:
    """Return why nothing can be sent about the target of ``row`` any more; empty if it can."""
    target = row.target
    if target is None or target.status != Cluster.Status.ARCHIVED:
        return ""
    if row.kind == Submission.Kind.CLOSURE:
        return f"{row.name} is not in the catalogue any more: there is nothing left to tell us. Thank you all the same."
    end = ends_of_succession([target.pk]).get(target.pk)
    if end is not None and Cluster.objects.filter(pk=end).exclude(status=Cluster.Status.ARCHIVED).exists():
        return ""  # sending it makes the successor its target
    return removed_message(row.name)


def removed_message(name: str) -> str:
    """Return the message that a profile was taken out of the catalogue, and what to do if that is wrong."""
    return (
        f"{name} is no longer in the catalogue, so its profile cannot be corrected. If it should be there, tell us in "
        "a new submission, and say in the message that it was there before."
    )


def archived_message(cluster: Cluster) -> str:
    """Return why nothing is accepted for an archived ``cluster``, and what to do."""
    return (
        f"{cluster.name} is archived: nobody would see the update. Publish it first, "
        "or choose the cluster that took its place."
    )


# --- who reads it, and whose it is ---


def open_for(*, submission: Submission, reviewer: User) -> User | None:
    """Note that ``reviewer`` has ``submission`` open; return somebody else who has, if so."""
    now = timezone.now()
    other = submission.opened_by
    if other and other.pk != reviewer.pk and is_being_read(submission, now):
        return other
    Submission.objects.filter(pk=submission.pk).update(opened_by=reviewer, opened_at=now)
    return None


def is_being_read(submission: Submission, now: datetime | None = None) -> bool:
    """Return whether somebody opened ``submission`` within ``OPEN_MINUTES`` and did not leave it since."""
    limit = (now or timezone.now()) - timedelta(minutes=OPEN_MINUTES)
    return submission.opened_at is not None and submission.opened_at > limit


def close_for(*, submission: Submission, reviewer: User) -> None:
    """Note that ``reviewer`` left ``submission``; nothing if somebody else opened it since."""
    Submission.objects.filter(pk=submission.pk, opened_by=reviewer).update(opened_by=None, opened_at=None)


def clear_reader(row: Submission) -> None:
    """Note on ``row`` that nobody has it open any more."""
    row.opened_by = row.opened_at = None


def assign(*, submissions: Iterable[Submission], to: User | None, by: User) -> int:
    """Give open ``submissions`` to a reviewer, or back to everybody; return how many changed hands.

    The version stays: who reads a submission does not change what it says.
    """
    changed = 0
    for submission in submissions:
        with transaction.atomic():
            row = lock_for_update(submission)
            if not row.is_open or row.assigned_to_id == (to.pk if to else None):
                continue
            row.assigned_to = to
            row.save(update_fields=["assigned_to"])
            log_event(
                row, "assigned", actor=by, text=str(to.get_full_name() or to) if to else "", to=to.pk if to else None
            )
            changed += 1
    return changed
