"""What reviewers do before they decide: request changes from the submitter, set the result of a check aside."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from submissions import emails
from submissions.exceptions import DecisionNotPossible
from submissions.fields.definitions import FIELDS
from submissions.models import Submission
from submissions.services.review import ReviewSnapshot, check_snapshot
from submissions.services.state_machine import (
    Status,
    clear_reader,
    lock_for_update,
    log_event,
    require_still_open,
    require_transition,
    save_version,
    transition,
)


def request_changes(
    *, submission: Submission, reviewer: User, snapshot: ReviewSnapshot, fields: Iterable[str], text: str
) -> Submission:
    """Ask the submitter to change ``fields``, with a sentence that says how.

    Raises :class:`DecisionNotPossible` without text, field or address, :class:`SubmissionChanged`,
    :class:`IllegalMove`.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        names = _fields_to_ask(row, snapshot, fields, text)
        row.asked_fields, row.asked_text = names, text.strip()
        row.answered_at = None
        # Who asked gets the answer.
        row.assigned_to = row.assigned_to or reviewer
        transition(row, Status.CHANGES_REQUESTED, actor=reviewer, text=row.asked_text, fields=names)
        clear_reader(row)
        save_version(row)
        emails.send_changes(row)
    return row


def preview_changes(
    *, submission: Submission, snapshot: ReviewSnapshot, fields: Iterable[str], text: str
) -> Submission:
    """Return ``submission`` as :func:`request_changes` would leave it, without storing anything."""
    row = Submission.objects.select_related("target").get(pk=submission.pk)
    row.asked_fields, row.asked_text = _fields_to_ask(row, snapshot, fields, text), text.strip()
    require_transition(row, Status.CHANGES_REQUESTED)
    row.status = Status.CHANGES_REQUESTED
    return row


def _fields_to_ask(row: Submission, snapshot: ReviewSnapshot, fields: Iterable[str], text: str) -> list[str]:
    """Return the names of the fields asked for, in the order of the form. Raises as :func:`request_changes` does."""
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
    check_snapshot(row, snapshot)
    return names


def override_check(*, submission: Submission, key: str, reviewer: User, reason: str) -> Submission:
    """Set aside what an automatic check found, with the reason. Raises :class:`DecisionNotPossible`."""
    if not reason.strip():
        raise DecisionNotPossible({key: "Say why the check may be set aside."})
    with transaction.atomic():
        row = lock_for_update(submission)
        require_still_open(row)
        found = [check for check in row.checks if check.get("key") == key]
        if not found:
            raise DecisionNotPossible({key: "There is no such check on this submission."})
        found[0]["overridden"] = {"by": str(reviewer), "reason": reason.strip()}
        log_event(row, "check_overridden", actor=reviewer, text=reason.strip(), check=key)
        row.save(update_fields=["checks"])
    return row
