"""Programs, floods and hostile input at the public form."""

import io
import re
import struct
import threading
import zlib
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from PIL import Image

from imports.models import SpreadsheetImport
from outbox.models import Message
from publicforms import rate_limits
from publicforms.honeypot import TRAP
from publicforms.models import LinkToken
from publicforms.proof_of_work import solve
from submissions import links
from submissions.fields.definitions import FIELDS, Step
from submissions.models import Submission, SubmissionPolicy
from submissions.services import review
from submissions.services.request_changes import request_changes
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, draft, pending, reviewer
from tests.mail import sent_mails
from tests.proxies import sent_from
from tests.submissions.visitor import FIRST, Visitor, hidden_fields, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(db: None) -> Visitor:
    """Return a visitor."""
    return Visitor()


# --- Programs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/submit/", "/submit/link/", "/clusters/alpine/update/"])
def test_the_trap_looks_like_success_and_does_nothing(visitor: Visitor, path: str) -> None:
    ClusterFactory(published=True, slug="alpine")
    response = visitor.post(path, {**FIRST, TRAP: "https://spam.example"})

    assert response.status_code == 200
    assert "Look into your mailbox" in words_of(response.content.decode())
    assert not Submission.objects.exists()
    assert not Message.objects.exists()


def test_people_do_not_meet_the_trap(visitor: Visitor) -> None:
    page = visitor.page("/submit/")
    trap = re.search(r'<p class="trap"[^>]*>.*?</p>', page, re.DOTALL)[0]  # type: ignore[index]
    assert 'aria-hidden="true"' in trap
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap


def test_a_form_sent_faster_than_by_a_person_is_shown_again(visitor: Visitor) -> None:
    SubmissionPolicy.objects.update(minimum_seconds=3)
    with time_machine.travel("2027-01-01 10:00:00", tick=False) as clock:
        fields = hidden_fields(visitor.page("/submit/"))
        clock.shift(2)
        quick = visitor.client.post("/submit/", {**fields, **FIRST})
        assert quick.status_code == 422
        assert "very quick" in words_of(quick.content.decode())
        assert 'value="Alpine Photonics Cluster"' in quick.content.decode(), "nothing is lost"
        clock.shift(2)
        again = visitor.client.post("/submit/", {**hidden_fields(quick.content.decode()), **FIRST})
        assert again.status_code == 302


@pytest.mark.parametrize("stamp", ["", "x", "6f0f2c0e-5f0e-4c6e-9a55-0d1f6f1e2a3b 1:forged", "\0"])
def test_a_form_without_a_true_stamp_is_shown_again(visitor: Visitor, stamp: str) -> None:
    response = visitor.client.post("/submit/", {**FIRST, "stamp": stamp})

    assert response.status_code == 422
    assert not Submission.objects.exists()
    assert visitor.client.post("/submit/", {**FIRST, **hidden_fields(response.content.decode())}).status_code == 302


def test_a_form_that_was_open_for_days_is_shown_again(visitor: Visitor) -> None:
    with time_machine.travel("2027-01-01 10:00:00", tick=False) as clock:
        fields = hidden_fields(visitor.page("/submit/"))
        clock.shift(25 * 3600)
        response = visitor.client.post("/submit/", {**fields, **FIRST})
        assert "open for too long" in words_of(response.content.decode())


def test_a_thousand_posts_of_a_bot_store_and_mail_no_more_than_the_limit(visitor: Visitor) -> None:
    fields = hidden_fields(visitor.page("/submit/"))
    statuses: dict[int, int] = {}
    for number in range(1000):
        values = {**FIRST, "name": f"Spam {number}", "submitter_email": f"spam{number}@bots.example"}
        # A stamp is good for one draft: a bot fetches a page for each, as long as it gets one.
        if number < 40:
            fields = hidden_fields(visitor.page("/submit/"))
        response = visitor.client.post("/submit/", {**fields, **values})
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1

    assert statuses == {302: 20, 429: 980}
    assert Submission.objects.count() == Message.objects.count() == 20
    assert not Submission.objects.in_queue().exists()


