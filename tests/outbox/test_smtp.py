"""Sending to a real server on this machine that fails at every phase: what becomes of the mail, and of the next."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from bench.sink import DROP, LOSE, Sink
from outbox.models import Message, ServerState, Suppression
from outbox.services import sending
from outbox.services.sending import run_slice
from outbox.services.suppression import suppress
from outbox.services.sweeping import sweep
from outbox.transports.smtp import Server, SmtpTransport, server_of_settings
from tests.outbox.conftest import SECRET, post_one

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _smtp(settings: Any) -> None:
    settings.MAIL_TO_FILES = False
    settings.MAIL_ALLOWED = ["*"]
    settings.MAIL_PER_MINUTE = 0


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run a server."""
    with Sink() as sink:
        yield sink


def send(sink: Sink, **changes: Any) -> dict[str, int]:
    """Send what is due to the sink and return the outcomes."""
    server = Server("127.0.0.1", sink.port, **{"timeout": 5, "after_dot": 5, **changes})
    return dict(run_slice(transport=SmtpTransport(server)).outcomes)


def once(phase: str, answer: str | float, *, recipient: str = "") -> Callable[[str, str], str | float | None]:
    """Return a fault that happens the first time only."""
    left = [answer]

    def fault(at: str, to: str) -> str | float | None:
        return left.pop() if at == phase and left and recipient in ("", to) else None

    return fault


def test_mail_arrives_as_it_was_written(sink: Sink) -> None:
    row = post_one(
        to_name='Anna, "the" <Boss>', sender_name="Grüne Partner", sender_email="office@partner.example",
        reply_to="answers@partner.example", headers={"List-Id": "x.partner.example"},
        values={"name": "Ärzte\n.dot", "note": ".\n..two\n" + "long " * 300, "link": SECRET},
    )  # fmt: skip

    assert send(sink) == {"accepted": 1}

    (taken,) = sink.mails
    assert (taken.sender, taken.recipient) == ("office@partner.example", "anna@cluster.example")
    assert taken.message_id == f"<{row.uuid}@partner.example>"
    import email.policy

    mail = email.message_from_bytes(taken.content.replace(b"\r\n..", b"\r\n."), policy=email.policy.default)
    assert str(mail["From"]) == "Grüne Partner <office@partner.example>"
    assert str(mail["To"]) == "Anna the Boss <anna@cluster.example>"
    assert str(mail["Reply-To"]) == "answers@partner.example"
    assert str(mail["List-Id"]) == "x.partner.example"
    assert str(mail["Subject"]) == "Please confirm, Ärzte .dot"
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert f"{SECRET}\n\nYou wrote: .\n..two\nlong long" in text
    assert taken.content.isascii()
    assert max(map(len, taken.content.split(b"\r\n"))) <= 998
    assert b"\n" not in taken.content.replace(b"\r\n", b"")


REFUSED = [
    # phase, answer → status, suppressed, waits at least minutes
    ("MAIL", "451 4.3.0 later", "deferred", False, 3),
    ("MAIL", "450 4.1.8 sender domain not found", "deferred", False, 3),
    ("MAIL", "553 5.7.1 not your sender", "deferred", False, 3),
    ("MAIL", "530 5.7.0 sign in first", "queued", False, 0.6),
    ("RCPT", "421 4.7.28 not this one now", "queued", False, 0.6),
    ("RCPT", "450 4.2.1 mailbox busy", "deferred", False, 3),
    ("RCPT", "451 4.7.1 greylisted", "deferred", False, 3),
    ("RCPT", "550 5.1.1 no such user", "rejected", True, 0),
    ("RCPT", "550 5.1.8 your domain is bad", "rejected", False, 0),
    ("RCPT", "550 no such user here", "rejected", False, 0),
    ("RCPT", "554 5.7.1 relay denied", "rejected", False, 0),
    ("DATA", "451 4.3.0 later", "deferred", False, 3),
    ("DATA", "554 5.5.1 no valid recipients", "rejected", False, 0),
    ("dot", "452 4.3.1 disk full", "deferred", False, 3),
    ("dot", "550 5.7.1 looks like spam", "rejected", False, 0),
    ("dot", "421 4.7.0 too much", "deferred", False, 3),
    ("dot", "gibberish", "uncertain", False, 0),
    ("dot", "354 go on", "uncertain", False, 0),
    ("connect", "421 4.7.0 too many connections", "queued", False, 0),
    ("connect", DROP, "queued", False, 0),
    ("EHLO", DROP, "queued", False, 0),
    ("MAIL", DROP, "queued", False, 3),
    ("RCPT", DROP, "queued", False, 3),
    ("DATA", DROP, "queued", False, 3),
    ("body", DROP, "queued", False, 3),
    ("dot", DROP, "uncertain", False, 0),
    ("dot", LOSE, "uncertain", False, 0),
]


