"""How many mails wait, since when, and how many need a person; each is answered from a small index."""

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from outbox.kinds import Lane
from outbox.models import Message, ServerState


def waiting() -> int:
    """Return how many mails still have no outcome."""
    # One count for each partial index: a single one would read the whole table.
    parts = ([Message.Status.QUEUED], [Message.Status.CLAIMED, Message.Status.SENDING], [Message.Status.DEFERRED])
    return sum(Message.objects.filter(status__in=statuses).count() for statuses in parts)


def needs_a_person() -> dict[str, int]:
    """Return how many mails have an unknown outcome, and how many were given up."""
    unsettled = Message.objects.filter(status__in=[Message.Status.UNCERTAIN, Message.Status.FAILED])
    return unsettled.aggregate(
        uncertain=Count("id", filter=Q(status=Message.Status.UNCERTAIN)),
        failed=Count("id", filter=Q(status=Message.Status.FAILED)),
    )


def oldest_late(wait: timedelta) -> datetime | None:
    """Return when the oldest mail to one person that no worker has taken was due, where that is longer ago than ``wait``.

    Mails to many wait for their turn as long as the rate of the server takes.
    """
    late = Message.objects.filter(
        status=Message.Status.QUEUED, lane=Lane.TRANSACTIONAL, due_at__lt=timezone.now() - wait
    )
    return late.order_by("due_at", "id").values_list("due_at", flat=True).first()


def reason_of_pause() -> str:
    """Return what the mail server has against us, nothing where it takes mail."""
    return ServerState.objects.exclude(reason="").values_list("reason", flat=True).first() or ""