def test_a_stamp_used_again_begins_nothing_new(visitor: Visitor) -> None:
    fields = hidden_fields(visitor.page("/submit/"))
    answers = [
        visitor.client.post("/submit/", {**fields, **FIRST, "submitter_email": f"a{number}@bots.example"}).status_code
        for number in range(5)
    ]
    assert answers == [302, 422, 422, 422, 422]
    assert Submission.objects.count() == 1


def test_the_waiting_page_says_when_to_try_again(visitor: Visitor) -> None:
    for number in range(6):
        place = f"192.0.2.{number}"
        asked = visitor.post("/submit/link/", {"submitter_email": "ada@photonics.example"}, REMOTE_ADDR=place)
        assert asked.status_code == 200
    response = visitor.post("/submit/link/", {"submitter_email": "ADA@photonics.example"}, REMOTE_ADDR="192.0.2.9")

    assert response.status_code == 429
    assert 3500 < int(response["Retry-After"]) <= 3601
    assert re.search(r"Try again in 60 minutes", words_of(response.content.decode()))
    # Somebody else at the same place goes on, and the owner of the mailbox anywhere else.
    other = visitor.post("/submit/link/", {"submitter_email": "ben@photonics.example"}, REMOTE_ADDR="192.0.2.9")
    owner = visitor.post("/submit/link/", {"submitter_email": "ada@photonics.example"}, REMOTE_ADDR="198.51.100.7")
    assert (other.status_code, owner.status_code) == (200, 200)


def test_a_stranger_cannot_lock_an_address_out_of_a_link_to_correct(visitor: Visitor) -> None:
    ClusterFactory(published=True, slug="alpine", name="Alpine")
    ClusterFactory(published=True, slug="other", name="Other")
    ask = {"submitter_email": "victim@photonics.example"}
    answers = {
        visitor.post("/clusters/other/update/", ask, REMOTE_ADDR=f"192.0.{number}.1").content.decode()
        for number in range(15)
    }
    assert len(answers) == 1, "the page says the same whether a mail went or not"
    assert len(sent_mails(to="victim@photonics.example")) == 1, "one working link is enough"

    mine = visitor.post("/clusters/alpine/update/", ask, REMOTE_ADDR="198.51.100.7")

    assert mine.status_code == 200
    assert "or was sent there within the last hour" in words_of(mine.content.decode())
    assert "Alpine" in sent_mails(to="victim@photonics.example")[-1].subject
    assert len(sent_mails(to="victim@photonics.example")) == 2


def test_a_flood_of_forms_in_the_name_of_an_address_mails_little_and_locks_nobody_out(visitor: Visitor) -> None:
    for number in range(40):
        values = {**FIRST, "name": f"Spam {number}", "submitter_email": f"victim+{number}@photonics.example"}
        assert visitor.post("/submit/", values, REMOTE_ADDR=f"192.0.{number % 3}.{number}").status_code in (302, 429)
    # Each of three networks begins six; the mailbox gets twelve mails, by then each network had its own three.
    assert Submission.objects.count() == 18
    assert Message.objects.count() == 12

    begun = visitor.post(
        "/submit/", {**FIRST, "submitter_email": "victim@photonics.example"}, REMOTE_ADDR="198.51.100.7"
    )

    assert begun.status_code == 302
    assert [mail.kind for mail in sent_mails(to="victim@photonics.example")] == ["submission_resume"]


def test_a_link_is_mailed_again_once_it_is_used_too_old_or_lost(visitor: Visitor) -> None:
    ClusterFactory(published=True, slug="alpine")
    ask = {"submitter_email": "ada@photonics.example"}

    def asked() -> int:
        assert visitor.post("/clusters/alpine/update/", ask).status_code == 200
        return Message.objects.filter(kind="profile_edit_link").count()

    assert (asked(), asked()) == (1, 1)
    visitor.client.post(visitor.mailed("profile_edit_link"), {"answer": "edit"})
    assert asked() == 2, "used"
    Message.objects.filter(status="queued").update(status="failed", outcome_at="2027-01-01T00:00Z", secrets=None)
    assert asked() == 3, "never went out"
    LinkToken.objects.update(expires_at=timezone.now())
    assert asked() == 4, "too old"
    LinkToken.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert asked() == 5, "an hour ago"