@pytest.mark.parametrize(
    ("phase", "answer", "status", "is_suppressed", "waits"), REFUSED, ids=lambda value: str(value)[:20]
)
def test_fault_at_every_phase(
    sink: Sink, phase: str, answer: str, status: str, is_suppressed: bool, waits: float
) -> None:
    sink.fault = once(phase, answer)
    row = post_one()
    if phase == "body":  # more than the system takes off the hands of a sender whose partner is gone
        Message.objects.update(body_text="word " * 1_200_000)

    send(sink)

    row.refresh_from_db()
    assert row.status == status
    assert Suppression.objects.exists() is is_suppressed
    assert (row.secrets is None) is (status == "rejected"), "kept as long as the mail may still go"
    wait = (row.due_at - timezone.now()) / timedelta(minutes=1)
    assert (wait >= waits) if waits else (wait <= 0)
    assert row.lease_until is None
    assert len(sink.mails) == (1 if (phase, answer) == ("dot", DROP) else 0)


@pytest.mark.parametrize(("phase", "answer", "status"), [row[:3] for row in REFUSED], ids=lambda value: str(value)[:20])
def test_mail_goes_out_exactly_once_in_the_end_unless_nobody_knows(
    sink: Sink, phase: str, answer: str, status: str
) -> None:
    sink.fault = once(phase, answer)
    row = post_one()
    if phase == "body":
        Message.objects.update(body_text="word " * 1_200_000)
    send(sink)

    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=True):
        sweep()
        send(sink)

    row.refresh_from_db()
    expected = {"queued": "accepted", "deferred": "accepted"}.get(status, status)
    assert row.status == expected
    assert len(sink.mails) == (1 if expected == "accepted" or (phase, answer) == ("dot", DROP) else 0)


@pytest.mark.parametrize(
    ("phase", "answer"), [("MAIL", "450 4.1.8 sender domain not found"), ("RCPT", "421 4.7.28 not this one now")]
)
def test_mail_that_the_server_never_takes_keeps_no_other_waiting(sink: Sink, phase: str, answer: str) -> None:
    sink.fault = lambda at, who: answer if at == phase and who.startswith("odd@") else None
    odd = post_one("odd", to="odd@cluster.example", sender_email="odd@partner.example")
    for number in range(3):
        post_one(f"k{number}", to=f"a{number}@cluster.example")
    post_one("news", kind="try_news", to="many@cluster.example")
    ServerState.objects.create(name="smtp", errors=6)  # after an outage, when pauses are long

    start = timezone.now()
    for minute in range(0, 60, 2):
        with time_machine.travel(start + timedelta(minutes=minute), tick=True):
            sweep()
            send(sink)

    assert sorted(sink.copies) == [*(f"a{number}@cluster.example" for number in range(3)), "many@cluster.example"]
    odd.refresh_from_db()
    assert odd.status in ("queued", "deferred")


def test_broken_connection_does_not_poison_the_mails_behind_it(sink: Sink) -> None:
    for number in range(6):
        post_one(f"k{number}", to=f"a{number}@cluster.example")
    sink.fault = lambda phase, to: (
        {"a1@cluster.example": DROP, "a3@cluster.example": "550 5.1.1 no"}.get(to) if phase in ("dot", "RCPT") else None
    )

    done = send(sink)

    assert done == {"accepted": 4, "queued": 1, "rejected": 1}  # a1 breaks at RCPT
    assert sink.phases["connect"] == 2
    assert sink.copies == dict.fromkeys([f"a{number}@cluster.example" for number in (0, 2, 4, 5)], 1)


def test_connection_is_used_again_and_closed_by_an_idle_server_without_harm(sink: Sink) -> None:
    for number in range(5):
        post_one(f"k{number}", to=f"a{number}@cluster.example")
    sink.fault = once("RSET", DROP)

    assert send(sink) == {"accepted": 5}
    assert sink.phases["connect"] == 2


