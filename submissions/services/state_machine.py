"""The state machine of submissions: :func:`move` changes each stored status; previews set one on unsaved rows."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from submissions.exceptions import IllegalMove
from submissions.models import Submission, SubmissionEvent

Status = Submission.Status

MOVES: dict[str, frozenset[str]] = {
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


def locked(submission: Submission) -> Submission:
    """Return the stored row of ``submission``, locked until the transaction ends."""
    return Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)


def require_move(submission: Submission, to: str) -> None:
    """Raise :class:`IllegalMove` unless ``submission`` may go to the status ``to``."""
    if to not in MOVES[submission.status]:
        raise IllegalMove(
            f"This submission is {submission.get_status_display().lower()}: "
            f"it cannot become {Status(to).label.lower()} any more."
        )


def require_still_open(submission: Submission) -> None:
    """Raise :class:`IllegalMove` if ``submission`` waits for nobody any more."""
    if not submission.is_open:
        raise IllegalMove(f"This submission is {submission.get_status_display().lower()} already.")


def leave(submission: Submission) -> None:
    """Note that nobody has ``submission`` open any more. The caller saves."""
    submission.opened_by = submission.opened_at = None


def move(submission: Submission, to: str, *, actor: User | None = None, text: str = "", **data: Any) -> None:
    """Change the status of a locked ``submission`` and tell its events. The caller saves."""
    require_move(submission, to)
    submission.status = to
    submission.last_move_at = timezone.now()
    tell(submission, to, actor=actor, text=text, **data)


def tell(submission: Submission, kind: str, *, actor: User | None = None, text: str = "", **data: Any) -> None:
    """Add a line to what happened to ``submission``."""
    SubmissionEvent.objects.create(submission=submission, actor=actor, kind=kind, text=text, data=data)


def store(submission: Submission) -> None:
    """Save a locked ``submission`` with a new version."""
    submission.version += 1
    submission.save()


def order_checks(submission: Submission) -> None:
    """Have the worker check ``submission`` once the transaction is committed."""
    from submissions.tasks import check_submission

    key = submission.pk
    # A task that gets lost is made up for: beat looks for submissions without checks every few minutes.
    transaction.on_commit(lambda: check_submission.delay(key), robust=True)
