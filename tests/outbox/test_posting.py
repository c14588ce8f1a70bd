"""Writing a mail: rendered at once, once per key, with nothing in it that its writer did not mean."""

import sys
from datetime import timedelta
from email import message_from_bytes, policy
from pprint import pformat
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.views.debug import ExceptionReporter

from outbox import tasks
from outbox.addresses import AddressNotUsable
from outbox.envelope import seal
from outbox.kinds import MailKind, mail_kinds
from outbox.mail import Mail
from outbox.models import Message, MessageEvent
from outbox.rendering import MailNotRenderable
from outbox.services.posting import FORGOTTEN, cancel, cancel_about, forget_about, forget_old, messages_about, post
from outbox.services.resolving import MessageNotOpen, resend
from outbox.services.sweeping import purge_secrets
from outbox.transports.files import path_of
from tests.mail import link_in, sent_mails
from tests.outbox.conftest import CONFIRM, SECRET, post_one

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_mail_is_written_and_sent_with_its_link() -> None:
    values = {"name": "Anna & Co <b>", "note": "line one\nline two", "link": SECRET}

    row = post_one(to=" Anna@Cluster.EXAMPLE ", to_name="Anna Sample", values=values)

    assert (row.status, row.recipient) == ("queued", "anna@cluster.example")
    assert row.subject == "Please confirm, Anna & Co <b>"
    (sent,) = sent_mails()
    assert sent.text == (
        "Dear Anna & Co <b>,\n\nplease open this page and press the button:\n\n"
        f"{SECRET}\n\nYou wrote: line one\nline two\n\nThe portal\n"
    )
    assert f'<p>Dear Anna &amp; Co &lt;b&gt;,</p><p><a href="{SECRET}">Confirm</a></p>' in sent.html
    assert "<p>line one<br>\nline two</p>" in sent.html
    assert link_in(sent) == "/confirm/s3cr3t-t0ken/"
    assert sent.mail["To"] == "Anna Sample <anna@cluster.example>"
    assert sent.mail["Message-ID"] == f"<{row.uuid}@portal.example>"
    assert sent.mail["Auto-Submitted"] == "auto-generated"
    row.refresh_from_db()
    assert (row.status, row.attempt, row.secrets, row.via) == ("accepted", 1, None, "file")
    assert list(row.events.values_list("status", flat=True)) == ["queued", "claimed", "sending", "accepted"]


def test_same_key_is_the_same_mail() -> None:
    first = post_one("a", about="try:1")
    again = post_one("a", to="other@cluster.example", values={"anything": "else"})

    assert again == first
    assert Message.objects.get().recipient == "anna@cluster.example"
    assert list(messages_about("try:1")) == [first]
    sent_mails()
    assert post_one("a").status == "accepted"
    assert len(sent_mails()) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": {"name": "Anna", "note": ""}}, "try_confirm: the value of link is missing."),
        ({"values": {"name": "A", "note": "", "link": "x", "nmae": "B"}}, "there is no placeholder nmae"),
        ({"kind": "nothing", "values": {}}, "No kind of mail is called nothing."),
    ],
)
def test_mail_that_cannot_be_written_names_the_reason(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MailNotRenderable, match=message):
        post_one(**changes)

    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "", "anna", "@cluster.example", "anna@", "anna@cluster", "a@b@cluster.example.", "anna bert@cluster.example",
        "anna@cluster.example\nBcc: all@cluster.example", "anna@cluster.example\r\n", "Anna <anna@cluster.example>",
        "anna@cluster.example,bert@cluster.example", '"a b"@cluster.example', "ännä@cluster.example", "a\0@cluster.example",
        "a" * 250 + "@cluster.example", "anna@cluster..example", "anna@-cluster.example",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["to", "reply_to", "sender_email"])
def test_address_that_is_none_is_refused_and_not_repeated(field: str, address: str) -> None:
    if not address and field != "to":
        return  # these may be left out
    if address.endswith("\r\n"):
        assert getattr(post_one(**{field: address}), {"to": "recipient"}.get(field, field)) == "anna@cluster.example"
        return
    with pytest.raises(AddressNotUsable) as refused:
        post_one(**{field: address})

    assert not Message.objects.exists()
    assert "anna" not in str(refused.value)


def test_address_with_a_foreign_domain_is_stored_in_ascii() -> None:
    assert post_one(to="info@Müller.example").recipient == "info@xn--mller-kva.example"
    with pytest.raises(AddressNotUsable, match="ASCII form"):  # the older rules lead to grösse.example
        post_one("b", to="info@größe.example")