def test_slow_answer_after_the_dot_is_waited_for_and_longer_than_that_is_uncertain(sink: Sink) -> None:
    post_one("a", to="a@cluster.example")
    sink.fault = once("dot", 1.5)
    assert send(sink, timeout=1) == {"accepted": 1}

    row = post_one("b", to="b@cluster.example")
    sink.fault = once("dot", 1.5)
    assert send(sink, timeout=1, after_dot=0.5) == {"uncertain": 1}
    row.refresh_from_db()
    assert (row.smtp_text, row.smtp_code) == ("no answer in time", None)


def test_slow_answer_before_the_dot_is_tried_again(sink: Sink) -> None:
    sink.fault = once("RCPT", 1.5)
    row = post_one()

    assert send(sink, timeout=0.5) == {"queued": 1}
    row.refresh_from_db()
    assert (row.status, row.tries) == ("queued", 1)


def test_server_that_cannot_be_reached_costs_no_try_and_is_left_alone_for_a_while() -> None:
    row = post_one()
    with Sink() as gone:
        pass

    assert send(gone) == {}
    row.refresh_from_db()
    state = ServerState.objects.get()
    assert (row.status, row.tries, row.first_try_at) == ("queued", 0, None)
    assert state.errors == 1
    assert "cannot be reached" in state.reason
    assert timedelta(seconds=20) < state.paused_until - timezone.now() < timedelta(seconds=40)  # type: ignore[operator]
    assert row.events.last().note.startswith("not begun: 127.0.0.1")

    with Sink() as back:
        assert send(back) == {}, "the pause is kept"
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=True):
            assert send(back) == {"accepted": 1}
    state.refresh_from_db()
    assert (state.errors, state.paused_until, state.reason) == (0, None, "")


@pytest.mark.parametrize(
    ("offered", "answer", "password", "reason"),
    [
        ("CRAM-MD5", "334 abcde", "hush-hush", "the sign-in cannot be understood"),
        ("PLAIN", "", "hüsh-hush", "user and password in EMAIL_URL must be ASCII"),
        (
            "PLAIN",
            "535 5.7.8 no: AHBvcnRhbABodXNoLWh1c2g= hush-hush aHVzaC1odXNo",
            "hush-hush",
            "535 5.7.8 no: [password]",
        ),
    ],
)
def test_sign_in_that_fails_pauses_and_tells_no_password(
    sink: Sink, caplog: pytest.LogCaptureFixture, offered: str, answer: str, password: str, reason: str
) -> None:
    sink.fault = lambda phase, to: {"EHLO": f"250-sink\r\n250 AUTH {offered}", "AUTH": answer}.get(phase)
    row = post_one()

    assert send(sink, user="portal", password=password) == {}

    row.refresh_from_db()
    state = ServerState.objects.get()
    assert (row.status, row.tries, state.errors) == ("queued", 0, 1)
    assert reason in state.reason
    everything = f"{state.reason} {caplog.text} {list(row.events.values_list('note', flat=True))}"
    assert not [secret for secret in (password, "AHBvcnRhbABodXNoLWh1c2g=", "aHVzaC1odXNo") if secret in everything]


@pytest.mark.parametrize("answer", ["421 4.7.0 busy", "432 4.3.2 too many", "451 4.7.1 slow down", "454 4.7.0 later"])
def test_server_that_asks_for_less_gets_less(sink: Sink, settings: Any, answer: str) -> None:
    settings.MAIL_PER_MINUTE = 240
    for number in range(100):
        post_one(f"k{number}", to=f"a{number}@cluster.example")
    sink.fault = once("dot", answer)

    assert send(sink) == {"deferred": 1}
    assert Message.objects.filter(status="queued").count() == 99
    state = ServerState.objects.get()
    assert state.slowness == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert send(sink) == {"accepted": 60}, "half a minute's worth of half the rate"


def test_rate_is_shared_by_all_workers_and_counted_in_the_database(sink: Sink, settings: Any) -> None:
    settings.MAIL_PER_MINUTE = 60
    for number in range(50):
        post_one(f"k{number}", to=f"a{number}@cluster.example")

    start, sent = timezone.now(), []
    for second in (0, 0, 11, 11.5, 12):
        with time_machine.travel(start + timedelta(seconds=second), tick=False):
            sent.append(send(sink).get("accepted", 0))

    assert sent == [30, 0, 11, 0, 1], "half a minute's worth at once, then one a second"