def test_links_are_mailed_again_once_something_is_new(visitor: Visitor) -> None:
    visitor.submit()
    ask = {"submitter_email": "ada@photonics.example"}

    def asked() -> int:
        assert visitor.post("/submit/link/", ask).status_code == 200
        return len(sent_mails(kind="submission_links"))

    assert (asked(), asked()) == (1, 1)
    visitor.confirm()
    assert asked() == 2
    draft(name="Another", email="ada@photonics.example")
    assert (asked(), asked()) == (3, 3)


def test_what_the_owner_confirmed_comes_first_among_many_forms_of_others(visitor: Visitor) -> None:
    mine = pending(name="Mine")
    for number in range(12):
        draft(name=f"Spam {number}")
    visitor.post("/submit/link/", {"submitter_email": "ada@photonics.example"})
    text = sent_mails(kind="submission_links")[0].text
    assert links.status_path(mine) in text
    assert text.index("Mine") < text.index("Spam")


def test_a_network_is_limited_as_a_whole(rf: Any) -> None:
    def use(address: str) -> None:
        rate_limits.check(rate_limits.START, rf.get("/", REMOTE_ADDR=address))

    for number in range(100):
        use(f"2001:db8:0:{number:x}::1")
    with pytest.raises(rate_limits.TooOften):
        use("2001:db8:0:ffff::1")
    use("2001:db8:1:2::1")


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_one_household_with_many_ipv6_addresses_is_one_visitor(visitor: Visitor, settings: Any, proxies: int) -> None:
    """A provider gives each customer 2^64 addresses; what the household writes into the header changes nothing."""
    settings.TRUSTED_PROXIES = proxies

    def asked(number: int, place: str) -> int:
        values = {"submitter_email": f"a{number}@photonics.example"}
        sent = sent_from(place, proxies, written=f"198.51.100.{number}")
        return visitor.post("/submit/link/", values, **sent).status_code

    assert [asked(number, f"2001:db8:0:1::{number:x}") for number in range(21)] == [200] * 20 + [429]
    assert asked(21, "2001:db8:0:2::1") == 200


def test_a_port_in_the_header_makes_no_other_visitor(visitor: Visitor, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    def asked(number: int, place: str) -> int:
        values = {"submitter_email": f"a{number}@photonics.example"}
        return visitor.post("/submit/link/", values, **sent_from(place, 1)).status_code

    assert [asked(number, f"203.0.113.9:{40000 + number}") for number in range(21)] == [200] * 20 + [429]
    assert asked(21, "203.0.113.10:40000") == 200


def test_counters_that_do_not_answer_stop_nobody(rf: Any, caplog: Any) -> None:
    with override_settings(RATES_STORAGE="redis://127.0.0.1:1/0"):
        rate_limits.check(rate_limits.START, rf.get("/"))
    assert "nothing is limited" in caplog.text


@pytest.mark.services("redis")
def test_counters_in_redis_are_shared(rf: Any, redis_url: str) -> None:
    with override_settings(RATES_STORAGE=redis_url):
        rate_limits.forget_all()
        for _ in range(20):
            rate_limits.check(rate_limits.START, rf.get("/", REMOTE_ADDR="192.0.2.1"))
        rate_limits._storage.cache_clear()
        with pytest.raises(rate_limits.TooOften):
            rate_limits.check(rate_limits.START, rf.get("/", REMOTE_ADDR="192.0.2.1"))
        rate_limits.forget_all()


def test_the_proof_of_work_is_asked_for_where_staff_wants_it(visitor: Visitor) -> None:
    assert "challenge.js" not in visitor.page("/submit/")
    SubmissionPolicy.objects.update(needs_challenge=True)
    page = visitor.page("/submit/")
    assert page.count("js/challenge.js") == 1
    without = visitor.client.post("/submit/", {**hidden_fields(page), **FIRST})
    assert without.status_code == 422
    assert not Submission.objects.exists()

    challenge = visitor.client.get("/submit/challenge/").json()
    solution = solve(challenge)
    fields = {**hidden_fields(without.content.decode()), "challenge": solution}
    assert visitor.client.post("/submit/", {**fields, **FIRST}).status_code == 302
    again = {**hidden_fields(visitor.page("/submit/")), "challenge": solution}
    assert visitor.client.post("/submit/", {**again, **FIRST}).status_code == 422, "a solution is spent by use"


# --- Uploads ---------------------------------------------------------------------------------------


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """Return a picture."""
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, kind, **options)
    return content.getvalue()


