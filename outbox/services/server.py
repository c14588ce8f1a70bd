"""How the mail server does: how many mails may go now, and when to leave it alone."""

from datetime import datetime, timedelta
from random import SystemRandom

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from outbox.addresses import one_line
from outbox.models import ServerState

NAME = "smtp"
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
REFUSALS_UNTIL_PAUSE = 10
#: A server that asked for less gets half as much, at most six times over, and twice as much again every 10 minutes.
MOST_SLOW = 6
SPEED_UP_AFTER = timedelta(minutes=10)
#: What "no limit" counts as once the server asked for less.
UNLIMITED_PER_MINUTE = 6000

_random = SystemRandom()


def scattered(span: timedelta) -> timedelta:
    """Return ``span`` give or take 30 %, so that not all workers come back at once."""
    return span * _random.uniform(0.7, 1.3)


def take(wanted: int, now: datetime | None = None) -> int:
    """Return how many of ``wanted`` mails may go now, and count them as sent; 0 during a pause.

    Runs inside the transaction of a claim: the row is locked until the claim is committed.
    """
    now = now or timezone.now()
    state, _is_new = ServerState.objects.select_for_update().get_or_create(name=NAME)
    if state.paused_until and state.paused_until > now:
        return 0
    slowness = _slowness(state, now)
    limit = settings.MAIL_PER_MINUTE or (UNLIMITED_PER_MINUTE if slowness else 0)
    if not limit:
        return wanted
    per_minute = limit / 2**slowness
    most = max(1.0, per_minute / 2)  # saved up for half a minute: more than beat's 20 seconds
    passed = (now - state.tokens_at).total_seconds() if state.tokens_at else 60.0
    tokens = min(most, state.tokens + max(0.0, passed) * per_minute / 60)
    taken = min(wanted, int(tokens))
    ServerState.objects.filter(pk=state.pk).update(tokens=max(0.0, tokens - taken), tokens_at=now)
    return taken


def _slowness(state: ServerState, now: datetime) -> int:
    if not state.slowness or state.slowed_at is None:
        return 0
    return max(0, state.slowness - int((now - state.slowed_at) / SPEED_UP_AFTER))


def beyond_next_pause() -> timedelta:
    """Return a time in which the pause that one more error brings is certainly over."""
    errors = ServerState.objects.filter(name=NAME).values_list("errors", flat=True).first() or 0
    return _pause_after(errors + 1) * 1.4


def _pause_after(errors: int) -> timedelta:
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(errors - 1, 10))


def report_error(reason: str, *, slows: bool = False) -> None:
    """Pause after an error of the server: half a minute, doubled with every further one, up to 15 minutes."""
    now = timezone.now()
    with transaction.atomic():
        state, _is_new = ServerState.objects.select_for_update().get_or_create(name=NAME)
        state.errors += 1
        state.paused_until, state.reason = now + scattered(_pause_after(state.errors)), one_line(reason, 500)
        if slows:
            state.slowness, state.slowed_at = min(MOST_SLOW, _slowness(state, now) + 1), now
        state.save()


def report_refusal(reason: str) -> bool:
    """Count a mail refused for good; pause when ten in a row were. Return whether it is paused now.

    A server that refuses everything (our address on a block list, relaying not allowed) must not use up all
    mails that wait.
    """
    with transaction.atomic():
        state, _is_new = ServerState.objects.select_for_update().get_or_create(name=NAME)
        state.refusals += 1
        is_paused = state.refusals >= REFUSALS_UNTIL_PAUSE
        if is_paused:
            state.paused_until = timezone.now() + scattered(LONGEST_PAUSE)
            state.reason = one_line(f"{state.refusals} mails in a row were refused, the last with: {reason}", 500)
        state.save()
    return is_paused


def report_success() -> None:
    """Reset the counts of errors: the server took a mail; but let it rest for a minute if it asked for that."""
    has_rested = Q(slowed_at__isnull=True) | Q(slowed_at__lt=timezone.now() - timedelta(minutes=1))
    ServerState.objects.filter(has_rested, name=NAME).exclude(errors=0, refusals=0).update(
        errors=0, refusals=0, paused_until=None, reason=""
    )


def resume() -> None:
    """End a pause by hand."""
    ServerState.objects.filter(name=NAME).update(errors=0, refusals=0, paused_until=None, reason="", slowness=0)
