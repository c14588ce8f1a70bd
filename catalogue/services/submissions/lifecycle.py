"""From the first step of the form to the queue, and back to the submitter: what people outside do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue import mails
from catalogue.models import Cluster, LinkToken, PartnerToken, PrivacyNotice, Submission, SubmissionPolicy
from catalogue.payload.choices import Choices
from catalogue.payload.fields import BY_NAME, FIELDS
from catalogue.payload.form import check_values
from catalogue.payload.values import Values, changed_names, fingerprint, read_values
from catalogue.services.locking import locked_end_of
from catalogue.services.submissions import links, retention
from catalogue.services.submissions.record import Status, locked, move, order_checks, require_move, store, tell
from catalogue.services.submissions.refusals import IllegalMove, SubmissionIncomplete, SubmissionsClosed
from catalogue.services.submissions.retention import anonymise, delete_unconfirmed
from catalogue.services.submissions.target import lock_target, no_longer_there, what_is_gone
from catalogue.services.submissions.trust import trust_of

__all__ = ["anonymise", "delete_unconfirmed"]  # where other rooms look for them

Kind, Channel, Trust = Submission.Kind, Submission.Channel, Submission.Trust
#: What the submitter says about themselves and the cluster beside its fields.
DETAILS = ("submitter_name", "submitter_role", "criteria", "criteria_evidence", "message")


def require_open() -> None:
    """Raise :class:`SubmissionsClosed` while staff takes nothing new.

    What was sent before goes on all the same: it is confirmed, reviewed, changed on request, taken back.
    """
    policy = SubmissionPolicy.current()
    if not policy.is_open:
        raise SubmissionsClosed(policy.closed_text)


def start_draft(
    *,
    kind: str = Kind.NEW,
    email: str,
    values: Values | None = None,
    target: Cluster | None = None,
    channel: str = Channel.FORM,
    is_email_confirmed: bool = False,
    sends_link: bool = True,
    reference: UUID | None = None,
    **details: Any,
) -> tuple[Submission, LinkToken]:
    """Store what somebody began to fill in, and return it with the link under which the form goes on.

    ``target`` is the cluster of an update or closure; an update of one that was archived is about its successor.
    ``is_email_confirmed`` says that ``email`` proved itself by a
    link already; otherwise a mail with a link to resume goes out (unless ``sends_link`` is false).
    ``reference`` makes that safe to repeat: the second click on one button returns the draft of the first, with
    the values of the second.
    Raises :class:`IllegalMove` if that reference is another's or was sent already, or if ``target`` is archived and
    nothing took its place; :class:`SubmissionsClosed` while staff takes nothing.
    """
    require_open()
    email = email.strip().lower()
    try:
        with transaction.atomic():
            if reference and (known := Submission.objects.filter(public_id=reference).first()):
                row, link = _begun_before(known, email, is_email_confirmed)
                # Back in the browser, something put right, sent again: that is what the draft says now.
                return save_draft(submission=row, values=values or {}, **details), link
            return _start(
                kind, email, values or {}, target, channel, is_email_confirmed, sends_link, reference, details
            )
    except IntegrityError:
        known = Submission.objects.filter(public_id=reference).first() if reference else None
        if known is None:
            raise
        return _begun_before(known, email, is_email_confirmed)


def _begun_before(known: Submission, email: str, is_email_confirmed: bool) -> tuple[Submission, LinkToken]:
    link = known.links.filter(purpose=links.Purpose.DRAFT, expires_at__gt=timezone.now()).first()
    if not known.is_draft or known.submitter_email != email or link is None:
        raise IllegalMove("This form was sent already.")
    if known.email_confirmed_at and not is_email_confirmed:
        # Whoever repeats the first step is not the person who opened the link in that mailbox since.
        raise IllegalMove("This form goes on under the link in your mailbox.")
    return known, link


def _start(
    kind: str,
    email: str,
    values: Values,
    target: Cluster | None,
    channel: str,
    is_email_confirmed: bool,
    sends_link: bool,
    reference: UUID | None,
    details: Mapping[str, Any],
) -> tuple[Submission, LinkToken]:
    with transaction.atomic():
        target = _target(kind, target)
        submission = Submission(
            kind=kind, channel=channel, target=target, name=target.name if target else "",
            country=target.country if target else None, submitter_email=email,
            base=read_values(target) if target else {},
            email_confirmed_at=timezone.now() if is_email_confirmed else None,
            trust=trust_of(email, target) if is_email_confirmed else Trust.UNKNOWN,
            **({"public_id": reference} if reference else {}),
        )  # fmt: skip
        _take(submission, values, details)
        submission.save()
        tell(submission, "started")
        link = links.issue(links.Purpose.DRAFT, submission=submission, email=email)
        if sends_link and not is_email_confirmed:
            mails.send_resume_link(submission)
    return submission, link


def save_draft(*, submission: Submission, values: Values, left_at: str | None = None, **details: Any) -> Submission:
    """Keep more of what the submitter wrote. Raises :class:`IllegalMove` if it was sent already.

    ``left_at`` is the step of the form at which its link will bring them back.
    """
    with transaction.atomic():
        row = locked(submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already and cannot be filled in any more.")
        _take(row, values, details)
        row.left_at = row.left_at if left_at is None else left_at
        row.last_move_at = timezone.now()
        store(row)
    return row


def set_logo(*, submission: Submission, logo: ContentFile | None) -> Submission:
    """Keep a cleaned logo beside a draft or beside changes asked for; ``None`` takes it away again."""
    with transaction.atomic():
        row = locked(submission)
        if not (row.is_draft or row.status == Status.CHANGES_REQUESTED):
            raise IllegalMove("This submission was sent already and cannot be filled in any more.")
        if logo is None:
            row.payload.pop("logo", None)
            old, row.logo = row.logo.name, ""
        else:
            content = logo.read()
            old = row.logo.name
            row.logo.save(logo.name or "logo.png", ContentFile(content), save=False)
            row.payload["logo"] = f"{fingerprint({'logo': content.hex()})}"
        store(row)
        if old and old != row.logo.name:
            transaction.on_commit(lambda: row.logo.storage.delete(old), robust=True)
    return row


def send(*, submission: Submission, notice: PrivacyNotice | None) -> Submission:
    """Finish a draft: into the queue if its address is confirmed, else a link is sent to confirm it.

    ``notice`` is the text that the submitter agreed to. Raises :class:`SubmissionIncomplete` with messages
    by field (also for a missing consent), :class:`IllegalMove` if it was sent before,
    :class:`SubmissionsClosed` while staff takes nothing: the draft stays as it is.
    """
    with transaction.atomic():
        row = locked(submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already.")
        require_open()
        lock_target(row)
        if errors := what_is_missing(row, has_consent=notice is not None):
            raise SubmissionIncomplete(errors)
        row.submitted_at = row.consented_at = timezone.now()
        row.notice = notice
        tell(row, "sent")
        if row.email_confirmed_at:
            _enqueue(row)
        else:
            store(row)
            mails.send_confirm_link(row)
    return row


def what_is_missing(submission: Submission, *, has_consent: bool = True) -> dict[str, list[str]]:
    """Return messages by field for what keeps ``submission`` from being sent; empty if nothing."""
    errors: dict[str, list[str]] = {}
    if submission.kind != Kind.CLOSURE:
        names = {spec.name for spec in FIELDS if spec.is_required} if submission.kind == Kind.NEW else set()
        asked = {name: submission.payload.get(name) for name in {*names, *submission.payload} - {"logo"}}
        _payload, errors = check_values(asked, choices=Choices.load(), base=submission.base or None, is_strict=True)
        if submission.kind == Kind.UPDATE and not submission.payload and not submission.message:
            errors[""] = ["Nothing differs from the profile. Change a field, or tell us in the message what is wrong."]
    if gone := what_is_gone(submission):
        errors[""] = [gone]
    if not submission.submitter_email:
        errors["submitter_email"] = ["Your e-mail: we need an address for the answer."]
    if not has_consent:
        errors["consent"] = ["Please agree to the privacy notice; without it we may not publish the contact."]
    return errors


def confirm(*, submission: Submission) -> Submission:
    """Take a sent submission into the queue, because its address proved itself; safe to repeat."""
    with transaction.atomic():
        row = locked(submission)
        if row.status != Status.UNCONFIRMED:
            return row
        if row.submitted_at is None:
            raise IllegalMove("This submission was not sent yet: go on with the form.")
        lock_target(row)
        row.email_confirmed_at = row.email_confirmed_at or timezone.now()
        _enqueue(row)
    return row


def take_over(*, submission: Submission) -> LinkToken:
    """Give a draft to whoever opened the link in the mail, and return the link under which the form goes on.

    The address proved itself. Links to the form from before end: somebody else may have begun it in this
    name, and must not go on in a form that counts as confirmed. Raises as :func:`send` does.
    """
    require_open()
    with transaction.atomic():
        row = confirm_address(submission=submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already and cannot be filled in any more.")
        row.links.filter(purpose=links.Purpose.DRAFT).update(expires_at=timezone.now())
        return links.issue(links.Purpose.DRAFT, submission=row, email=row.submitter_email)


def change_address(*, submission: Submission, email: str, sends_link: bool = True) -> Submission:
    """Correct the address of somebody who mistyped it, and send the link there; the mails to the old one stop.

    Raises :class:`IllegalMove` once an address was confirmed.
    """
    with transaction.atomic():
        row = locked(submission)
        if row.status != Status.UNCONFIRMED or row.email_confirmed_at is not None:
            raise IllegalMove("Your address is confirmed already and cannot be changed here any more.")
        mails.forget(row)
        row.links.filter(purpose__in=[links.Purpose.CONFIRM, links.Purpose.RESUME]).delete()
        row.links.filter(purpose=links.Purpose.DRAFT).update(email=email.strip().lower())
        row.submitter_email = email.strip().lower()
        store(row)
        if sends_link:
            send_link_again(submission=row)
    return row


def send_link_again(*, submission: Submission) -> None:
    """Send the link to go on, or to confirm, once more. Raises :class:`IllegalMove` if it is in the queue already."""
    if submission.status != Status.UNCONFIRMED:
        raise IllegalMove("This submission was confirmed already.")
    if submission.submitted_at is None:
        mails.send_resume_link(submission)
    else:
        mails.send_confirm_link(submission)


def confirm_address(*, submission: Submission) -> Submission:
    """Note that the submitter's address proved itself while the form is still a draft."""
    with transaction.atomic():
        row = locked(submission)
        if row.email_confirmed_at is None:
            row.email_confirmed_at = timezone.now()
            store(row)
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
    the automatic checks (thousands of rows). ``trust`` is what speaks for the sender, where that is neither a
    partner's site nor staff. No mail is sent but to ``email``, where given. Raises :class:`IllegalMove` as
    :func:`start_draft` does.
    """
    now = timezone.now()
    with transaction.atomic():
        asked, target = target, _target(kind, target)
        if target != asked:
            base = None
        row = Submission(
            kind=kind, channel=channel, target=target, name=target.name if target else "",
            country=target.country if target else None, submitter_email=email.strip().lower(),
            base=base if base is not None else (read_values(target) if target else {}),
            trust=trust or (Trust.PARTNER if partner_token else Trust.STAFF), partner_token=partner_token,
            idempotency_key=idempotency_key, request_digest=request_digest, notice=notice,
            consented_at=now if notice else None, submitted_at=now, email_confirmed_at=now,
        )  # fmt: skip
        _take(row, values, details)
        row.save()
        tell(row, "sent")
        _enqueue(row, checks=checks)
    return row


def _target(kind: str, target: Cluster | None) -> Cluster | None:
    """Lock the cluster that a new submission is about: that which took its place, if it was archived meanwhile."""
    if target is None:
        return None
    end = locked_end_of(target.pk)
    if end.status == Cluster.Status.ARCHIVED:
        raise IllegalMove(no_longer_there(target.name))
    if kind == Kind.CLOSURE and end.pk != target.pk:
        raise IllegalMove(f"{target.name} is part of {end.name} now. If that no longer exists, tell us on its page.")
    return end


def withdraw(*, submission: Submission) -> Submission:
    """Take a submission back, at the submitter's wish; safe to repeat. Raises :class:`IllegalMove` once decided."""
    with transaction.atomic():
        row = locked(submission)
        if row.status == Status.WITHDRAWN:
            return row
        move(row, Status.WITHDRAWN)
        store(row)
        mails.cancel(row)
    return row