def bomb() -> bytes:
    """Return a small PNG that says it measures 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
UPLOADS = {
    "svg": ("logo.svg", SCRIPT),
    "svg called png": ("logo.png", SCRIPT),
    "html": ("logo.html", b"<script>alert(1)</script>"),
    "zip": ("logo.png", b"PK\x03\x04" + b"\0" * 100),
    "gif": ("logo.gif", picture("GIF")),
    "bomb": ("logo.png", bomb()),
    "cut": ("logo.png", picture()[:50]),
    "empty": ("logo.png", b""),
    "too large": ("logo.png", picture() + b"\0" * 1_000_001),
    "too wide": ("logo.png", picture(size=(2001, 10))),
}


@pytest.mark.parametrize(("name", "content"), UPLOADS.values(), ids=UPLOADS)
def test_malicious_files_are_refused_with_a_message(visitor: Visitor, name: str, content: bytes) -> None:
    visitor.begin()
    upload = SimpleUploadedFile(name, content, "image/png")
    response = visitor.client.post(visitor.form, {"summary": "Kept.", "logo": upload})

    assert response.status_code == 422
    assert '<a href="#id_logo">Logo</a>: ' in response.content.decode()
    row = Submission.objects.get()
    assert (bool(row.logo), "logo" in row.payload) == (False, False)
    assert row.payload["summary"] == "Kept."


def test_a_polyglot_is_stored_without_what_hangs_on_it(visitor: Visitor) -> None:
    visitor.begin()
    upload = SimpleUploadedFile("../../etc/x.php.png", picture() + SCRIPT, "text/html")
    assert visitor.client.post(visitor.form, {"summary": "Kept.", "logo": upload}).status_code == 302
    row = Submission.objects.get()

    assert b"script" not in row.logo.read()
    assert re.fullmatch(r"submissions/[0-9a-f]+(_\w+)?\.png", row.logo.name)


def test_only_the_holder_of_the_form_sees_its_logo(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Kept.", "logo": SimpleUploadedFile("a.png", picture())})
    path = visitor.step("logo")
    response = visitor.client.get(path)

    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "no-store"
    assert f'src="{path}"' in visitor.page(visitor.form)
    token = visitor.form.split("/")[3]
    other = Submission.objects.get().public_id
    assert Client().get(path.replace(token, str(other))).status_code == 404
    removed = visitor.client.post(visitor.form, {"summary": "Kept.", "logo_remove": "1"})
    assert removed.status_code == 302
    assert visitor.client.get(path).status_code == 404
    assert "logo" not in Submission.objects.get().payload


@pytest.mark.parametrize("path", ["/submit/", "/api/v1/submissions/", "/clusters/alpine/update/"])
def test_a_request_that_is_too_large_is_refused_before_it_is_read(visitor: Visitor, path: str) -> None:
    response = visitor.client.post(path, b"x", content_type="application/octet-stream", CONTENT_LENGTH="4000001")

    assert response.status_code == 413
    assert "4 MB" in response.content.decode()


# --- Hostile text ------------------------------------------------------------------------------------

HOSTILE = "\"><script>alert(1)</script>{{ 7|add:7 }}{% load x %}${7*7}<img src=x onerror=alert(1)>'--"


def hostile_values() -> dict[str, Any]:
    """Return hostile text for every field that takes text."""
    texts = {
        spec.name: HOSTILE for spec in FIELDS if spec.kind in ("text", "long", "markdown") and spec.step != Step.OFFICE
    }
    return {**texts, "acronym": HOSTILE[:30], "phone": "+43 1", "summary": HOSTILE}


class _Reader(HTMLParser):
    """Finds what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.code: list[str] = []
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code += [f"{tag} {name}" for name, _value in attrs if name.startswith("on")]
        values = dict(attrs)
        self.code += [f"{tag} {values['src']}"] if values.get("src") == "x" else []
        self.script = (
            tag if tag == "script" and "src" not in values and "json" not in (values.get("type") or "") else ""
        )

    def handle_data(self, data: str) -> None:
        if self.script and data.strip():
            self.code.append(data)


