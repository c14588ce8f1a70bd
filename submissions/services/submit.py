"""From the form to the queue, and back to the submitter: what people outside do once a draft is complete."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from catalogue.models import Cluster
from submissions import emails
from submissions.exceptions import IllegalMove, SubmissionIncomplete
from submissions.fields.choices import Choices
from submissions.fields.definitions import FIELDS
from submissions.fields.form import check_values
from submissions.fields.values import Values, read_values
from submissions.models import PartnerToken, PrivacyNotice, Submission
from submissions.services import retention
from submissions.services.checks import schedule_checks
from submissions.services.content import lock_current_target, require_open, set_content
from submissions.services.sender_trust import trust_of
from submissions.services.state_machine import (
    Status,
    lock_for_update,
    lock_target,
    log_event,
    require_transition,
    save_version,
    target_problem,
    transition,
)

Kind, Channel, Trust = Submission.Kind, Submission.Channel, Submission.Trust


def send(*, submission: Submission, notice: PrivacyNotice | None) -> Submission:
    """Finish a draft: into the queue if its address is confirmed, else a link is sent to confirm it.

    ``notice`` is the text that the submitter agreed to. Raises :class:`SubmissionIncomplete` with messages
    by field (also for a missing consent), :class:`IllegalMove` if it was sent before,
    :class:`SubmissionsClosed` while staff takes nothing: the draft stays as it is.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already.")
        require_open()
        lock_target(row)
        if errors := sending_problems(row, has_consent=notice is not None):
            raise SubmissionIncomplete(errors)
        row.submitted_at = row.consented_at = timezone.now()
        row.notice = notice
        log_event(row, "sent")
        if row.email_confirmed_at:
            _enqueue(row)
        else:
            save_version(row)
            emails.send_confirm_link(row)
    return row


def sending_problems(submission: Submission, *, has_consent: bool = True) -> dict[str, list[str]]:
    """Return messages by field for what prevents ``submission`` from being sent; empty if nothing."""
    errors: dict[str, list[str]] = {}
    if submission.kind != Kind.CLOSURE:
        names = {spec.name for spec in FIELDS if spec.is_required} if submission.kind == Kind.NEW else set()
        asked = {name: submission.payload.get(name) for name in {*names, *submission.payload} - {"logo"}}
        _checked, errors = check_values(asked, choices=Choices.load(), base=submission.base or None, is_strict=True)
        if submission.kind == Kind.UPDATE and not submission.payload and not submission.message:
            errors[""] = ["Nothing differs from the profile. Change a field, or tell us in the message what is wrong."]
    if problem := target_problem(submission):
        errors[""] = [problem]
    if not submission.submitter_email:
        errors["submitter_email"] = ["Your e-mail: we need an address for the answer."]
    if not has_consent:
        errors["consent"] = ["Please agree to the privacy notice; without it we may not publish the contact."]
    return errors


def confirm(*, submission: Submission) -> Submission:
    """Take a sent submission into the queue, because its address proved itself; safe to repeat."""
    with transaction.atomic():
        row = lock_for_update(submission)
        if row.status != Status.UNCONFIRMED:
            return row
        if row.submitted_at is None:
            raise IllegalMove("This submission was not sent yet: go on with the form.")
        lock_target(row)
        row.email_confirmed_at = row.email_confirmed_at or timezone.now()
        _enqueue(row)
    return row


