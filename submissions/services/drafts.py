"""Forms that were not sent yet: begun, filled in, handed over to whoever proves the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue.models import Cluster
from publicforms import links as signed_links
from publicforms.models import LinkToken
from submissions import emails, links
from submissions.exceptions import IllegalMove
from submissions.fields.values import Values, fingerprint, read_values
from submissions.models import Submission
from submissions.services import retention
from submissions.services.content import lock_current_target, require_open, set_content
from submissions.services.sender_trust import trust_of
from submissions.services.state_machine import Status, lock_for_update, log_event, save_version

Kind, Channel, Trust = Submission.Kind, Submission.Channel, Submission.Trust


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
                row, link = _known_draft(known, email, is_email_confirmed)
                # Back in the browser, something put right, sent again: that is what the draft says now.
                return save_draft(submission=row, values=values or {}, **details), link
            return _start(
                kind, email, values or {}, target, channel, is_email_confirmed, sends_link, reference, details
            )
    except IntegrityError:
        known = Submission.objects.filter(public_id=reference).first() if reference else None
        if known is None:
            raise
        return _known_draft(known, email, is_email_confirmed)


def _known_draft(known: Submission, email: str, is_email_confirmed: bool) -> tuple[Submission, LinkToken]:
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
        target = lock_current_target(kind, target)
        submission = Submission(
            kind=kind, channel=channel, target=target, name=target.name if target else "",
            country=target.country if target else None, submitter_email=email,
            base=read_values(target) if target else {},
            email_confirmed_at=timezone.now() if is_email_confirmed else None,
            trust=trust_of(email, target) if is_email_confirmed else Trust.UNKNOWN,
            **({"public_id": reference} if reference else {}),
        )  # fmt: skip
        set_content(submission, values, details)
        submission.save()
        log_event(submission, "started")
        link = signed_links.issue(links.Purpose.DRAFT, subject=submission, email=email)
        if sends_link and not is_email_confirmed:
            emails.send_resume_link(submission)
    return submission, link


def save_draft(*, submission: Submission, values: Values, left_at: str | None = None, **details: Any) -> Submission:
    """Store more of what the submitter wrote. Raises :class:`IllegalMove` if it was sent already.

    ``left_at`` is the step of the form at which its link will bring them back.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already and cannot be filled in any more.")
        set_content(row, values, details)
        row.left_at = row.left_at if left_at is None else left_at
        row.last_move_at = timezone.now()
        save_version(row)
    return row


def set_logo(*, submission: Submission, logo: ContentFile | None) -> Submission:
    """Store a cleaned logo beside a draft or beside changes asked for; ``None`` removes it. Raises :class:`IllegalMove`."""
    with transaction.atomic():
        row = lock_for_update(submission)
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
        save_version(row)
        if old and old != row.logo.name:
            transaction.on_commit(lambda: row.logo.storage.delete(old), robust=True)
    return row


def take_over(*, submission: Submission) -> LinkToken:
    """Give a draft to whoever opened the link in the mail, and return the link under which the form goes on.

    The address proved itself. Links to the form from before end: somebody else may have begun it in this
    name, and must not go on in a form that counts as confirmed. Raises :class:`IllegalMove` once it was sent, and
    :class:`SubmissionsClosed`.
    """
    require_open()
    with transaction.atomic():
        row = confirm_address(submission=submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already and cannot be filled in any more.")
        row.links.filter(purpose=links.Purpose.DRAFT).update(expires_at=timezone.now())
        return signed_links.issue(links.Purpose.DRAFT, subject=row, email=row.submitter_email)


def change_address(*, submission: Submission, email: str, sends_link: bool = True) -> Submission:
    """Correct the address of somebody who mistyped it, and send the link there; the mails to the old one stop.

    Raises :class:`IllegalMove` once an address was confirmed.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        if row.status != Status.UNCONFIRMED or row.email_confirmed_at is not None:
            raise IllegalMove("Your address is confirmed already and cannot be changed here any more.")
        emails.forget(row)
        row.links.filter(purpose__in=[links.Purpose.CONFIRM, links.Purpose.RESUME]).delete()
        row.links.filter(purpose=links.Purpose.DRAFT).update(email=email.strip().lower())
        row.submitter_email = email.strip().lower()
        save_version(row)
        if sends_link:
            send_link_again(submission=row)
    return row


def send_link_again(*, submission: Submission) -> None:
    """Send the link to go on, or to confirm, once more. Raises :class:`IllegalMove` if it is in the queue already."""
    with transaction.atomic():
        row = lock_for_update(submission)
        if row.status != Status.UNCONFIRMED:
            raise IllegalMove("This submission was confirmed already.")
        if row.submitted_at is None:
            emails.send_resume_link(row)
        else:
            emails.send_confirm_link(row)


def confirm_address(*, submission: Submission) -> Submission:
    """Note that the submitter's address proved itself while the form is still a draft."""
    with transaction.atomic():
        row = lock_for_update(submission)
        if row.email_confirmed_at is None:
            row.email_confirmed_at = timezone.now()
            save_version(row)
    return row


def discard(*, submission: Submission) -> None:
    """Delete a draft that its owner needs no more, with its links and mails. Raises :class:`IllegalMove` once sent."""
    with transaction.atomic():
        row = lock_for_update(submission)
        if not row.is_draft:
            raise IllegalMove("This submission was sent already.")
        emails.forget(row)
        retention.drop_logo(row)
        row.delete()
