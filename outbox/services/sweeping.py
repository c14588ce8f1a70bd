"""Settle what a crash left behind, and bring back what waited for its time."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from outbox.models import Message, MessageEvent
from outbox.transports.files import path_of

SWEEPER = "sweep"
BATCH = 500
#: Any number will do, as long as nobody else uses it.
LOCK = 0x6F7574626F78  # "outbox"
SECRETS_KEPT = timedelta(days=14)


def sweep() -> dict[str, int]:
    """Decide about rows whose lease has run out, and queue those that are due again; return how many of each.

    Safe at any time and on any number of hosts: on PostgreSQL the second one finds the lock taken and does
    nothing, on SQLite a transaction that writes is alone anyway.
    """
    counts = {"requeued": 0, "uncertain": 0, "accepted": 0, "due": 0}
    while _sweep_some(counts) == BATCH:
        pass
    return counts


def _sweep_some(counts: dict[str, int]) -> int:
    now = timezone.now()
    with transaction.atomic():
        if not _alone():
            return 0
        taken = _some(Message.objects.filter(status=Message.Status.CLAIMED, lease_until__lt=now))
        _move(taken, Message.Status.QUEUED, "its worker did not come back before it began")
        sending = _some(Message.objects.filter(status=Message.Status.SENDING, lease_until__lt=now))
        # A file is there or it is not, and writing it again does no harm.
        files = [row for row in sending if row.via == Message.Via.FILE]
        written = [row for row in files if path_of(row.uuid).exists()]
        _move(written, Message.Status.ACCEPTED, "its worker did not come back; the file is there")
        unwritten = [row for row in files if row not in written]
        _move(unwritten, Message.Status.QUEUED, "its worker did not come back; the file is not there")
        unknown = [row for row in sending if row.via != Message.Via.FILE]
        _move(unknown, Message.Status.UNCERTAIN, "its worker did not come back: the server may have the mail or not")
        due = _some(Message.objects.filter(status=Message.Status.DEFERRED, due_at__lte=now))
        _move(due, Message.Status.QUEUED, "due again")
    for name, rows in (
        ("requeued", taken + unwritten), ("uncertain", unknown), ("accepted", written), ("due", due),
    ):  # fmt: skip
        counts[name] += len(rows)
    return max(len(taken), len(sending), len(due))


def _alone() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _some(rows: QuerySet[Message]) -> list[Message]:
    locked = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return list(locked.only("id", "uuid", "attempt", "via", "status").order_by("id")[:BATCH])


def _move(rows: list[Message], status: Message.Status, note: str) -> None:
    if not rows:
        return
    now = timezone.now()
    is_open = status in Message.OPEN
    changes: dict[str, object] = {"status": status, "lease_until": None, "outcome_at": None if is_open else now}
    if status != Message.Status.UNCERTAIN:
        changes["claimed_by"] = ""  # its own worker may yet come back and know the outcome
    if status in Message.CLOSED:
        changes["secrets"] = None
    Message.objects.filter(id__in=[row.pk for row in rows]).update(**changes)
    MessageEvent.objects.bulk_create(
        [
            MessageEvent(message=row, at=now, status=status, attempt=row.attempt, actor=SWEEPER, note=note)
            for row in rows
        ]
    )


def has_waiting() -> bool:
    """Return whether a mail could go now."""
    return Message.objects.filter(status=Message.Status.QUEUED, due_at__lte=timezone.now()).exists()


def purge_secrets() -> int:
    """Erase the secret values of mails that nobody has settled for two weeks; return how many mails."""
    old = Message.objects.filter(
        status=Message.Status.UNCERTAIN, secrets__isnull=False, outcome_at__lt=timezone.now() - SECRETS_KEPT
    )
    return old.update(secrets=None)
