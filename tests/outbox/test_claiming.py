"""Who may write about a mail: the worker that holds it, in the attempt in which it took it."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from outbox.answers import ACCEPTED, Outcome
from outbox.models import Message
from outbox.services import server
from outbox.services.claiming import LEASE, claim
from outbox.services.journal import begin, settle
from outbox.services.posting import cancel
from outbox.services.sending import run_slice
from outbox.services.sweeping import sweep
from tests.outbox.conftest import post_one

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _everybody_gets_mail(settings: Any) -> None:
    settings.MAIL_ALLOWED = ["*"]


def taken_again(message: Message, worker: str) -> Message:
    """Let the time of a claim run out and ``worker`` take the mail, and return it as that one has it."""
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - LEASE)
    sweep()
    (row,) = claim(worker)
    assert row.pk == message.pk
    return row


def test_only_a_mail_that_still_waits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    post_one("stopped", to="a@cluster.example")
    post_one("waiting", to="b@cluster.example")

    def take(wanted: int, now: Any = None) -> int:
        assert cancel(key="stopped")  # between the look and the claim
        return wanted

    monkeypatch.setattr(server, "take", take)

    assert [row.key for row in claim("worker", has_rate=True)] == ["waiting"]
    stopped = Message.objects.get(key="stopped")
    assert (stopped.status, stopped.claimed_by, stopped.attempt) == ("skipped", "", 0)


def test_fence_lets_a_worker_begin_no_mail_that_another_one_holds() -> None:
    post_one()
    (mine,) = claim("slow")
    held = taken_again(mine, "quick")
    mine.attempt = held.attempt  # even then: the worker counts as well

    assert not begin(mine, "slow", via="smtp", lease=600)

    held.refresh_from_db()
    assert (held.status, held.claimed_by) == ("claimed", "quick")


def test_fence_keeps_the_outcome_of_an_earlier_attempt_out_of_a_later_one() -> None:
    post_one()
    (first,) = claim("worker")
    second = taken_again(first, "worker")
    assert begin(second, "worker", via="smtp", lease=600)

    assert settle(first, "worker", ACCEPTED) is None

    second.refresh_from_db()
    assert (second.status, second.outcome_at) == ("sending", None)
    assert "Too late to count" in second.events.last().note


@pytest.mark.django_db(transaction=True)
def test_mail_is_being_sent_and_committed_before_the_server_hears_of_it() -> None:
    # Not due when it is written: a worker would be woken at once.
    post_one(due_at=timezone.now() + LEASE)
    Message.objects.update(due_at=timezone.now())
    heard: list[tuple[str, bool]] = []

    class Listening:
        """A way out that looks at the row as another process would see it."""

        via, lease, has_rate = "smtp", 600, False

        def ready(self) -> None:
            """Be ready."""

        def deliver(self, envelope: Any) -> Outcome:
            """Note what the database says at this moment, and whether it is committed."""
            heard.append((Message.objects.get(uuid=envelope.uuid).status, not connection.in_atomic_block))
            return ACCEPTED

        def close(self) -> None:
            """Keep nothing."""

    assert run_slice(transport=Listening()).outcomes == {"accepted": 1}
    assert heard == [("sending", True)]