def assert_harmless(page: str) -> None:
    """Fail if a browser would run anything of a page, or if a template ran in it."""
    reader = _Reader()
    reader.feed(page)
    assert reader.code == []
    assert "{{ 7|add:7 }}" in page or "14" not in page.split("<main")[-1].split("{% load x %}")[0][-30:]


def test_nothing_written_is_ever_code(visitor: Visitor) -> None:
    values = hostile_values()
    visitor.begin(
        name=HOSTILE[:200], acronym=HOSTILE[:30], former_names=HOSTILE, submitter_name=HOSTILE[:120],
        submitter_role=HOSTILE[:120],
    )  # fmt: skip
    for step in ("what", "members", "contact"):
        visitor.client.post(visitor.step(step), {**values, "go": "next"})
    for step in ("who", "what", "members", "contact", "check"):
        assert_harmless(visitor.page(visitor.step(step)))
    sent = visitor.send(message=HOSTILE, criteria_evidence='https://x.example/"><script>alert(1)</script>')
    assert sent.status_code == 302
    assert_harmless(visitor.page(sent["Location"]))
    assert_harmless(visitor.page(visitor.mailed("submission_confirm")))
    status = visitor.confirm()
    row = Submission.objects.get()
    request_changes(
        submission=row,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(row),
        fields=["summary", "place"],
        text=HOSTILE,
    )
    assert_harmless(visitor.page(status))
    assert_harmless(visitor.page(f"{status}change/"))
    visitor.client.post(f"{status}change/", {"summary": HOSTILE, "place": HOSTILE[:90], "answer-message": HOSTILE})
    accept_all(Submission.objects.get(), reason=HOSTILE)
    assert_harmless(visitor.page(status))
    cluster = Submission.objects.get().target
    assert cluster is not None
    assert_harmless(visitor.page(cluster.get_absolute_url()))
    for mail in sent_mails():
        assert_harmless(mail.html)
        assert "{{ 7|add:7 }}" in mail.text or "Alpine" not in mail.text


@pytest.mark.parametrize("text", ["Name\r\nBcc: eve@elsewhere.example", "Name\nSubject: x", "Na\tme", "Name\u2028x"])
def test_a_name_cannot_bring_headers_into_a_mail(visitor: Visitor, text: str) -> None:
    for values in (
        {"name": text},
        {"submitter_name": text},
        {"submitter_email": f"ada@photonics.example\r\nBcc: {text}"},
    ):
        response = visitor.post("/submit/", {**FIRST, **values})
        assert response.status_code in (302, 422)
    for mail in sent_mails():
        assert mail.mail["Bcc"] is None
        assert "\n" not in str(mail.mail["Subject"])
        assert mail.to == "ada@photonics.example"
        assert len(mail.mail.get_all("Subject")) == 1


@pytest.mark.parametrize(
    "field", ["name", "acronym", "website", "country", "submitter_name", "submitter_email", "former_names"]
)
@pytest.mark.parametrize("text", ["a\0b", "x" * 100_000, "\u202e\u0000", "😀" * 5000, "ｆｕｌｌ"])
def test_strange_texts_never_break_the_first_step(visitor: Visitor, field: str, text: str) -> None:
    response = visitor.post("/submit/", {**FIRST, field: text})
    assert response.status_code in (302, 422)


@pytest.mark.parametrize("text", ["a\0b", "x" * 100_000, "-1", "9" * 400, "1e400", "NaN", "2027-13-45", "9999-12-31"])
def test_strange_texts_never_break_a_step(visitor: Visitor, text: str) -> None:
    visitor.begin()
    for step in ("who", "what", "members", "contact"):
        names = [spec.name for spec in FIELDS if spec.step == step]
        response = visitor.client.post(visitor.step(step), dict.fromkeys(names, text))
        assert response.status_code in (302, 422), step
    response = visitor.post(
        visitor.step("check"), {"go": "send", "message": text, "criteria": [text], "criteria_evidence": text}
    )
    assert response.status_code == 422


