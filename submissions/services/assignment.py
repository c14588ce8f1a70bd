"""Who has a submission on the desk: who reads it just now, and to whom it is assigned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from submissions.managers import OPEN_MINUTES
from submissions.models import Submission
from submissions.services.state_machine import locked, tell


def open_for(*, submission: Submission, reviewer: User) -> User | None:
    """Note that ``reviewer`` has ``submission`` open; return somebody else who has, if so."""
    now = timezone.now()
    other = submission.opened_by
    if other and other.pk != reviewer.pk and is_being_read(submission, now):
        return other
    Submission.objects.filter(pk=submission.pk).update(opened_by=reviewer, opened_at=now)
    return None


def is_being_read(submission: Submission, now: datetime | None = None) -> bool:
    """Return whether somebody opened ``submission`` a short while ago and did not leave it since."""
    limit = (now or timezone.now()) - timedelta(minutes=OPEN_MINUTES)
    return submission.opened_at is not None and submission.opened_at > limit


def close_for(*, submission: Submission, reviewer: User) -> None:
    """Note that ``reviewer`` left ``submission``."""
    Submission.objects.filter(pk=submission.pk, opened_by=reviewer).update(opened_by=None, opened_at=None)


def assign(*, submissions: Iterable[Submission], to: User | None, by: User) -> int:
    """Give open ``submissions`` to a reviewer, or back to everybody; return how many changed hands."""
    changed = 0
    for submission in submissions:
        with transaction.atomic():
            row = locked(submission)
            if not row.is_open or row.assigned_to_id == (to.pk if to else None):
                continue
            row.assigned_to = to
            # No new version: who reads it does not change what it says.
            row.save(update_fields=["assigned_to"])
            tell(row, "assigned", actor=by, text=str(to.get_full_name() or to) if to else "")
            changed += 1
    return changed
