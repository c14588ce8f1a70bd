"""Write a mail, look up what was written, stop what was not sent yet."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from outbox.addresses import checked_headers, normalised, person_name, spellings
from outbox.kinds import mail_kinds
from outbox.mail import Mail
from outbox.models import Message, MessageEvent
from outbox.rendering import MailNotRenderable, Source, holds_marks, render
from outbox.transports.files import path_of

PORTAL = "portal"
#: The recipient of a mail whose address was removed.
FORGOTTEN = "removed@forgotten.example"
#: Mails emptied in one transaction.
FORGOTTEN_AT_ONCE = 500
_NEVER_ARRIVED = (Message.Status.REJECTED, Message.Status.FAILED, Message.Status.SKIPPED)


@sensitive_variables("mail", "secrets")
def post(mail: Mail, *, source: Source | None = None) -> Message:
    """Write a mail inside the caller's transaction and wake a worker once that is committed.

    A second call with the same key returns the first mail unchanged. The text is that of the kind, or ``source``.

    Raises MailNotRenderable, or AddressNotUsable for ``to``, ``reply_to`` or ``sender_email``; ValueError for a
    header that cannot be set.
    """
    if known := Message.objects.filter(key=mail.key).first():
        return known
    definition = mail_kinds.get(mail.kind)
    if definition is None:
        raise MailNotRenderable(f"No kind of mail is called {mail.kind}.")
    rendered = render(definition, mail.values, source)
    default_name, default_email = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = normalised(mail.sender_email or default_email)
    now = timezone.now()
    secrets = {
        name: mail.values[name]
        for name in sorted(definition.secrets)
        if holds_marks(rendered.text + rendered.html) and mail.values[name]
    }
    message = Message(
        key=mail.key,
        kind=mail.kind,
        lane=definition.lane,
        about=mail.about,
        recipient=normalised(mail.to),
        recipient_name=person_name(mail.to_name),
        sender_email=sender,
        sender_name=person_name(mail.sender_name or ("" if mail.sender_email else default_name)),
        reply_to=normalised(mail.reply_to) if mail.reply_to else "",
        subject=rendered.subject,
        body_text=rendered.text,
        body_html=rendered.html,
        headers=checked_headers(dict(mail.headers)),
        secrets=secrets or None,
        due_at=mail.due_at or now,
        created_at=now,
    )
    message.message_id = f"<{message.uuid}@{sender.rpartition('@')[2]}>"
    message.clean_fields(exclude=["secrets", "headers", "body_html"])
    try:
        with transaction.atomic():
            message.save(force_insert=True)
            MessageEvent.objects.create(message=message, at=now, status=message.status, actor=PORTAL)
    except IntegrityError:
        # Somebody else wrote it after the query above.
        return Message.objects.get(key=mail.key)
    if message.due_at <= now:
        wake_after_commit()
    return message


def wake_after_commit() -> None:
    """Wake a worker once the transaction is committed; once for all mails of it.

    Should the broker not answer, beat wakes one within 20 seconds all the same.
    """
    if not any(entry[1] is _wake for entry in connection.run_on_commit):
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    from outbox.tasks import send_mail

    send_mail.apply_async(retry=False)


def messages_about(about: str) -> QuerySet[Message]:
    """Return all mails with that reference, newest first, without their secret values."""
    return Message.objects.filter(about=about).defer("secrets")


def is_on_its_way(keys: Iterable[str]) -> bool:
    """Return whether one of the mails with these keys went out or still waits for its turn."""
    return Message.objects.filter(key__in=list(keys)).exclude(status__in=_NEVER_ARRIVED).exists()


def last_written(*, kind: str, to: str) -> datetime | None:
    """Return when the latest mail of a kind to an address was written that went out or still waits; ``None`` if none."""
    rows = Message.objects.filter(kind=kind, recipient=normalised(to)).exclude(status__in=_NEVER_ARRIVED)
    return rows.order_by("-id").values_list("created_at", flat=True).first()


def cancel(*, key: str, actor: str = PORTAL) -> bool:
    """Stop the mail with that key if it was not sent yet; return whether that was so."""
    return _cancel(Message.objects.filter(key=key), actor) == 1


def cancel_about(about: str, *, actor: str = PORTAL) -> int:
    """Stop all mails with that reference that were not sent yet; return how many."""
    return _cancel(Message.objects.filter(about=about), actor)


def forget_about(about: str) -> int:
    """Stop all mails with that reference, and remove names, addresses and texts of those whose outcome is known.

    For personal data whose time of storage is over. What remains says that there was a mail of that kind; whose outcome
    is unknown counts as given up from now on. Returns how many were emptied.
    """
    cancel_about(about)
    return _forget(Message.objects.filter(about=about))


def forget_person(email: str) -> int:
    """Do what :func:`forget_about` says with all mails to ``email``, or to be answered there; return how many.

    One that is being sent at this moment is left to :func:`forget_old`, if MAIL_KEEP_DAYS is set.
    """
    addresses = spellings(email)
    rows = Message.objects.filter(Q(recipient__in=addresses) | Q(reply_to__in=addresses))
    _cancel(rows, PORTAL)
    return _forget(rows)


def forget_old(*, before: datetime, kinds: Iterable[str] = ()) -> int:
    """Do what :func:`forget_about` says with all mails whose outcome is older than ``before``; return how many.

    ``kinds`` limits it to some kinds. What still waits is left alone.
    """
    rows = Message.objects.filter(status__in=[*Message.CLOSED, Message.Status.UNCERTAIN], outcome_at__lt=before)
    if names := list(kinds):
        rows = rows.filter(kind__in=names)
    keys = list(rows.exclude(recipient=FORGOTTEN).order_by("id").values_list("id", flat=True))
    parts = [keys[start : start + FORGOTTEN_AT_ONCE] for start in range(0, len(keys), FORGOTTEN_AT_ONCE)]
    return sum(_forget(Message.objects.filter(id__in=part)) for part in parts)


def _forget(messages: QuerySet[Message]) -> int:
    with transaction.atomic():
        rows = messages.exclude(recipient=FORGOTTEN).order_by("id").select_for_update()
        unknown = [row for row in rows if row.status == Message.Status.UNCERTAIN]
        Message.objects.filter(id__in=[row.pk for row in unknown]).update(
            status=Message.Status.FAILED, claimed_by="", secrets=None
        )
        MessageEvent.objects.bulk_create(
            MessageEvent(message=row, status=Message.Status.FAILED, attempt=row.attempt, actor=PORTAL, note="forgotten")
            for row in unknown
        )
        emptied = {row.pk: row.uuid for row in rows if row.status in Message.CLOSED or row in unknown}
        # An answer of the server may name the address.
        MessageEvent.objects.filter(message__in=emptied).update(note="")
        Message.objects.filter(id__in=emptied).update(
            recipient=FORGOTTEN, recipient_name="", reply_to="", subject="(removed)", body_text="", body_html="",
            smtp_text="", headers={},
        )  # fmt: skip
        for uuid in emptied.values():
            transaction.on_commit(partial(path_of(uuid).unlink, missing_ok=True), robust=True)
    return len(emptied)


def _cancel(messages: QuerySet[Message], actor: str) -> int:
    now = timezone.now()
    with transaction.atomic():
        # Locked in one order; a worker that holds one of them loses it, since it asks again before it sends.
        rows = messages.filter(status__in=Message.CANCELLABLE).order_by("id").select_for_update()
        found = list(rows.values_list("id", "attempt"))
        Message.objects.filter(id__in=[key for key, _attempt in found]).update(
            status=Message.Status.SKIPPED, reason=Message.Reason.CANCELLED, outcome_at=now, secrets=None,
            claimed_by="", lease_until=None,
        )  # fmt: skip
        MessageEvent.objects.bulk_create([
            MessageEvent(
                message_id=key, at=now, status=Message.Status.SKIPPED, attempt=attempt, actor=actor,
                note=str(Message.Reason.CANCELLED.label),
            )
            for key, attempt in found
        ])  # fmt: skip
    return len(found)
