"""Asking the consortium about a cluster, and writing to one whose address is not public."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from catalogue.models import Cluster
from consortium.models import Project
from duplicates.merging.services import merge
from duplicates.merging.undo import undo
from outbox.models import Message, Suppression
from outbox.services.suppression import suppress
from publicforms import links as signed_links
from publicforms.models import LinkToken
from questions import services
from questions.models import Question
from submissions.models import SubmissionPolicy
from tests.factories.catalogue import ClusterFactory
from tests.mail import SentMail, link_in, sent_mails
from tests.submissions.test_retention import traces
from tests.submissions.visitor import Visitor, hidden_fields, words_of
from workplace.erasure import erase_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
OFFICE = "office@portal.example"
HIDDEN = "hidden-desk@mountain-office.example"
ADA = "ada@visitor.example"
TYPED = {"text": "Do you take members\nfrom abroad? <b>", "submitter_email": ADA, "submitter_name": "Ada Example"}


@pytest.fixture
def visitor() -> Visitor:
    """Return a visitor of a project that can be asked."""
    Project.objects.update_or_create(pk=1, defaults={"name": "Portal", "contact_email": OFFICE})
    return Visitor()


def alpine(**values: Any) -> Cluster:
    return ClusterFactory(**{"published": True, "slug": "alpine", "name": "Alpine Photonics", **values})


def ask(visitor: Visitor, path: str = "/clusters/alpine/ask/", **values: str) -> str:
    """Fill in the form, and return the path of the link that comes."""
    response = visitor.post(path, {**TYPED, **values})
    assert response.status_code == 200, words_of(response.content.decode())
    return link_in(sent_mails(kind="question_confirm")[-1], "/submit/link/")


def send(visitor: Visitor, link: str, answer: str = "send") -> Any:
    return visitor.client.post(link, {"answer": answer})


def whole(mail: SentMail) -> str:
    return f"{mail.mail['Subject']}\n{mail.text}\n{mail.html}"


# --- To the consortium -------------------------------------------------------------------------------


def test_a_question_reaches_the_consortium_once_its_sender_confirmed_it(visitor: Visitor) -> None:
    alpine()
    link = ask(visitor)

    assert [mail.row.kind for mail in sent_mails()] == ["question_confirm"]
    page = words_of(visitor.page(link))
    assert "Do you take members from abroad? <b>" in page
    assert "Ada Example, ada@visitor.example" in page
    assert [mail.row.kind for mail in sent_mails()] == ["question_confirm"], "to read the page sends nothing"

    done = words_of(send(visitor, link).content.decode())

    assert "Your message is on its way It goes to the consortium. The answer comes to ada@visitor.example ." in done
    (mail,) = sent_mails(kind="question_to_consortium")
    assert (mail.row.recipient, mail.row.reply_to, mail.mail["Reply-To"]) == (OFFICE, ADA, ADA)
    assert mail.mail["Subject"] == "Question about Alpine Photonics"
    for words in ("Do you take members\nfrom abroad? <b>", "Ada Example, ada@visitor.example", "/clusters/alpine/"):
        assert words in mail.text
    assert "&lt;b&gt;" in mail.html
    assert send(visitor, link).status_code == 410
    assert len(sent_mails(kind="question_to_consortium")) == 1


def test_the_sender_gets_no_word_of_the_question_before_the_address_is_confirmed(visitor: Visitor) -> None:
    alpine()
    ask(visitor, text="Buy at spam.example", submitter_name="Win at spam.example")

    (mail,) = sent_mails()
    assert "Alpine Photonics" in whole(mail)
    assert "spam" not in f"{whole(mail)} {mail.mail['To']}"


def test_what_is_left_of_a_question_that_was_sent_names_nobody(visitor: Visitor) -> None:
    alpine()
    send(visitor, ask(visitor))

    question = Question.objects.get()
    assert (question.text, question.email, question.name) == ("", "", "")
    assert question.sent_at is not None
    assert set(traces(ADA)) == {"Message", "LinkToken"}
    assert Message.objects.get(reply_to=ADA).kind == "question_to_consortium"
    assert not Message.objects.filter(recipient=ADA).exists()


def test_whoever_did_not_ask_deletes_it_all(visitor: Visitor) -> None:
    alpine()
    link = ask(visitor)

    page = words_of(send(visitor, link, "deny").content.decode())

    assert "Deleted Nothing was sent." in page
    assert traces(ADA) == {}
    assert sent_mails(kind="question_to_consortium") == []


def test_a_second_click_is_the_same_question_and_another_text_another(visitor: Visitor) -> None:
    alpine()
    page = visitor.page("/clusters/alpine/ask/")
    for text in ("One?", "One?", "Two?"):
        visitor.client.post("/clusters/alpine/ask/", {**hidden_fields(page), **TYPED, "text": text})

    assert sorted(Question.objects.values_list("text", flat=True)) == ["One?", "Two?"]
    assert len(sent_mails(kind="question_confirm")) == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"text": " "}, "Your message : Write what you would like to know."),
        ({"text": "x" * 3001}, "Your message : 3,001 of 3,000 characters. Shorten it by 1."),
        ({"submitter_email": ""}, "Your e-mail : We need an address for the link and the answer."),
        ({"submitter_email": "ada"}, "Your e-mail : That is no e-mail address: write it like name@cluster.example."),
        ({"submitter_name": "x" * 121}, "Your name : 121 of 120 characters. Shorten it by 1."),
    ],
)
def test_a_mistake_is_named_with_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, values: dict[str, str], message: str
) -> None:
    alpine()
    typed = {**TYPED, **values}

    response = visitor.post("/clusters/alpine/ask/", typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert message in words_of(page)
    form = response.context["form"]
    assert {name: form[name].value() for name in typed} == typed
    assert (Question.objects.count(), sent_mails()) == (0, [])


# --- Guarded as the form of submissions is ------------------------------------------------------------


def test_the_trap_looks_like_success_and_does_nothing(visitor: Visitor) -> None:
    alpine()

    page = words_of(visitor.post("/clusters/alpine/ask/", {**TYPED, "homepage_url": "x"}).content.decode())

    assert "Look into your mailbox" in page
    assert (Question.objects.count(), sent_mails()) == (0, [])


def test_the_proof_of_work_is_asked_for(visitor: Visitor) -> None:
    alpine()
    SubmissionPolicy.objects.update(needs_challenge=True)

    response = visitor.post("/clusters/alpine/ask/", TYPED)

    assert response.status_code == 422
    assert "The check that this is a browser was not finished" in words_of(response.content.decode())
    assert "Do you take members" in response.content.decode()


def test_who_asks_too_often_waits(visitor: Visitor) -> None:
    alpine()
    answers = [visitor.post("/clusters/alpine/ask/", {**TYPED, "text": f"No. {n}"}).status_code for n in range(7)]

    assert answers == [200] * 6 + [429]


def test_one_mailbox_gets_no_flood_of_confirmed_questions_from_one_network(visitor: Visitor) -> None:
    alpine()
    links = [ask(visitor, submitter_email=f"v{n}@visitor.example") for n in range(7)]

    assert [send(visitor, link).status_code for link in links] == [200] * 6 + [429]
    assert len(sent_mails(kind="question_to_consortium")) == 6
    assert "Send your message" in visitor.page(links[-1]), "the link is not used up"


# --- To the cluster ------------------------------------------------------------------------------------


def test_a_cluster_is_written_to_without_its_address_being_shown(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    alpine(contact_email=HIDDEN)
    profile = visitor.page("/clusters/alpine/")
    assert 'href="/clusters/alpine/write/"' in profile
    form = visitor.page("/clusters/alpine/write/")
    link = ask(visitor, "/clusters/alpine/write/")
    seen = [profile, form, visitor.page(link), send(visitor, link).content.decode()]
    seen += [send(visitor, link).content.decode()]

    (mail,) = sent_mails(kind="question_to_cluster")
    assert (mail.row.recipient, mail.mail["Reply-To"]) == (HIDDEN, ADA)
    assert "does not know yours: it is not public" in mail.text
    assert f"You want no such messages? Write to {OFFICE}." in mail.text
    seen += [whole(other) for other in sent_mails() if other.row.recipient != HIDDEN]
    assert [page for page in [*seen, caplog.text] if HIDDEN in page or "hidden-desk" in page] == []


def test_no_page_file_or_answer_holds_the_address(visitor: Visitor) -> None:
    alpine(contact_email=HIDDEN, is_priority=True)
    ClusterFactory(published=True, slug="other")
    assert set(traces(HIDDEN)) == {"Cluster", "HistoricalCluster"}
    paths = [
        "/", "/clusters/", "/clusters/?view=table", "/clusters/?q=hidden-desk", "/clusters/map/", "/clusters/alpine/",
        "/clusters/alpine/ask/", "/clusters/alpine/write/", "/clusters/alpine/update/", "/clusters/feed.atom",
        "/clusters/side-by-side/?c=alpine&c=other", "/clusters/suggest/?q=hidden", "/clusters/export.csv",
        "/clusters/export.json", "/clusters/export.geojson", "/clusters/embed/", "/api/v1/clusters/",
        "/api/v1/clusters/alpine/", "/api/v1/clusters/?q=hidden-desk", "/api/v1/schema/", "/sitemap.xml",
    ]  # fmt: skip

    leaks = []
    for path in paths:
        response = visitor.client.get(path)
        assert response.status_code == 200, path
        content = b"".join(response.streaming_content) if response.streaming else response.content
        if HIDDEN.encode() in content or b"mountain-office.example" in content:
            leaks.append(path)
    assert leaks == []
    for text in (HIDDEN, "hidden-desk", "mountain-office.example"):
        assert visitor.client.get("/api/v1/clusters/", {"q": text}).json()["count"] == 0, "nor is it found by it"
    export = visitor.client.get("/clusters/export.xlsx")
    with ZipFile(BytesIO(b"".join(export.streaming_content))) as book:
        assert [name for name in book.namelist() if b"hidden-desk" in book.read(name)] == []


def test_a_public_address_is_written_to_directly(visitor: Visitor) -> None:
    alpine(contact_email=HIDDEN, email="hello@alpine.example")

    assert "/write/" not in visitor.page("/clusters/alpine/")
    assert visitor.client.get("/clusters/alpine/write/")["Location"] == "/clusters/alpine/"


@pytest.mark.parametrize("change", ["address", "archived", "suppressed"])
def test_what_cannot_be_sent_any_more_says_so_and_shows_what_was_written(visitor: Visitor, change: str) -> None:
    cluster = alpine(contact_email=HIDDEN)
    link = ask(visitor, "/clusters/alpine/write/")
    if change == "suppressed":
        suppress(address=HIDDEN, reason=Suppression.Reason.COMPLAINED)
    else:
        values = {"contact_email": ""} if change == "address" else {"status": "archived"}
        Cluster.objects.filter(pk=cluster.pk).update(**values)

    for response in (visitor.client.get(link), send(visitor, link)):
        page = words_of(response.content.decode())
        assert response.status_code == 409
        assert "Nothing was sent." in page
        assert "Do you take members from abroad?" in page
        assert HIDDEN not in page
    assert sent_mails(kind="question_to_cluster") == []
    assert Question.objects.get().email == ADA, "nothing is used up"


# --- Which clusters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["ask", "write"])
def test_nobody_asks_about_a_cluster_that_is_not_public(visitor: Visitor, part: str) -> None:
    alpine(published=False, contact_email=HIDDEN)
    alpine(slug="gone", published=False, status="archived", contact_email=HIDDEN)

    for slug in ("alpine", "gone", "nothing"):
        assert visitor.client.get(f"/clusters/{slug}/{part}/").status_code == 404
        assert visitor.client.post(f"/clusters/{slug}/{part}/", TYPED).status_code == 404
    assert Question.objects.count() == 0


def test_an_archived_cluster_leads_to_its_successor(visitor: Visitor) -> None:
    successor = alpine()
    ClusterFactory(slug="old", status="archived", successor=successor)

    assert visitor.client.get("/clusters/old/ask/")["Location"] == "/clusters/alpine/ask/"
    hidden = hidden_fields(visitor.page("/clusters/alpine/ask/"))
    assert visitor.client.post("/clusters/old/ask/", {**hidden, **TYPED}).status_code == 200
    assert Question.objects.get().cluster == successor, "the form was open while the cluster was archived"


def test_a_project_without_address_cannot_be_asked(visitor: Visitor) -> None:
    alpine()
    Project.objects.update(contact_email="")

    assert visitor.client.get("/clusters/alpine/ask/").status_code == 404
    assert "/ask/" not in visitor.page("/clusters/alpine/")


# --- What is kept for how long ----------------------------------------------------------------------------


def test_questions_are_deleted_in_time(visitor: Visitor) -> None:
    alpine()
    ask(visitor)
    send(visitor, ask(visitor, text="Sent."))
    now = timezone.now()

    assert services.delete_old(now=now + timedelta(days=13)) == 0
    assert services.delete_old(now=now + timedelta(days=15)) == 1
    assert set(traces(ADA)) == {"Message", "LinkToken"}
    Message.objects.filter(outcome_at=None).update(due_at=now)
    sent_mails()
    services.delete_old(now=now + timedelta(days=31))
    assert traces(ADA) == {}
    assert (Question.objects.count(), LinkToken.objects.count()) == (0, 0)


def test_a_person_is_erased_from_questions_and_from_addresses_of_clusters(visitor: Visitor) -> None:
    target, source = alpine(), alpine(slug="twin", name="Twin", contact_email=ADA)
    ask(visitor)
    send(visitor, ask(visitor, text="Sent."))
    log = merge(target=target, source=source, by=None, reason="One.")
    target.refresh_from_db()
    assert target.contact_email == ADA
    sent_mails()
    assert set(traces(ADA)) == {"Cluster", "HistoricalCluster", "ClusterMerge", "LinkToken", "Message", "Question"}

    erase_person(ADA.upper())

    assert traces(ADA) == {}
    log.refresh_from_db()
    undo(merge=log, by=None)
    assert list(Cluster.objects.exclude(contact_email="")) == []


def test_questions_move_with_a_merge_and_back() -> None:
    target, source = alpine(), alpine(slug="twin", name="Twin")
    question = services.ask(cluster=source, to="consortium", email=ADA, name="", text="Yes?", reference=uuid4())

    log = merge(target=target, source=source, by=None, reason="One.")
    question.refresh_from_db()
    assert question.cluster == target
    undo(merge=log, by=None)
    question.refresh_from_db()
    assert question.cluster == source


def test_the_database_keeps_nothing_of_a_visitor_in_a_sent_question() -> None:
    cluster = alpine()
    values = {"reference": uuid4(), "cluster": cluster, "to": "consortium", "text": "Yes?", "email": ADA}

    for wrong in ({"sent_at": timezone.now()}, {"text": ""}, {"email": ""}, {"to": "all"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.create(**{**values, **wrong})
    question = Question.objects.create(**values)
    assert signed_links.issue("question", subject=question, email=ADA).subject == question


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_is_there(
    visitor: Visitor, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        ClusterFactory(published=True, slug=f"c{number}")
    client = Client()
    client.get("/clusters/c0/ask/")

    with django_assert_num_queries(5):
        client.get("/clusters/c0/ask/")