def propose(
    *,
    kind: str,
    channel: str,
    values: Values,
    target: Cluster | None = None,
    base: Values | None = None,
    email: str = "",
    partner_token: PartnerToken | None = None,
    idempotency_key: str = "",
    request_digest: str = "",
    notice: PrivacyNotice | None = None,
    trust: str = "",
    checks: bool = True,
    **details: Any,
) -> Submission:
    """Put checked ``values`` into the queue at once: for partner sites and spreadsheets, whose sender is known.

    ``base`` may hold the target's values if the caller has read them already. ``checks`` false spares
    the automatic checks (thousands of rows). ``trust`` is the trust in the sender, where that is neither a
    partner's site nor staff. No mail is sent but to ``email``, where given. Raises :class:`IllegalMove` as
    :func:`~submissions.services.drafts.start_draft` does.
    """
    now = timezone.now()
    with transaction.atomic():
        asked, target = target, lock_current_target(kind, target)
        if target != asked:
            base = None
        row = Submission(
            kind=kind, channel=channel, target=target, name=target.name if target else "",
            country=target.country if target else None, submitter_email=email.strip().lower(),
            base=base if base is not None else (read_values(target) if target else {}),
            trust=trust or (Trust.PARTNER if partner_token else Trust.STAFF), partner_token=partner_token,
            partner=partner_token.partner if partner_token else None, idempotency_key=idempotency_key, request_digest=request_digest, notice=notice,
            consented_at=now if notice else None, submitted_at=now, email_confirmed_at=now,
        )  # fmt: skip
        set_content(row, values, details)
        row.save()
        log_event(row, "sent")
        _enqueue(row, checks=checks)
    return row


def withdraw(*, submission: Submission) -> Submission:
    """Take a submission back, at the submitter's wish; safe to repeat. Raises :class:`IllegalMove` once decided."""
    with transaction.atomic():
        row = lock_for_update(submission)
        if row.status == Status.WITHDRAWN:
            return row
        transition(row, Status.WITHDRAWN)
        save_version(row)
        emails.cancel(row)
    return row


def deny(*, submission: Submission) -> Submission:
    """Take back what somebody else began or sent in the name of an address, at the wish of its owner.

    As long as nobody confirmed it, everything personal goes at once: the owner never gave it to us. Raises
    :class:`IllegalMove` once decided.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        is_unconfirmed = row.status == Status.UNCONFIRMED
        if row.status != Status.WITHDRAWN:
            transition(row, Status.WITHDRAWN)
        save_version(row)
        emails.cancel(row)
        if is_unconfirmed:
            retention.empty(row)
    return row


def answer_changes(
    *, submission: Submission, values: Values, message: str = "", has_new_logo: bool = False
) -> Submission:
    """Send what a reviewer asked for; the place in the queue stays.

    Only fields asked for may come. ``has_new_logo`` says that :func:`~submissions.services.drafts.set_logo` was
    called before. Raises
    :class:`SubmissionIncomplete` for other fields, for wrong values and for an answer that says nothing,
    :class:`IllegalMove` if nothing was asked.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        if row.status != Status.CHANGES_REQUESTED:
            raise IllegalMove("No changes are asked for any more.")
        if foreign := [name for name in values if name not in row.asked_fields]:
            raise SubmissionIncomplete({name: ["This field was not asked for."] for name in foreign})
        # What went stale meanwhile in fields that they cannot change (a term that staff deleted) is the reviewer's.
        before, old = sending_problems(row), row.payload
        set_content(row, values, {"message": message} if message else {})
        errors = {
            name: texts
            for name, texts in sending_problems(row).items()
            if name in row.asked_fields or name not in before
        }
        if row.payload == old and not message and not has_new_logo:
            errors = {**errors, "": ["You changed nothing: change a field or write a message."]}
        if errors:
            raise SubmissionIncomplete(errors)
        row.asked_fields, row.asked_text = [], ""
        row.answered_at = timezone.now()
        transition(row, Status.PENDING, text=message, answered=True)
        save_version(row)
        schedule_checks(row)
    return row


def _enqueue(row: Submission, *, checks: bool = True) -> None:
    """Move ``row`` into the queue, write to the submitter, and schedule the automatic checks."""
    require_transition(row, Status.PENDING)
    if row.trust in (Trust.UNKNOWN,):
        row.trust = trust_of(row.submitter_email, row.target)
    row.confirmed_at = timezone.now()
    transition(row, Status.PENDING)
    save_version(row)
    if row.submitter_email:
        emails.send_received(row)
    if checks:
        schedule_checks(row)
