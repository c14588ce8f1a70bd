"""Any order of posting, claiming, sending, crashing, sweeping and deciding keeps the promises of the outbox."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from outbox.answers import ACCEPTED, Outcome, Phase, Result
from outbox.models import Message, Suppression
from outbox.services import server
from outbox.services.claiming import claim, release
from outbox.services.journal import begin, settle
from outbox.services.posting import cancel
from outbox.services.resolving import MessageNotOpen, mark_delivered, resend
from outbox.services.suppression import lift, suppress
from outbox.services.sweeping import sweep
from tests.effort import examples
from tests.outbox.conftest import post_one

pytestmark = pytest.mark.both_databases

LEASE = 600
SPANS = (timedelta(minutes=1), timedelta(minutes=6), timedelta(minutes=20), timedelta(hours=9))
OUTCOMES = {
    "accepted": (ACCEPTED, True),
    "rejected": (Outcome(Result.REJECTED, Phase.RCPT, 550, "5.1.1 nobody", suppresses=True), False),
    "refused": (Outcome(Result.REJECTED, Phase.DOT, 550, "5.7.1 spam"), False),
    "deferred": (Outcome(Result.DEFERRED, Phase.RCPT, 450, "4.2.1 busy"), False),
    "returned": (Outcome(Result.RETURNED, Phase.MAIL, 451, "later", is_of_server=True), False),
    "lost": (Outcome(Result.LOST, Phase.DATA, None, "broken", is_of_server=True), False),
    "uncertain, taken": (Outcome(Result.UNCERTAIN, Phase.DOT, None, "broken"), True),
    "uncertain, not taken": (Outcome(Result.UNCERTAIN, Phase.DOT, None, "broken"), False),
}


@dataclass
class Worker:
    """What one worker believes that it holds."""

    name: str
    hand: list[Message] = field(default_factory=list)
    current: Message | None = None


class Outbox(RuleBasedStateMachine):
    """Three workers, one sweep, one person, and a server that counts copies."""

    def __init__(self) -> None:
        super().__init__()
        # The scatter of waits would let one life of the machine go two ways.
        self.chance, server._random = server._random, Random(1)  # noqa: S311 - the same each time
        self.clock = time_machine.travel(datetime(2027, 5, 3, 10, tzinfo=UTC), tick=False)
        self.now = self.clock.start()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.workers = [Worker(f"worker-{number}") for number in range(3)]
        self.born = 3
        self.posted: set[str] = set()
        self.copies: Counter[str] = Counter()
        self.resent: Counter[str] = Counter()
        self.marked: set[str] = set()

    def teardown(self) -> None:
        """Let everything come to an end, look at the result, and leave no trace."""
        server._random = self.chance
        try:
            for worker in self.workers:
                self._crash(worker, was_taken=True)
            for _ in range(12):
                self.now.shift(timedelta(hours=7))
                sweep()
                self._send_all()
            self._check_end()
            self.nobody_gets_a_mail_twice_by_itself()
            self.books_are_right()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)
            self.clock.stop()

    def _send_all(self) -> None:
        while rows := claim("last", limit=50):
            for row in rows:
                if begin(row, "last", via="smtp", lease=LEASE):
                    self.copies[row.key] += 1
                    settle(row, "last", ACCEPTED)

    def _check_end(self) -> None:
        rows = list(Message.objects.all())
        assert {row.status for row in rows} <= {"accepted", "rejected", "failed", "uncertain", "skipped"}
        for row in rows:
            if self.copies[row.key] == 0 and row.key not in self.marked:
                assert row.status != "accepted", "a mail that nobody has is not called accepted"

    # --- rules ---

    @initialize(kinds=st.lists(st.booleans(), min_size=4, max_size=8))
    def some_mails(self, kinds: list[bool]) -> None:
        for number, is_bulk in enumerate(kinds):
            self.post(number, is_bulk)

    def post(self, number: int, is_bulk: bool) -> None:

        key = f"k{number}"
        before = Message.objects.filter(key=key).values().first()
        post_one(key, to=f"a{number}@cluster.example", kind="try_news" if is_bulk else "try_confirm")
        if before:
            assert Message.objects.filter(key=key).values().first() == before, "the same key changes nothing"
        self.posted.add(key)

    @rule(number=st.integers(0, 20), is_bulk=st.booleans())
    def post_another(self, number: int, is_bulk: bool) -> None:
        self.post(number, is_bulk)

    @rule(which=st.integers(0, 2))
    def claim(self, which: int) -> None:
        worker = self.workers[which]
        worker.hand += claim(worker.name, limit=3)

    @precondition(lambda self: self.posted and not all(worker.current for worker in self.workers))
    @rule(
        name=st.sampled_from(sorted(OUTCOMES)),
        stop=st.sampled_from(["", "", "", "", "", "suppress", "cancel", "sleep"]),
    )
    def work(self, name: str, stop: str) -> None:
        """Do what a worker mostly does, with something in between."""
        worker = next(worker for worker in self.workers if not worker.current)
        rows = claim(worker.name, limit=1)
        if not rows:
            return
        if stop == "suppress":
            suppress(address=rows[0].recipient, reason="staff")
        elif stop == "cancel":
            assert cancel(key=rows[0].key)
        elif stop == "sleep":
            self.now.shift(timedelta(minutes=6))
            sweep()
        if begin(rows[0], worker.name, via="smtp", lease=LEASE):
            assert not stop, "neither suppressed nor stopped nor swept away"
            outcome, is_taken = OUTCOMES[name]
            self.copies[rows[0].key] += is_taken
            settle(rows[0], worker.name, outcome)

    @rule(name=st.sampled_from(["uncertain, taken", "death"]), is_swept=st.booleans())
    def lose_the_answer(self, name: str, is_swept: bool) -> None:
        """Do what matters most often: the server has the mail, and the worker does not know."""
        worker = f"worker-{self.born}"
        self.born += 1
        for row in claim(worker, limit=1):
            if begin(row, worker, via="smtp", lease=LEASE):
                self.copies[row.key] += 1
                if name != "death":
                    settle(row, worker, OUTCOMES[name][0])
        if is_swept:
            self.now.shift(timedelta(minutes=20))
            sweep()

    @precondition(lambda self: any(worker.hand and not worker.current for worker in self.workers))
    @rule(data=st.data())
    def begin(self, data: Any) -> None:
        worker = data.draw(st.sampled_from([worker for worker in self.workers if worker.hand and not worker.current]))
        message = worker.hand.pop(0)
        before = Message.objects.get(pk=message.pk)
        stops = Suppression.objects.filter(address=message.recipient, lifted_at__isnull=True)
        if message.lane == "transactional":
            stops = stops.exclude(reason="opted out")
        if begin(message, worker.name, via="smtp", lease=LEASE):
            assert (before.status, before.claimed_by, before.attempt) == ("claimed", worker.name, message.attempt)
            assert not stops.exists()
            worker.current = message

    @precondition(lambda self: any(worker.current for worker in self.workers))
    @rule(data=st.data(), name=st.sampled_from(sorted(OUTCOMES)))
    def finish(self, data: Any, name: str) -> None:
        worker = data.draw(st.sampled_from([worker for worker in self.workers if worker.current]))
        outcome, is_taken = OUTCOMES[name]
        self.copies[worker.current.key] += is_taken
        settle(worker.current, worker.name, outcome)
        worker.current = None

    @precondition(lambda self: any(worker.hand or worker.current for worker in self.workers))
    @rule(data=st.data(), was_taken=st.booleans())
    def crash(self, data: Any, was_taken: bool) -> None:
        busy = [place for place, worker in enumerate(self.workers) if worker.hand or worker.current]
        place = data.draw(st.sampled_from(busy))
        self._crash(self.workers[place], was_taken=was_taken)
        self.workers[place] = Worker(f"worker-{self.born}")
        self.born += 1

    def _crash(self, worker: Worker, *, was_taken: bool) -> None:
        if worker.current:
            self.copies[worker.current.key] += was_taken
        worker.hand, worker.current = [], None

    @precondition(lambda self: any(worker.hand for worker in self.workers))
    @rule(data=st.data())
    def give_back(self, data: Any) -> None:
        worker = data.draw(st.sampled_from([worker for worker in self.workers if worker.hand]))
        release(worker.name, worker.hand, "its time was up")
        worker.hand = []

    @rule(span=st.sampled_from(SPANS), is_swept=st.booleans())
    def wait(self, span: timedelta, is_swept: bool) -> None:
        self.now.shift(span)
        if is_swept:
            sweep()

    @rule(address=st.integers(0, 20), reason=st.sampled_from(["bounced", "opted out", "staff"]))
    def suppress(self, address: int, reason: str) -> None:
        suppress(address=f"a{address}@cluster.example", reason=reason)

    @rule(address=st.integers(0, 20))
    def lift(self, address: int) -> None:
        lift(address=f"a{address}@cluster.example", because="It is back.", actor="person")

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def cancel(self, data: Any) -> None:
        key = data.draw(st.sampled_from(sorted(self.posted)))
        before = Message.objects.get(key=key).status
        assert cancel(key=key) is (before in ("queued", "claimed", "deferred"))

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def resend(self, data: Any) -> None:
        message = Message.objects.get(key=data.draw(st.sampled_from(sorted(self.posted))))
        try:
            resend(message=message, actor="person")
        except MessageNotOpen:
            return
        self.resent[message.key] += 1

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def mark(self, data: Any) -> None:
        message = Message.objects.get(key=data.draw(st.sampled_from(sorted(self.posted))))
        try:
            mark_delivered(message=message, actor="person")
        except MessageNotOpen:
            return
        self.marked.add(message.key)

    # --- promises ---

    @invariant()
    def nobody_gets_a_mail_twice_by_itself(self) -> None:
        assert [key for key, number in self.copies.items() if number > 1 + self.resent[key]] == []

    @invariant()
    def books_are_right(self) -> None:
        rows = list(Message.objects.prefetch_related("events"))
        assert {row.key for row in rows} == self.posted
        for row in rows:
            assert (row.lease_until is not None) is (row.status in ("claimed", "sending")), row.status
            assert row.due_at is not None
            if row.status in ("queued", "deferred"):
                assert row.due_at <= timezone.now() + timedelta(hours=8), "nothing waits for ever"
            if row.status in Message.CLOSED:
                assert row.secrets is None
            elif row.kind == "try_confirm":
                assert row.secrets, "a mail that may still go has its link"
            counted = [event for event in row.events.all() if not event.note.startswith("Too late")]
            assert counted[-1].status == row.status, "the log has every change"


@pytest.mark.django_db
def test_any_order_of_events_keeps_the_promises(settings: Any) -> None:
    settings.MAIL_ALLOWED = ["*"]
    run_state_machine_as_test(
        Outbox,
        settings=effort(
            max_examples=examples(60), stateful_step_count=50, deadline=None, derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )  # fmt: skip
