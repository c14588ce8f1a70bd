"""The outbox in the workplace: who may what, decisions that ask first, and no secret on any page."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from outbox.models import Message, MessageEvent, ServerState, Suppression
from outbox.services.suppression import suppress
from tests.factories.consortium import ROLES, TOP, sign_in
from tests.mail import sent_mails
from tests.outbox.conftest import SECRET, post_one

pytestmark = pytest.mark.django_db

WRITERS = {"catalogue editor", "engagement officer"} | TOP
READERS = {"read-only"} | WRITERS


def uncertain(key: str = "a", **changes: Any) -> Message:
    """Return a mail whose outcome nobody knows."""
    row = post_one(key, **changes)
    Message.objects.filter(pk=row.pk).update(
        status="uncertain", outcome_at=timezone.now(), attempt=1, intent_at=timezone.now(), via="smtp"
    )
    row.refresh_from_db()
    return row


def body(client: Client, address: str) -> str:
    """Return a page."""
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_and_do_what(role: str) -> None:
    row = uncertain()
    stop = suppress(address="gone@cluster.example", reason="staff", note="Asked by phone.")
    client = sign_in(role)
    pages = {
        "admin:outbox_message_changelist": ([], READERS),
        "admin:outbox_message_change": ([row.pk], READERS),
        "admin:outbox_message_html": ([row.pk], READERS),
        "admin:outbox_message_add": ([], set()),
        "admin:outbox_message_delete": ([row.pk], set()),
        "admin:outbox_suppression_changelist": ([], READERS),
        "admin:outbox_suppression_change": ([stop.pk], READERS),
        "admin:outbox_suppression_add": ([], TOP),
        "admin:outbox_suppression_lift": ([stop.pk], TOP),
        "admin:outbox_suppression_delete": ([stop.pk], set()),
        "admin:outbox_wording_changelist": ([], READERS),
        "admin:outbox_wording_edit": (["try_confirm"], READERS),
        "admin:outbox_wording_preview": (["try_confirm"], READERS),
    }
    for name, (arguments, allowed) in pages.items():
        status = client.get(reverse(name, args=arguments)).status_code
        assert status == (302 if role == "anonymous" else 200 if role in allowed else 403), name
    for key in ("resend", "delivered", "cancel"):
        address = reverse("admin:outbox_message_decide", args=[key])
        expected = 302 if role == "anonymous" else 200 if role in TOP else 403
        assert client.get(f"{address}?ids={row.pk}").status_code == expected
    edit = reverse("admin:outbox_wording_edit", args=["try_confirm"])
    posted = client.post(edit, {"subject": "", "text": ""}).status_code
    assert posted == (302 if role == "anonymous" else 200 if role in WRITERS else 403)
    if role not in TOP:
        client.post(reverse("admin:outbox_message_decide", args=["resend"]), {"ids": str(row.pk)})
        client.post(reverse("admin:outbox_suppression_lift", args=[stop.pk]), {"because": "x"})
        client.post(reverse("admin:outbox_message_resume"))
    row.refresh_from_db()
    stop.refresh_from_db()
    assert (row.status, stop.lifted_at) == ("uncertain", None)


def test_no_page_of_the_workplace_shows_a_secret() -> None:
    row = uncertain()
    client = sign_in("superuser")
    addresses = [
        reverse("admin:outbox_message_changelist"),
        reverse("admin:outbox_message_change", args=[row.pk]),
        reverse("admin:outbox_message_history", args=[row.pk]),
        reverse("admin:outbox_message_html", args=[row.pk]),
        reverse("admin:outbox_message_decide", args=["resend"]) + f"?ids={row.pk}",
        reverse("admin:index"),
        "/outbox/",
        f"/outbox/{row.uuid}/",
    ]

    pages = {address: body(client, address) for address in addresses}

    assert row.secrets == {"link": SECRET}
    assert [address for address, page in pages.items() if "s3cr3t" in page] == []
    assert "[link, not shown]" in pages[reverse("admin:outbox_message_change", args=[row.pk])]
    assert "[link, not shown]" in pages[reverse("admin:outbox_message_html", args=[row.pk])]


def test_secret_is_nowhere_but_in_its_own_column(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        row = post_one()
        sent_mails()

    stored = Message.objects.filter(pk=row.pk).values().get()
    assert "s3cr3t" not in json.dumps(stored, default=str)
    assert "s3cr3t" not in repr(row) + str(row) + caplog.text
    assert "s3cr3t" not in json.dumps(list(MessageEvent.objects.values()), default=str)
    assert not hasattr(Message, "history")


def test_uncertain_mail_is_sent_again_after_asking() -> None:
    row = uncertain()
    client = sign_in("coordinator")
    asked = client.get(reverse("admin:outbox_message_change", args=[row.pk])).content.decode()
    (address,) = re.findall(r'href="([^"]*/decide/resend/[^"]*)"', asked)

    page = body(client, address)
    assert "may arrive twice" in page
    row.refresh_from_db()
    assert row.status == "uncertain", "nothing is done before the button is pressed"
    done = client.post(address.partition("?")[0], {"ids": str(row.pk)}, follow=True)

    assert "1 mail will be sent again." in done.content.decode()
    assert [mail.to for mail in sent_mails()] == ["anna@cluster.example"]
    assert list(row.events.values_list("actor", "note"))[1] == ("coordinator", "sent again by a person")


def test_uncertain_mail_is_settled_by_hand_and_its_link_is_gone() -> None:
    row = uncertain()

    sign_in("coordinator").post(reverse("admin:outbox_message_decide", args=["delivered"]), {"ids": str(row.pk)})

    row.refresh_from_db()
    assert (row.status, row.secrets) == ("accepted", None)
    assert row.events.last().note == "settled by a person"


def test_waiting_mails_are_stopped_from_the_list_and_others_are_named() -> None:
    waiting, unknown = post_one("a"), uncertain("b", to="b@cluster.example")
    client = sign_in("coordinator")
    chosen = {"action": "ask_cancel", "_selected_action": [waiting.pk, unknown.pk]}

    page = client.post(reverse("admin:outbox_message_changelist"), chosen).content.decode()
    assert "Not possible for 1" in page
    assert "Stop (1 mail)" in page
    client.post(reverse("admin:outbox_message_decide", args=["cancel"]), {"ids": str(waiting.pk)})

    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason, waiting.secrets) == ("skipped", "cancelled", None)
    assert sent_mails() == []


def test_mail_whose_link_was_erased_cannot_be_sent_again_and_says_why() -> None:
    row = uncertain()
    Message.objects.filter(pk=row.pk).update(secrets=None)

    page = body(sign_in("coordinator"), reverse("admin:outbox_message_decide", args=["resend"]) + f"?ids={row.pk}")

    assert "The link it held was erased" in page
    assert "<button" not in page.partition('id="content-main"')[2]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"a", "b", "c"}),
        ("status=waits", {"a", "c"}),
        ("status=unsettled", {"b"}),
        ("status=uncertain", {"b"}),
        ("status=nonsense", {"a", "b", "c"}),
        ("kind=try_news", {"c"}),
        ("lane__exact=bulk", {"c"}),
        ("q=bert", {"b"}),
        ("q=about:17", {"a"}),
    ],
)
def test_filters_and_search(query: str, keys: set[str]) -> None:
    post_one("a", about="about:17")
    uncertain("b", to="bert@cluster.example")
    post_one("c", kind="try_news")

    response = sign_in("read-only").get(f"{reverse('admin:outbox_message_changelist')}?{query}")

    assert {row.key for row in response.context["cl"].result_list} == keys


@pytest.mark.parametrize("name", ["message", "suppression", "wording"])
def test_lists_cost_the_same_for_one_row_and_for_three(name: str) -> None:
    client, address = sign_in("superuser"), reverse(f"admin:outbox_{name}_changelist")
    counts = []
    client.get(address)
    for number in range(3):
        uncertain(f"k{number}")
        suppress(address=f"a{number}@cluster.example", reason="staff")
        if number in (0, 2):
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))

    assert counts[0] == counts[1]


def test_first_page_and_list_count_what_needs_a_person() -> None:
    post_one("a")
    uncertain("b")
    client = sign_in("read-only")

    figures = {
        figure.label: (figure.number, figure.url) for figure in client.get(reverse("admin:index")).context["figures"]
    }
    page = body(client, reverse("admin:outbox_message_changelist"))

    assert figures["mails with unknown outcome"][0] == 1
    assert client.get(figures["mails with unknown outcome"][1]).context["cl"].result_count == 1
    assert "mails given up" not in figures
    assert [re.sub(r"<.*?>", "", item) for item in re.findall(r"<li>(<a href=\"\?status=.*?)</li>", page)][:3] == [
        "1 wait for their turn", "1 with unknown outcome", "0 given up",
    ]  # fmt: skip


def test_pause_of_the_server_is_shown_and_can_be_ended() -> None:
    ServerState.objects.create(
        name="smtp", paused_until=timezone.now() + timezone.timedelta(minutes=9), reason="421 busy", errors=4
    )
    client = sign_in("coordinator")

    assert "421 busy" in body(client, reverse("admin:outbox_message_changelist"))
    client.post(reverse("admin:outbox_message_resume"))
    assert "421 busy" not in body(client, reverse("admin:outbox_message_changelist"))


def test_suppression_is_added_lifted_with_a_reason_and_added_again() -> None:
    client, add = sign_in("coordinator"), reverse("admin:outbox_suppression_add")
    new = {"address": " Gone@Cluster.EXAMPLE", "reason": "staff", "note": "By phone."}

    client.post(add, new)
    row = Suppression.objects.get()
    assert (row.address, row.created_by, row.lifted_at) == ("gone@cluster.example", "coordinator", None)
    assert "suppressed already" in client.post(add, new).content.decode()
    assert "no e-mail address" in client.post(add, {**new, "address": "nonsense"}).content.decode()

    lift = reverse("admin:outbox_suppression_lift", args=[row.pk])
    assert "Say why" in client.post(lift, {"because": " "}).content.decode()
    client.post(lift, {"because": "Mailbox is back."})
    row.refresh_from_db()
    assert (row.lifted_by, row.lifted_because) == ("coordinator", "Mailbox is back.")
    assert "Mailbox is back." in body(client, reverse("admin:outbox_suppression_change", args=[row.pk]))

    client.post(add, {**new, "reason": "complained"})
    row.refresh_from_db()
    assert (row.lifted_at, row.reason) == (None, "complained")


def test_who_only_opted_out_can_be_stopped_fully() -> None:
    suppress(address="out@cluster.example", reason="opted out")
    form = {"address": "out@cluster.example", "reason": "complained", "note": ""}

    assert sign_in("coordinator").post(reverse("admin:outbox_suppression_add"), form).status_code == 302

    assert Suppression.objects.get().reason == "complained"


def test_pages_hold_no_inline_script_or_style() -> None:
    row = uncertain()
    client = sign_in("superuser")
    for address in (
        reverse("admin:outbox_message_changelist"),
        reverse("admin:outbox_message_change", args=[row.pk]),
        reverse("admin:outbox_wording_edit", args=["try_confirm"]),
    ):
        page = body(client, address)
        assert " style=" not in page
        assert "<script>" not in page
        assert " onclick=" not in page


@pytest.mark.parametrize(
    "question", ["secrets__icontains=s3cr3t", "secrets__link__startswith=https", "secrets__link__regex=a", "secrets=a"]
)
def test_secret_values_cannot_be_guessed_letter_by_letter(question: str) -> None:
    post_one()
    client = sign_in("superuser")

    answer = client.get(f"{reverse('admin:outbox_message_changelist')}?{question}")

    assert answer.status_code in (302, 400)
    assert b"anna@cluster.example" not in answer.content


def test_the_list_says_in_words_what_a_mail_is_and_where_it_is() -> None:
    post_one("a", to="anna@cluster.example")
    sent_mails()
    row = Message.objects.get()
    lost = uncertain("b")
    client = sign_in("coordinator")

    page = body(client, reverse("admin:outbox_message_changelist"))
    one = body(client, reverse("admin:outbox_message_change", args=[row.pk]))

    assert page.count("written to a file") == 2, "in the row and in the filter"
    assert "accepted by the server" not in page + one
    assert ">250<" not in page
    assert "Lane" not in page
    assert "The worker ended between the final dot and the answer." in page
    assert f"<h1>{row.subject}</h1>" in one
    assert "It lies in a file of this portal and went to nobody." in one
    assert str(lost) == "Try confirm to anna@cluster.example"
    for query, number in (("lane=transactional", 2), ("lane=bulk", 0), ("lane=nonsense", 2)):
        found = client.get(f"{reverse('admin:outbox_message_changelist')}?{query}")
        assert found.context["cl"].result_count == number, query


@pytest.mark.parametrize(
    ("name", "noun", "empty"),
    [
        ("message", "mails", "No mail was written yet."),
        ("suppression", "suppressed addresses", "Every address gets mail."),
    ],
)
def test_search_has_a_label_and_an_empty_list_a_next_step(name: str, noun: str, empty: str) -> None:
    page = body(sign_in("superuser"), reverse(f"admin:outbox_{name}_changelist"))

    assert f'<label for="searchbar">Search {noun}</label>' in page
    assert empty in page
    assert f"0 {noun}" not in page


def test_a_list_that_scrolls_takes_the_focus() -> None:
    suppress(address="gone@cluster.example", reason="staff", note="Asked by phone.")

    page = body(sign_in("superuser"), reverse("admin:outbox_suppression_changelist"))

    assert '<div class="results" tabindex="0" role="region" aria-label="Suppressed addresses">' in page