def deny(*, submission: Submission) -> Submission:
    """Take back what somebody else began or sent in the name of an address, at the wish of its owner.

    As long as nobody confirmed it, everything personal goes at once: the owner never gave it to us. Raises
    :class:`IllegalMove` once decided.
    """
    with transaction.atomic():
        row = locked(submission)
        is_unconfirmed = row.status == Status.UNCONFIRMED
        if row.status != Status.WITHDRAWN:
            move(row, Status.WITHDRAWN)
        store(row)
        mails.cancel(row)
        if is_unconfirmed:
            retention.empty(row)
    return row


def discard(*, submission: Submission) -> None:
    """Delete a draft that its owner needs no more, with its links and mails. Raises :class:`IllegalMove` once sent."""
    with transaction.atomic():
        row = locked(submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already.")
        mails.forget(row)
        retention.drop_logo(row)
        row.delete()


def answer_changes(
    *, submission: Submission, values: Values, message: str = "", has_new_logo: bool = False
) -> Submission:
    """Send what a reviewer asked for; the place in the queue stays.

    Only fields asked for may come. ``has_new_logo`` says that :func:`set_logo` was called before. Raises
    :class:`SubmissionIncomplete` for other fields, for wrong values and for an answer that says nothing,
    :class:`IllegalMove` if nothing was asked.
    """
    with transaction.atomic():
        row = locked(submission)
        if row.status != Status.CHANGES_REQUESTED:
            raise IllegalMove("No changes are asked for any more.")
        if foreign := [name for name in values if name not in row.asked_fields]:
            raise SubmissionIncomplete({name: ["This field was not asked for."] for name in foreign})
        # What went stale meanwhile in fields that they cannot change (a term that staff deleted) is the reviewer's.
        before, old = what_is_missing(row), row.payload
        _take(row, values, {"message": message} if message else {})
        errors = {
            name: texts
            for name, texts in what_is_missing(row).items()
            if name in row.asked_fields or name not in before
        }
        if row.payload == old and not message and not has_new_logo:
            errors = {**errors, "": ["You changed nothing: change a field or write a message."]}
        if errors:
            raise SubmissionIncomplete(errors)
        row.asked_fields, row.asked_text = [], ""
        row.answered_at = timezone.now()
        move(row, Status.PENDING, text=message, answered=True)
        store(row)
        order_checks(row)
    return row


def _take(row: Submission, values: Values, details: Mapping[str, Any]) -> None:
    """Put proposed ``values`` and details into ``row``; an update holds only what differs."""
    unknown = set(values) - set(BY_NAME)
    if unknown:
        raise SubmissionIncomplete({name: ["There is no such field."] for name in sorted(unknown)})
    payload = {**row.payload, **values}
    if row.kind == Kind.UPDATE:
        payload = {name: payload[name] for name in changed_names(payload, row.base)}
    row.payload = payload
    for name in DETAILS:
        if name in details:
            setattr(row, name, details[name])
    if row.kind == Kind.NEW:
        row.name = str(payload.get("name") or row.name)
        row.country_id = str(payload.get("country") or "") or row.country_id


def _enqueue(row: Submission, *, checks: bool = True) -> None:
    """Move ``row`` into the queue, tell the submitter, and order the automatic checks."""
    require_move(row, Status.PENDING)
    if row.trust in (Trust.UNKNOWN,):
        row.trust = trust_of(row.submitter_email, row.target)
    row.confirmed_at = timezone.now()
    move(row, Status.PENDING)
    store(row)
    if row.submitter_email:
        mails.send_received(row)
    if checks:
        order_checks(row)