@pytest.mark.parametrize(
    "address", ['"a b"@x.example', "ä@x.example", "a@b", "a@x.example,b@x.example", "<a@x.example>"]
)
def test_addresses_that_no_mail_reaches_are_refused_with_a_message(visitor: Visitor, address: str) -> None:
    response = visitor.post("/submit/", {**FIRST, "submitter_email": address})
    assert response.status_code == 422
    assert '<a href="#id_submitter_email">' in response.content.decode()


def test_too_many_fields_are_refused(visitor: Visitor) -> None:
    assert visitor.client.post("/submit/", {f"f{n}": "x" for n in range(1100)}).status_code == 400


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_send_once() -> None:
    visitor = Visitor()
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Gathers firms."})
    check = {**hidden_fields(visitor.page(visitor.step("check"))), "go": "send", "consent": "on"}
    answers = at_once(4, lambda: Client().post(visitor.step("check"), check).status_code)
    assert answers == [302] * 4
    assert len(sent_mails(kind="submission_confirm")) == 1

    link = visitor.mailed("submission_confirm")
    assert sorted(at_once(4, lambda: Client().post(link).status_code)) == [302, 410, 410, 410]
    assert len(sent_mails(kind="submission_received")) == 1


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True)
def test_first_clicks_at_the_same_moment_begin_one_draft() -> None:
    visitor = Visitor()
    values = {**hidden_fields(visitor.page("/submit/")), **FIRST}
    places = at_once(4, lambda: Client().post("/submit/", values)["Location"])
    assert len(set(places)) == 1
    assert Submission.objects.count() == 1
    assert len(sent_mails(kind="submission_resume")) == 1


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_this_was_not_me_and_confirm_at_the_same_moment_are_one_of_both(_round: int) -> None:
    """Each holds a link of its own, and the first deletes that of the second."""
    visitor = Visitor()
    visitor.submit()
    ways = [
        (visitor.mailed("submission_resume"), {"answer": "confirm"}), (visitor.mailed("submission_confirm"), {"answer": "deny"}),
    ]  # fmt: skip

    def press() -> int:
        path, answer = ways.pop()
        return Client().post(path, answer).status_code

    answers = at_once(2, press)
    row = Submission.objects.get()
    assert len(answers) == 2, "neither broke"
    assert row.status == "withdrawn", "denied first, or taken back from the queue"
    assert set(answers) <= {200, 302, 404, 410}
    assert (row.submitter_email == "") == (302 not in answers)


def at_once(count: int, work: Any) -> list[Any]:
    """Do something in several threads at the same moment; return what came of it."""
    start, found = threading.Barrier(count), []

    def run() -> None:
        try:
            start.wait(10)
            found.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_positions_of_others_reveal_no_names(visitor: Visitor) -> None:
    pending(name="First Secret", email="ben@photonics.example")
    mine = pending(name="Mine")
    assert "First Secret" not in visitor.page(links.status_path(mine))


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/imports/spreadsheetimport/add/", "/submit/"])
def test_a_large_upload_of_a_stranger_is_refused_before_it_is_read(client: Client, path: str) -> None:
    response = client.generic("POST", path, b"x" * 5_000_000, "multipart/form-data; boundary=x")
    assert response.status_code == 413


def test_staff_may_send_large_files(admin_client: Client) -> None:
    file = SimpleUploadedFile("rows.csv", b"name;country\n" + b"Cluster;DE\n" * 450_000)
    response = admin_client.post("/admin/imports/spreadsheetimport/add/", {"file": file})
    assert response.status_code == 302
    assert SpreadsheetImport.objects.get().file.size == file.size


def test_no_browser_fills_in_the_trap_by_itself() -> None:
    """What Chromium takes for a company, a name, an address, a phone or an e-mail, by the names of fields."""
    known = (
        r"company|business|organi[sz]ation|firma|name|address|street|city|town|zip|post|phone|tel|mail|country|state"
    )
    assert not re.search(known, TRAP)
