"""Writing a mail: rendered at once, once per key, with nothing in it that its writer did not mean."""

import pytest

from tests.mail import link_in, sent_mails
from tests.outbox.conftest import SECRET, post_one

pytestmark = pytest.mark.django_db


def test_mail_is_written_and_sent_with_its_link() -> None:
    row = post_one(to=" Anna@Cluster.EXAMPLE ", to_name="Anna Sample", about="try:1", values={
        "name": "Anna & Co <b>", "note": "line one\nline two", "link": SECRET,
    })  # fmt: skip

    assert (row.status, row.recipient, row.subject) == (
        "queued",
        "anna@cluster.example",
        "Please confirm, Anna & Co <b>",
    )
    (sent,) = sent_mails()
    assert sent.text == (
        "Dear Anna & Co <b>,\n\nplease open this page and press the button:\n\n"
        f"{SECRET}\n\nYou wrote: line one\nline two\n\nThe portal\n"
    )
    assert (
        f'<p>Dear Anna &amp; Co &lt;b&gt;,</p><p><a href="{SECRET}">Confirm</a></p><p>line one\nline two</p>'
        in sent.html
    )
    assert link_in(sent) == "/confirm/s3cr3t-t0ken/"
    assert sent.mail["To"] == "Anna Sample <anna@cluster.example>"
    assert sent.mail["Message-ID"] == f"<{row.uuid}@portal.example>"
    assert sent.mail["Auto-Submitted"] == "auto-generated"
    row.refresh_from_db()
    assert (row.status, row.attempt, row.secrets, row.via) == ("accepted", 1, None, "file")
    assert list(row.events.values_list("status", flat=True)) == ["queued", "claimed", "sending", "accepted"]
