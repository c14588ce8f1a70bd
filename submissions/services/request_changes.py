"""What reviewers do before they decide: ask the submitter for changes, set a finding of the checks aside."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from submissions import emails
from submissions.exceptions import DecisionNotPossible
from submissions.fields.definitions import FIELDS
from submissions.models import Submission
from submissions.services.stale_decisions import Seen, require_seen
from submissions.services.state_machine import (
    Status,
    leave,
    locked,
    move,
    require_move,
    require_still_open,
    store,
    tell,
)


def request_changes(
    *, submission: Submission, reviewer: User, seen: Seen, fields: Iterable[str], text: str
) -> Submission:
    """Ask the submitter to change ``fields``, with a sentence that says how.

    Raises :class:`DecisionNotPossible` without text, field or address, :class:`SubmissionChanged`,
    :class:`IllegalMove`.
    """
    with transaction.atomic():
        row = locked(submission)
        names = _asked(row, seen, fields, text)
        row.asked_fields, row.asked_text = names, text.strip()
        row.answered_at = None
        # Who asked gets the answer.
        row.assigned_to = row.assigned_to or reviewer
        move(row, Status.CHANGES_REQUESTED, actor=reviewer, text=row.asked_text, fields=names)
        leave(row)
        store(row)
        emails.send_changes(row)
    return row


def foresee_changes(*, submission: Submission, seen: Seen, fields: Iterable[str], text: str) -> Submission:
    """Return ``submission`` as :func:`request_changes` would leave it, without storing anything."""
    row = Submission.objects.select_related("target").get(pk=submission.pk)
    row.asked_fields, row.asked_text = _asked(row, seen, fields, text), text.strip()
    require_move(row, Status.CHANGES_REQUESTED)
    row.status = Status.CHANGES_REQUESTED
    return row


def _asked(row: Submission, seen: Seen, fields: Iterable[str], text: str) -> list[str]:
    """Return the names of the fields asked for, in the order of the form; raise for what keeps from asking."""
    names = [spec.name for spec in FIELDS if spec.name in set(fields)]
    errors: dict[str, str] = {}
    if not text.strip():
        errors["text"] = "Say what should be changed: the submitter reads this sentence."
    if not names:
        errors["fields"] = "Tick at least one field that should be changed."
    if not row.submitter_email:
        errors[""] = "There is no submitter to ask: this submission came without an address."
    if errors:
        raise DecisionNotPossible(errors)
    require_seen(row, seen)
    return names


def override_check(*, submission: Submission, key: str, reviewer: User, reason: str) -> Submission:
    """Set aside what an automatic check found, with the reason. Raises :class:`DecisionNotPossible`."""
    if not reason.strip():
        raise DecisionNotPossible({key: "Say why the check may be set aside."})
    with transaction.atomic():
        row = locked(submission)
        require_still_open(row)
        found = [check for check in row.checks if check.get("key") == key]
        if not found:
            raise DecisionNotPossible({key: "There is no such check on this submission."})
        found[0]["overridden"] = {"by": str(reviewer), "reason": reason.strip()}
        tell(row, "check_overridden", actor=reviewer, text=reason.strip(), check=key)
        row.save(update_fields=["checks"])
    return row
