"""A mail server that never comes to the end of an answer: the mail has an outcome, and the next one follows.

Without a limit each of these would go on for ever, so nothing here depends on how long a limit takes exactly.
"""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bench.sink import Sink
from outbox.models import Message, ServerState
from outbox.services.claiming import LEASE
from outbox.services.sending import run_slice
from outbox.transports.bounded import MAX_LINES
from outbox.transports.smtp import Server, SmtpTransport
from tests.outbox.conftest import post_one
from tests.outbox.hanging_server import HangingServer

pytestmark = pytest.mark.django_db

MANNERS = ["lines", "drip", "silence"]
#: Seconds; all that a test waits for is done far earlier.
SOON = 15


@pytest.fixture(autouse=True)
def _smtp(settings: Any) -> None:
    settings.MAIL_TO_FILES = False
    settings.MAIL_ALLOWED = ["*"]
    settings.MAIL_PER_MINUTE = 0


def send(port: int, **changes: Any) -> dict[str, int]:
    """Send what is due with little patience and return the outcomes."""
    server = Server("127.0.0.1", port, **{"timeout": 0.3, "after_dot": 0.3, "until_dot": 10, **changes})
    began = time.monotonic()
    outcomes = dict(run_slice(transport=SmtpTransport(server)).outcomes)
    assert time.monotonic() - began < SOON
    return outcomes


def reason(manner: str) -> str:
    """Return what staff reads."""
    return f"an answer of more than {MAX_LINES} lines" if manner == "lines" else "no answer in time"


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("stage", ["banner", "EHLO", "STARTTLS", "AUTH"])
def test_answer_without_end_before_any_mail_pauses_and_costs_no_try(stage: str, manner: str) -> None:
    row = post_one()
    sign_in = {"user": "portal", "password": "hush-hush"} if stage == "AUTH" else {}

    with HangingServer(stage, manner) as server:
        assert send(server.port, starttls=stage == "STARTTLS", **sign_in) == {}

        assert server.hangs[stage] == 1
    row.refresh_from_db()
    state = ServerState.objects.get()
    assert (row.status, row.tries, state.errors) == ("queued", 0, 1)
    assert state.reason == f"127.0.0.1:{server.port} cannot be reached: {reason(manner)}"


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_tls_handshake_without_answer_pauses(way: str) -> None:
    row = post_one()

    with HangingServer("banner" if way == "tls" else "handshake", "silence") as server:
        assert send(server.port, **{way: True}) == {}

    row.refresh_from_db()
    assert (row.status, row.tries) == ("queued", 0)
    assert ServerState.objects.get().reason == f"127.0.0.1:{server.port} cannot be reached: no answer in time"


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_answer_without_end_before_the_dot_is_tried_again(stage: str, manner: str) -> None:
    row = post_one()

    with HangingServer(stage, manner) as server:
        assert send(server.port) == {"queued": 1}

    row.refresh_from_db()
    assert (row.status, row.tries, row.lease_until) == ("queued", 1, None)
    assert row.due_at > timezone.now() + timedelta(minutes=3)
    assert row.smtp_text == reason(manner)


@pytest.mark.parametrize("manner", MANNERS)
def test_answer_without_end_after_the_dot_is_uncertain(manner: str) -> None:
    row = post_one()

    with HangingServer("dot", manner) as server:
        assert send(server.port) == {"uncertain": 1}

    row.refresh_from_db()
    assert (row.status, row.smtp_code, row.smtp_text) == ("uncertain", None, reason(manner))


def test_server_that_reads_the_mail_too_slowly_is_tried_again() -> None:
    row = post_one()
    Message.objects.update(body_text="word " * 1_200_000)  # more than a system takes off the hands of a sender

    with HangingServer("body", "silence") as server:
        assert send(server.port, until_dot=1) == {"queued": 1}

    row.refresh_from_db()
    assert (row.status, row.tries, row.smtp_text) == ("queued", 1, "no answer in time")


def test_answers_that_are_each_in_time_and_together_too_late_are_tried_again() -> None:
    row = post_one()

    with Sink(lambda phase, to: 0.4 if phase in ("MAIL", "RCPT", "DATA") else None) as sink:
        assert send(sink.port, timeout=5, until_dot=1) == {"queued": 1}

    row.refresh_from_db()
    assert (row.tries, row.smtp_text, sink.mails) == (1, "no answer in time", [])


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("stage", ["RSET", "QUIT"])
def test_answer_without_end_between_mails_or_at_the_end_harms_no_mail(stage: str, manner: str) -> None:
    for number in range(2):
        post_one(f"k{number}", to=f"a{number}@cluster.example")

    with HangingServer(stage, manner) as server:
        assert send(server.port) == {"accepted": 2}

    assert sorted(server.taken) == ["a0@cluster.example", "a1@cluster.example"]


def test_mails_behind_one_that_hangs_go_out_in_the_same_run() -> None:
    for number in range(3):
        post_one(f"k{number}", to=f"a{number}@cluster.example")

    with HangingServer("dot", "drip", recipient="a0@cluster.example") as server:
        assert send(server.port) == {"uncertain": 1, "accepted": 2}


@pytest.mark.parametrize(
    "answer", ["250 " + "long " * 90, "\r\n".join(["250-line"] * (MAX_LINES - 1) + ["250 last"])], ids=["line", "lines"]
)
def test_long_answers_that_end_are_understood(answer: str) -> None:
    post_one()

    with Sink(lambda phase, to: answer if phase in ("EHLO", "RCPT") else None) as sink:
        assert send(sink.port, timeout=5) == {"accepted": 1}


def test_line_that_never_ends_is_tried_again() -> None:
    row = post_one()

    with Sink(lambda phase, to: "250 " + "x" * 100_000 if phase == "RCPT" else None) as sink:
        assert send(sink.port, timeout=5) == {"queued": 1}

    row.refresh_from_db()
    assert (row.status, row.tries) == ("queued", 1)


def test_connection_in_use_again_has_the_time_of_its_own_mail() -> None:
    for number in range(4):
        post_one(f"k{number}", to=f"a{number}@cluster.example")

    with Sink(lambda phase, to: 0.4 if phase == "dot" else None) as sink:
        assert send(sink.port, timeout=5, after_dot=5, until_dot=1) == {"accepted": 4}
        assert sink.phases["connect"] == 1


def test_delivery_is_over_long_before_its_row_is_swept() -> None:
    server = Server("mail.portal.example", 25)

    assert server.until_dot + server.after_dot + 60 <= SmtpTransport(server).lease
    assert server.until_dot < LEASE.total_seconds(), "of the mails that were taken together with it"