EVIL = "x\r\nBcc: all@cluster.example\r\n\r\nbody"


def test_no_value_can_write_a_header() -> None:
    post_one(values={"name": EVIL, "note": EVIL, "link": SECRET}, to_name=EVIL, sender_name=EVIL)

    (sent,) = sent_mails()

    assert sent.mail["Bcc"] is None
    assert sent.subject == "Please confirm, x Bcc: all@cluster.example body"
    assert set(map(str.lower, sent.mail.keys())) == {
        "content-type", "mime-version", "subject", "from", "to", "message-id", "date", "auto-submitted",
        "x-auto-response-suppress", "x-portal-message",
    }  # fmt: skip
    assert [address.addr_spec for address in sent.mail["To"].addresses] == ["anna@cluster.example"]
    assert [address.addr_spec for address in sent.mail["From"].addresses] == ["portal@portal.example"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "a@cluster.example"},
        {"Message-ID": "x"},
        {"X-A\r\nBcc": "x"},
        {"X-A": "b\nBcc: x"},
        {"": "x"},
        {"X-A": "ä"},
        {"List-Unsubscribe": f"<https://portal.example/{'x' * 1000}>"},
    ],
)
def test_header_that_belongs_to_the_outbox_or_breaks_a_line_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        post_one(headers=headers)


def test_long_and_odd_values_do_no_harm() -> None:
    post_one(values={"name": "ä" * 5000 + "\0\x1b", "note": "\u202e" + "z" * 3000, "link": SECRET}, to_name="N" * 500)

    (sent,) = sent_mails()

    assert len(sent.row.subject) == 200
    assert sent.row.subject.endswith("…")
    assert "\0" not in sent.text
    assert "\x1b" not in sent.text
    assert "z" * 3000 in sent.text


@pytest.mark.parametrize(
    "name",
    ["Ä" * 30, "日本語のとても長い名前 " * 6, "Łódź “q” 😀😀 " * 9, "é", "x" * 180 + "ü", "a, b; c: <d> & \"e\" " * 5],
)  # fmt: skip
def test_subject_of_any_letters_arrives_as_it_is(name: str) -> None:
    row = post_one(values={"name": name, "note": "", "link": SECRET})

    raw = seal(Message.objects.get()).content

    assert raw.isascii()
    assert b"\r\nSubject: \r\n" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert str(message_from_bytes(raw, policy=policy.default)["Subject"]) == row.subject


def test_encoded_word_that_somebody_typed_is_not_read_as_one() -> None:
    typed = "=?utf-8?q?Your_password_expired?="

    row = post_one(values={"name": typed, "note": "", "link": SECRET}, to_name=typed)

    mail = message_from_bytes(seal(Message.objects.get()).content, policy=policy.default)
    assert str(mail["Subject"]) == row.subject == "Please confirm, = ?utf-8?q?Your_password_expired?="
    assert mail["To"].addresses[0].display_name == "= ?utf-8?q?Your_password_expired?="


def test_worker_is_woken_once_after_the_commit_and_only_for_what_is_due(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.send_mail, "apply_async", lambda **options: woken.append(1))
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        for number in range(5):
            post_one(f"k{number}")
        assert woken == []
    later = timezone.now() + timedelta(hours=1)
    with django_capture_on_commit_callbacks(execute=True) as none:
        post_one("later", due_at=later)

    assert (len(callbacks), woken, none) == (1, [1], [])
    assert Message.objects.get(key="later").due_at == later
    assert len(sent_mails()) == 5, "what is due later waits"


@pytest.mark.django_db(transaction=True)
def test_mail_of_a_transaction_that_fails_is_not_there_and_a_broker_that_is_gone_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(**options: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.send_mail, "apply_async", gone)
    with transaction.atomic():
        post_one("a")
        transaction.set_rollback(True)
    post_one("b")

    assert list(Message.objects.values_list("key", "status")) == [("b", "queued")]
    assert not connection.in_atomic_block


def test_mails_are_stopped_by_key_and_by_what_they_are_about() -> None:
    post_one("a", about="try:1")
    post_one("b", about="try:1")
    post_one("c", about="try:2")

    assert cancel(key="a") is True
    assert (cancel(key="a"), cancel(key="nothing")) == (False, False)
    assert cancel_about("try:1") == 1

    assert [mail.row.key for mail in sent_mails()] == ["c"]
    stopped = Message.objects.filter(about="try:1")
    assert set(stopped.values_list("status", "reason", "secrets")) == {("skipped", "cancelled", None)}


