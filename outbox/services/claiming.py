"""Take rows from the queue, and give them back."""

import os
import secrets
import socket
from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from outbox.kinds import Lane
from outbox.models import Message, MessageEvent
from outbox.services import server

BATCH = 50
#: Fewer of those that go to many: somebody may be waiting for the confirmation that comes next.
BULK_BATCH = 20
LEASE = timedelta(minutes=5)


def worker_name() -> str:
    """Return a name that no other worker has, before or after: the fence around its rows."""
    return f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(6)}"


def claim(worker: str, *, limit: int = BATCH, has_rate: bool = False) -> list[Message]:
    """Take up to ``limit`` rows that are due, single mails before those to many, and return them in that order.

    With ``has_rate`` only as many as the server's rate allows now.
    """
    now = timezone.now()
    with transaction.atomic():
        found: list[int] = []
        for lane, most in ((Lane.TRANSACTIONAL, limit), (Lane.BULK, min(limit, BULK_BATCH))):
            if not found:
                due = Message.objects.filter(status=Message.Status.QUEUED, lane=lane, due_at__lte=now)
                # SQLite has no rows to skip: there a transaction that means to write is alone anyway.
                due = due.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
                found = list(due.order_by("due_at", "id").values_list("id", flat=True)[:most])
        if found and has_rate:
            found = found[: server.take(len(found), now)]
        if not found:
            return []
        # Compare and swap: whatever else happened, only rows that still wait are taken.
        Message.objects.filter(id__in=found, status=Message.Status.QUEUED).update(
            status=Message.Status.CLAIMED, claimed_by=worker, lease_until=now + LEASE, attempt=F("attempt") + 1
        )
        rows = list(
            Message.objects.filter(id__in=found, claimed_by=worker, status=Message.Status.CLAIMED).order_by(
                "due_at", "id"
            )
        )
        _log(rows, Message.Status.CLAIMED, worker, "")
    return rows


def release(worker: str, messages: Iterable[Message], note: str) -> None:
    """Put rows that this worker holds and has not begun to send back into the queue."""
    ids = [message.pk for message in messages]
    if not ids:
        return
    with transaction.atomic():
        mine = Message.objects.filter(id__in=ids, claimed_by=worker, status=Message.Status.CLAIMED)
        rows = list(mine.select_for_update().order_by("id"))
        mine.update(status=Message.Status.QUEUED, claimed_by="", lease_until=None)
        _log(rows, Message.Status.QUEUED, worker, note)


def _log(rows: list[Message], status: Message.Status, actor: str, note: str) -> None:
    now = timezone.now()
    MessageEvent.objects.bulk_create(
        [
            MessageEvent(message=row, at=now, status=status, attempt=row.attempt, actor=actor, note=note[:500])
            for row in rows
        ]
    )
