"""The two commits around every delivery: what is about to happen, and its outcome.

Between them nobody but the server knows whether it took the mail. Whoever changes this file: a row is ``sending``
in the database before the first byte goes out, and no worker writes about a row that it no longer holds.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from outbox.addresses import one_line
from outbox.allowed import may_get_mail
from outbox.answers import Outcome, Result
from outbox.models import Message, MessageEvent, Suppression
from outbox.rendering import NOT_SHOWN
from outbox.services import server, suppression

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(hours=48)


def begin(message: Message, worker: str, *, via: str, lease: int) -> bool:
    """Commit that this worker sends ``message`` now; return whether it may.

    It may not when the row was swept away, cancelled or taken by another (the row is then left alone), nor when
    its address is suppressed or not allowed (the row is then skipped). ``lease`` is in seconds.
    """
    now = timezone.now()
    reason = "" if via == Message.Via.FILE or may_get_mail(message.recipient) else Message.Reason.NOT_ALLOWED
    with transaction.atomic():
        held = _held(message, worker).filter(status=Message.Status.CLAIMED)
        if not reason:
            stops = suppression.active(message.lane).filter(address=OuterRef("recipient"))
            done = held.filter(~Exists(stops)).update(
                status=Message.Status.SENDING, intent_at=now, lease_until=now + timedelta(seconds=lease), via=via
            )
            if done:
                log_event(message, Message.Status.SENDING, worker)
                return True
            reason = Message.Reason.SUPPRESSED
        skipped = held.update(
            status=Message.Status.SKIPPED, reason=reason, outcome_at=now, secrets=None, claimed_by="", lease_until=None
        )
        if skipped:
            log_event(message, Message.Status.SKIPPED, worker, note=str(Message.Reason(reason).label))
    return False


def settle(message: Message, worker: str, outcome: Outcome) -> Message.Status | None:
    """Commit the outcome of the delivery that this worker began; return the new status.

    A row that was declared uncertain since is set right by its own worker. None when another worker holds the
    row by now; the log of the mail then says what this worker saw.
    """
    now = timezone.now()
    text = _without(message, outcome.text)
    tries, first_try_at = message.tries, message.first_try_at
    if outcome.result in (Result.DEFERRED, Result.LOST):
        tries, first_try_at = tries + 1, first_try_at or now
    status, due_at = _decided(outcome, tries, first_try_at, message.due_at, now)
    is_open = status in Message.OPEN
    with transaction.atomic():
        rows = _held(message, worker).filter(status__in=[Message.Status.SENDING, Message.Status.UNCERTAIN])
        done = rows.update(
            status=status,
            due_at=due_at,
            tries=tries,
            first_try_at=first_try_at,
            lease_until=None,
            outcome_at=None if is_open else now,
            claimed_by="" if status != Message.Status.UNCERTAIN else worker,
            smtp_code=outcome.code,
            smtp_text=text,
            **({"secrets": None} if status in Message.CLOSED else {}),
        )
        note = f"{outcome.phase}: {text}" if text and outcome.result != Result.ACCEPTED else text
        if not done:
            log_event(message, status, worker, code=outcome.code, note=f"Too late to count: {note or status}")
            return None
        log_event(message, status, worker, code=outcome.code, note=note)
        if outcome.suppresses:
            suppression.suppress(
                address=message.recipient, reason=Suppression.Reason.BOUNCED, note=f"{outcome.code} {text}"
            )
    return status


def fail(message: Message, worker: str, note: str) -> None:
    """Give up a row that this worker holds and cannot send, whatever the server would say."""
    now = timezone.now()
    with transaction.atomic():
        done = _held(message, worker).filter(status=Message.Status.CLAIMED).update(
            status=Message.Status.FAILED, outcome_at=now, secrets=None, claimed_by="", lease_until=None,
            smtp_code=None, smtp_text=one_line(note, 500),
        )  # fmt: skip
        if done:
            log_event(message, Message.Status.FAILED, worker, note=note)


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after that many tries: 5 min, then three times as long each time, at most 6 hours, give or take 30 %."""
    return server.scattered(min(LONGEST_WAIT, FIRST_WAIT * 3 ** min(max(tries - 1, 0), 8)))


_SETTLED = {
    Result.ACCEPTED: Message.Status.ACCEPTED,
    Result.REJECTED: Message.Status.REJECTED,
    Result.UNCERTAIN: Message.Status.UNCERTAIN,
}


def _decided(
    outcome: Outcome, tries: int, first_try_at: datetime | None, due_at: datetime, now: datetime
) -> tuple[Message.Status, datetime]:
    """Return the new status and when the mail is due."""
    if outcome.result in _SETTLED:
        return _SETTLED[outcome.result], due_at
    if outcome.result is Result.RETURNED:
        # Behind all others: whatever the server has against this one must not keep them waiting for ever.
        return Message.Status.QUEUED, now + server.beyond_next_pause()
    if first_try_at is not None and now - first_try_at >= GIVE_UP_AFTER:
        return Message.Status.FAILED, due_at
    status = Message.Status.DEFERRED if outcome.result is Result.DEFERRED else Message.Status.QUEUED
    return status, now + wait_after(tries)


def _held(message: Message, worker: str) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, claimed_by=worker, attempt=message.attempt)


def _without(message: Message, text: str) -> str:
    # A server may repeat a link that it does not like.
    for value in (message.secrets or {}).values():
        text = text.replace(value, NOT_SHOWN)
    return one_line(text, 500)


def log_event(message: Message, status: str, actor: str, *, code: int | None = None, note: str = "") -> None:
    """Add to the log of ``message`` that it has ``status`` now; the caller's transaction changes the mail itself."""
    MessageEvent.objects.create(
        message=message, status=status, attempt=message.attempt, actor=actor, code=code, note=one_line(note, 500)
    )