def test_forgetting_removes_text_address_and_file_and_settles_the_unknown(
    django_capture_on_commit_callbacks: Any,
) -> None:
    gone, unknown, other = post_one("a", about="try:1"), post_one("b", about="try:1"), post_one("c", about="try:2")
    sent_mails()
    Message.objects.filter(pk=unknown.pk).update(status="uncertain", secrets={"link": SECRET})
    MessageEvent.objects.filter(message=gone).update(note="550 anna@cluster.example")

    with django_capture_on_commit_callbacks(execute=True):
        assert forget_about("try:1") == 2

    for row in (gone, unknown):
        stored = str(Message.objects.filter(pk=row.pk).values().get()) + str(list(row.events.values()))
        assert "anna" not in stored.lower()
        assert "s3cr3t" not in stored
        assert not path_of(row.uuid).exists()
    unknown.refresh_from_db()
    assert unknown.status == "failed"
    with pytest.raises(MessageNotOpen, match="removed"):
        resend(message=unknown, actor="person")
    other.refresh_from_db()
    assert (other.recipient, path_of(other.uuid).exists()) == ("anna@cluster.example", True)
    assert forget_about("try:1") == 0


def test_secrets_of_uncertain_mails_are_erased_after_two_weeks() -> None:
    old, new = post_one("a"), post_one("b")
    for row, days in ((old, 15), (new, 13)):
        Message.objects.filter(pk=row.pk).update(status="uncertain", outcome_at=timezone.now() - timedelta(days=days))

    assert purge_secrets() == 1

    assert list(Message.objects.order_by("key").values_list("secrets", flat=True)) == [None, {"link": SECRET}]


def test_what_happened_is_only_added_to() -> None:
    event = post_one().events.get()

    with pytest.raises(TypeError):
        event.save()


def test_kind_is_registered_once() -> None:
    mail_kinds.register(CONFIRM)
    with pytest.raises(ValueError, match="Two kinds of mail have the name 'try_confirm'"):
        mail_kinds.register(MailKind("try_confirm", "Other.", (), "elsewhere"))


def test_secret_of_a_mail_that_cannot_be_written_is_in_no_error_report() -> None:
    mail = Mail(key="a", kind="try_confirm", to="nobody", values={"name": "A", "note": "", "link": SECRET})

    try:
        post(mail)
    except AddressNotUsable:
        report = ExceptionReporter(None, *sys.exc_info()).get_traceback_html()

    assert "AddressNotUsable" in report
    assert SECRET not in report + repr(mail) + pformat(mail)


def test_empty_secret_is_no_link() -> None:
    post(Mail(key="a", kind="try_confirm", to="anna@cluster.example", values={"name": "Anna", "note": "", "link": ""}))

    (mail,) = sent_mails()
    assert "press the button:\n\nThe portal" in mail.text.replace("\n\n\n", "\n\n")


def test_old_mails_are_emptied_and_counted_still(settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    old, unknown, new, waiting = (
        post_one("a"),
        post_one("b"),
        post_one("c"),
        post_one("d", due_at=timezone.now() + timedelta(days=400)),
    )
    sent_mails()
    long_ago = timezone.now() - timedelta(days=366)
    Message.objects.filter(pk=old.pk).update(outcome_at=long_ago)
    Message.objects.filter(pk=unknown.pk).update(status="uncertain", outcome_at=long_ago)

    settings.MAIL_KEEP_DAYS = 0
    tasks.purge_mail()
    assert not Message.objects.filter(recipient=FORGOTTEN).exists()
    settings.MAIL_KEEP_DAYS = 365
    with django_capture_on_commit_callbacks(execute=True):
        tasks.purge_mail()

    emptied = Message.objects.filter(recipient=FORGOTTEN)
    assert set(emptied) == {old, unknown}
    assert list(emptied.order_by("key").values_list("status", "body_text", "subject")) == [
        ("accepted", "", "(removed)"), ("failed", "", "(removed)"),
    ]  # fmt: skip
    assert not path_of(old.uuid).exists()
    for row in (new, waiting):
        row.refresh_from_db()
        assert row.recipient == "anna@cluster.example"
    assert forget_old(before=timezone.now(), kinds=["no_such_kind"]) == 0
