"""Staff's decisions on mails whose outcome the portal does not know, or that failed."""

from django.db import transaction
from django.utils import timezone

from outbox.models import Message
from outbox.rendering import holds_marks
from outbox.services.journal import log_event
from outbox.services.posting import FORGOTTEN, wake_after_commit

RESENDABLE = (Message.Status.UNCERTAIN, Message.Status.FAILED, Message.Status.REJECTED, Message.Status.SKIPPED)


class MessageNotOpen(ValueError):
    """What was asked for is not possible with this mail; the text says why and what to do."""


def resend_problem(message: Message) -> str:
    """Return why ``message`` cannot be sent again; empty if it can."""
    if message.status not in RESENDABLE:
        return f"It is {message.status_label}: only mails that did not arrive for certain are sent again."
    if message.recipient == FORGOTTEN:
        return "Its address and text were removed, as the privacy notice promises."
    if message.secrets is None and holds_marks(message.body_text + message.body_html):
        return "The link it held was erased. Let the page that sent it send a new one."
    return ""


def resend(*, message: Message, actor: str) -> Message:
    """Put a mail whose outcome is bad or unknown back into the queue, as a person's decision.

    Raises MessageNotOpen.
    """
    now = timezone.now()
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if why := resend_problem(row):
            raise MessageNotOpen(why)
        row.status, row.reason, row.due_at, row.outcome_at = Message.Status.QUEUED, "", now, None
        row.tries, row.first_try_at, row.claimed_by, row.smtp_code, row.smtp_text = 0, None, "", None, ""
        row.save()
        log_event(row, row.status, actor, note="sent again by a person")
        wake_after_commit()
    return row


def mark_delivered(*, message: Message, actor: str, because: str = "") -> Message:
    """Settle an uncertain mail: somebody knows that it arrived.

    Raises MessageNotOpen.
    """
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if row.status != Message.Status.UNCERTAIN:
            raise MessageNotOpen(f"It is {row.status_label}: only an uncertain mail can be settled.")
        row.status, row.outcome_at, row.secrets, row.claimed_by = Message.Status.ACCEPTED, timezone.now(), None, ""
        row.save()
        log_event(row, row.status, actor, note=f"settled by a person: {because}" if because else "settled by a person")
    return row
