"""How many mails wait and how many need a person; each count is answered from a small index."""

from django.db.models import Count, Q

from outbox.models import Message


def waiting() -> int:
    """Return how many mails are not settled yet."""
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