def test_ten_refusals_in_a_row_stop_the_rest(sink: Sink) -> None:
    for number in range(30):
        post_one(f"k{number}", to=f"a{number}@cluster.example")
    sink.fault = lambda phase, to: "554 5.7.1 your address is on a list" if phase == "RCPT" else None

    assert send(sink) == {"rejected": 10}

    assert Message.objects.filter(status="queued").count() == 20
    assert "10 mails in a row were refused" in ServerState.objects.get().reason
    assert send(sink) == {}


def test_outcome_is_written_although_the_database_is_restarted_in_between(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = sending.settle, [InterfaceError("closed"), OperationalError("terminating connection")]

    def settle(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(sending, "settle", settle)
    monkeypatch.setattr(sending, "REWRITE_AFTER", (0.0, 0.0, 0.0))
    row = post_one()

    assert send(sink) == {"accepted": 1}

    row.refresh_from_db()
    assert (row.status, failures) == ("accepted", [])
    assert len(sink.mails) == 1


def test_retries_grow_and_end_after_two_days(sink: Sink) -> None:
    sink.fault = lambda phase, to: "450 4.2.1 busy" if phase == "RCPT" else None
    row = post_one()
    waits = []
    now = timezone.now()
    for _ in range(30):
        with time_machine.travel(now, tick=False):
            sweep()
            send(sink)
        row.refresh_from_db()
        if row.status != "deferred":
            break
        waits.append((row.due_at - now) / timedelta(minutes=1))
        now = row.due_at

    assert row.status == "failed"
    for wait, planned in zip(waits, [5, 15, 45, 135, 360, 360], strict=False):
        assert 0.7 * planned <= wait <= 1.3 * planned
    assert row.secrets is None
    assert timedelta(hours=48) <= now - row.first_try_at < timedelta(hours=57)
    assert sink.mails == []


def test_only_allowed_recipients_get_mail(sink: Sink, settings: Any) -> None:
    settings.MAIL_ALLOWED = ["Anna@cluster.example", "@PARTNER.example"]
    for name in ("anna@cluster.example", "bert@cluster.example", "x@partner.example", "x@sub.partner.example"):
        post_one(name, to=name)

    assert send(sink) == {"accepted": 2, "skipped": 2}

    assert sorted(sink.copies) == ["anna@cluster.example", "x@partner.example"]
    row = Message.objects.get(key="bert@cluster.example")
    assert (row.status, row.reason, row.secrets) == ("skipped", "not allowed", None)
    assert "Add it" in row.get_reason_display()


def test_nobody_is_allowed_by_default(sink: Sink, settings: Any) -> None:
    settings.MAIL_ALLOWED = []
    post_one()

    assert send(sink) == {"skipped": 1}
    assert sink.phases["MAIL"] == 0


def test_suppressed_address_gets_nothing_and_who_opted_out_still_gets_confirmations(sink: Sink) -> None:
    suppress(address="GONE@cluster.example", reason="bounced")
    suppress(address="tired@cluster.example", reason="opted out")
    post_one("a", to="gone@cluster.example")
    post_one("b", to="tired@cluster.example")
    post_one("c", to="tired@cluster.example", kind="try_news")

    done = [send(sink), send(sink)]

    assert done == [{"skipped": 2, "accepted": 1}, {}]
    assert sink.copies == {"tired@cluster.example": 1}
    assert Message.objects.get(key="c").reason == "suppressed"


def test_single_mails_go_before_those_to_many(sink: Sink) -> None:
    for number in range(25):
        post_one(f"n{number}", to=f"n{number}@cluster.example", kind="try_news")
    post_one("late", to="late@cluster.example")

    assert send(sink) == {"accepted": 26}
    assert sink.mails[0].recipient == "late@cluster.example"


def test_answer_of_the_server_that_repeats_a_link_is_not_kept(sink: Sink) -> None:
    sink.fault = lambda phase, to: f"550 5.7.1 bad link {SECRET} found" if phase == "dot" else None
    row = post_one()

    send(sink)

    row.refresh_from_db()
    assert row.smtp_text == "5.7.1 bad link [link, not shown] found"
    assert SECRET not in " ".join(row.events.values_list("note", flat=True))


def test_settings_name_the_server(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER = "mail.portal.example", 587, "portal"
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "hush-hush", True, False

    server = server_of_settings()

    assert (server.host, server.port, server.starttls, server.tls) == ("mail.portal.example", 587, True, False)
    assert server.after_dot == 600
    assert "hush" not in repr(server)
