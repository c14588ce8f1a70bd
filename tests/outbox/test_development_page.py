"""The page that shows mails where nothing really goes out, and nowhere else."""

from typing import Any

import pytest
from django.test import Client

from outbox.development import is_shown
from tests.mail import sent_mails
from tests.outbox.conftest import SECRET, post_one

pytestmark = pytest.mark.django_db


def test_list_and_mail_show_what_was_sent_with_its_link(client: Client) -> None:
    row = post_one(values={"name": "Anna <i>", "note": "see https://cluster.example/a", "link": SECRET})
    waiting = client.get(f"/outbox/{row.uuid}/").content.decode()
    (sent,) = sent_mails()

    listed = client.get("/outbox/").content.decode()
    page = client.get(f"/outbox/{row.uuid}/")
    html = client.get(f"/outbox/{row.uuid}/html/")

    assert "not in a file yet" in waiting
    assert SECRET not in waiting
    assert f'href="/outbox/{row.uuid}/"' in listed
    assert "written to a file" in listed
    assert "accepted by the server" not in listed
    assert "Try confirm" in listed
    assert "try_confirm" not in listed
    assert SECRET not in listed
    text = page.content.decode()
    assert f'<a href="{SECRET}"' in text
    assert '<a href="https://cluster.example/a"' in text
    assert "Anna &lt;i&gt;" in text
    assert "Anna <i>" not in text
    assert html.content.decode() == sent.html
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert "sandbox" in html["Content-Security-Policy"]
    assert "script-src" not in html["Content-Security-Policy"]
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert {answer["Cache-Control"] for answer in (page, html)} == {"no-store"}
    assert page["Referrer-Policy"] == "no-referrer"


def test_search_by_recipient_and_empty_states(client: Client) -> None:
    assert "No mail yet" in client.get("/outbox/").content.decode()
    post_one("a", to="anna@cluster.example")
    post_one("b", to="bert@other.example")

    found = client.get("/outbox/?q=OTHER").content.decode()

    assert "bert@other.example" in found
    assert "anna@cluster.example" not in found
    assert "No mail to “nobody”" in client.get("/outbox/?q=nobody").content.decode()
    assert client.get("/outbox/?q=%00&page=x").status_code == 200


@pytest.mark.parametrize(
    ("to_files", "https", "is_there"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_pages_exist_only_where_nothing_goes_out(
    client: Client, settings: Any, to_files: bool, https: bool, is_there: bool
) -> None:
    row = post_one()
    sent_mails()
    settings.MAIL_TO_FILES, settings.HTTPS = to_files, https

    addresses = ["/outbox/", f"/outbox/{row.uuid}/", f"/outbox/{row.uuid}/html/"]

    assert is_shown() is is_there
    assert {client.get(address).status_code for address in addresses} == {200 if is_there else 404}
    assert ('href="/outbox/"' in client.get("/clusters/").content.decode()) is is_there


def test_list_costs_the_same_for_one_mail_and_for_three(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/outbox/")
    for number in range(3):
        post_one(f"k{number}")
        if number in (0, 2):
            with django_assert_num_queries(3):  # the project, the number of mails, the mails
                client.get("/outbox/")
