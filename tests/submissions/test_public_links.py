"""Links: scanners spend nothing; replayed, forged and swapped ones explain themselves; no trace outside."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from outbox.models import Message
from publicforms import links as signed_links
from publicforms import purposes
from publicforms.models import LinkToken
from submissions import links
from submissions.models import Submission, SubmissionPolicy
from submissions.services import review, submit
from submissions.services.request_changes import request_changes
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import draft, pending, reviewer, sent
from tests.mail import sent_mails
from tests.submissions.visitor import Visitor, words_of

pytestmark = pytest.mark.django_db
Purpose = links.Purpose


def path_of(link: LinkToken) -> str:
    """Return the path of a link in a mail."""
    return reverse("publicforms:link", args=[signed_links.token_of(link)])


def link_of(purpose: str) -> LinkToken:
    """Return a fresh link of a purpose with what it is about."""
    if purpose == Purpose.CONFIRM:
        return sent().links.get(purpose=Purpose.CONFIRM)
    if purpose == Purpose.RESUME:
        return draft().links.get(purpose=Purpose.RESUME)
    return signed_links.issue(Purpose(purpose), subject=ClusterFactory(published=True), email="ada@photonics.example")


def test_links_with_a_button_work_once_and_those_to_pages_of_their_own_again_and_again() -> None:
    known = {purpose.name: purpose for purpose in purposes.all_purposes()}

    assert set(known) == {*Purpose, "freshness", "question"}
    assert {name for name, purpose in known.items() if purpose.act} == {
        "confirm", "edit", "freshness", "question", "resume"
    }  # fmt: skip
    assert {name for name, purpose in known.items() if purpose.is_single_use} == {
        "confirm", "edit", "freshness", "question", "resume"
    }  # fmt: skip


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.RESUME, Purpose.EDIT])
def test_a_scanner_spends_nothing(client: Client, purpose: str) -> None:
    link = link_of(purpose)
    before = list(Submission.objects.values())
    for _ in range(3):
        for method in (client.get, client.head):
            assert method(path_of(link)).status_code == 200
    for method in (client.put, client.delete, client.options, client.patch):
        assert method(path_of(link)).status_code == 405
    link.refresh_from_db()

    assert link.used_at is None
    assert list(Submission.objects.values()) == before
    assert client.post(path_of(link)).status_code == 302


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.RESUME, Purpose.EDIT])
def test_a_link_works_once(client: Client, purpose: str) -> None:
    link = link_of(purpose)
    assert client.post(path_of(link)).status_code == 302
    count = Submission.objects.count()
    for method in (client.get, client.post):
        response = method(path_of(link))
        assert response.status_code == 410
        assert "This link was used already" in words_of(response.content.decode())
        assert "Send me a new link" in response.content.decode()
    assert Submission.objects.count() == count


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.RESUME, Purpose.EDIT])
def test_an_old_link_offers_a_new_one(client: Client, purpose: str) -> None:
    link = link_of(purpose)
    LinkToken.objects.filter(pk=link.pk).update(expires_at=link.created_at - timedelta(days=1))
    response = client.post(path_of(link))

    assert response.status_code == 410
    assert "too old" in words_of(response.content.decode())
    assert not Submission.objects.filter(status="pending").exists()


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: f"x{t}", lambda t: "a.b", lambda t: t + "\0", lambda t: t.upper()]
)
def test_a_forged_link_does_nothing(client: Client, change) -> None:
    token = signed_links.token_of(link_of(Purpose.CONFIRM))
    for name in ("publicforms:link", "submissions:submission_status", "submissions:submit_sent"):
        for method in (client.get, client.post):
            response = method(reverse(name, args=[change(token)]))
            assert response.status_code == 404
            assert "leads nowhere" in words_of(response.content.decode())


def test_a_link_of_one_purpose_is_none_of_another(client: Client) -> None:
    row = sent()
    tokens = {
        "status": signed_links.token_of(links.status_link(row)),
        "draft": signed_links.token_of(row.links.get(purpose=Purpose.DRAFT)),
        "confirm": signed_links.token_of(row.links.get(purpose=Purpose.CONFIRM)),
    }
    pages = {
        "publicforms:link": ["status", "draft"], "submissions:submission_status": ["draft", "confirm"],
        "submissions:submit_sent": ["status", "confirm"],
    }  # fmt: skip
    for page, swapped in pages.items():
        for name in swapped:
            assert client.post(reverse(page, args=[tokens[name]])).status_code == 404
    assert client.post(reverse("submissions:submit_step", args=[tokens["status"], "what"])).status_code == 404
    row.refresh_from_db()
    assert row.status == "unconfirmed"


def test_a_link_whose_act_is_refused_is_not_spent(client: Client) -> None:
    row = draft()
    link = row.links.get(purpose=Purpose.RESUME)
    submit.withdraw(submission=row)

    response = client.post(path_of(link))

    assert (response.status_code, "/submit/status/" in response["Location"]) == (302, True)
    assert "Taken back" in client.get(response["Location"]).content.decode()


def test_confirming_what_was_taken_back_brings_nothing_into_the_queue(client: Client) -> None:
    row = sent()
    link = row.links.get(purpose=Purpose.CONFIRM)
    submit.withdraw(submission=row)
    client.post(path_of(link))

    row.refresh_from_db()
    assert (row.status, row.confirmed_at) == ("withdrawn", None)


# --- No trace ----------------------------------------------------------------------------------------


def private_pages() -> dict[str, str]:
    """Return the path of every kind of page with a token."""
    asked = pending(name="Asked", email="cleo@photonics.example")
    asked = request_changes(
        submission=asked, reviewer=reviewer(), snapshot=review.current_snapshot(asked), fields=["summary"], text="More."
    )
    confirmed = sent(name="Sent", email="ben@photonics.example")
    token = signed_links.token_of(draft().links.get(purpose=Purpose.DRAFT))
    status = links.status_path(asked)
    return {
        "form": reverse("submissions:submit_step", args=[token, "what"]),
        "check": reverse("submissions:submit_step", args=[token, "check"]),
        "sent": reverse(
            "submissions:submit_sent", args=[signed_links.token_of(confirmed.links.get(purpose=Purpose.DRAFT))]
        ),
        "link": path_of(confirmed.links.get(purpose=Purpose.CONFIRM)),
        "status": status,
        "change": f"{status}change/",
    }


def test_pages_with_a_token_leave_no_trace(client: Client) -> None:
    for name, path in private_pages().items():
        response = client.get(path)
        assert response.status_code == 200, name
        assert response["Cache-Control"] == "no-store", name
        assert response["Referrer-Policy"] == "strict-origin", name
        assert response["X-Robots-Tag"] == "noindex, nofollow", name
        page = response.content.decode()
        assert '<meta name="robots" content="noindex, nofollow">' in page
        # A link to another site could tell it the address; scripts and styles are our own.
        assert re.findall(r'(?:href|src|action)="(?:https?:)?//[^"]*"', page) == [], name
        assert 'rel="canonical"' not in page


def test_refused_links_leave_no_trace_either(client: Client) -> None:
    response = client.get("/submit/link/not-a-link/")
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "strict-origin")


def test_forms_are_protected_against_other_sites() -> None:
    strict = Client(enforce_csrf_checks=True)
    paths = private_pages()
    for path in ["/submit/", "/submit/link/", *paths.values()]:
        assert strict.post(path, {"go": "withdraw"}).status_code == 403, path
        if path != paths["sent"]:
            assert 'name="csrfmiddlewaretoken"' in strict.get(path).content.decode(), path


def test_the_outbox_and_the_admin_hold_no_token() -> None:
    visitor = Visitor()
    visitor.submit()
    token = re.search(r"/link/([^/]+)/", visitor.mailed("submission_confirm"))[1]  # type: ignore[index]
    for row in Message.objects.all():
        assert token not in f"{row.subject}{row.body_text}{row.body_html}{row.headers}{row.smtp_text}{row.key}"
    assert token in sent_mails(kind="submission_confirm")[0].text
    assert Message.objects.exclude(secrets=None).count() == 0, "what was sent needs its secrets no more"


def test_pages_that_refuse_leave_no_trace_either() -> None:
    visitor = Visitor()
    visitor.begin()
    SubmissionPolicy.objects.update(is_open=False)
    closed = visitor.client.post(visitor.form, {"summary": "x"})
    for answer in (closed, visitor.client.get(visitor.mailed("submission_resume"))):
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "strict-origin")
        assert {"Cookie", "HX-Request"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_the_workplace_and_its_search_hold_no_token() -> None:
    visitor = Visitor()
    visitor.submit()
    token = visitor.mailed("submission_confirm").split("/")[3]
    staff = sign_in("superuser")
    message = Message.objects.get(kind="submission_confirm")
    for path in (
        "/admin/outbox/message/", f"/admin/outbox/message/?q={token}", f"/admin/outbox/message/{message.pk}/change/",
        f"/admin/submissions/submission/{Submission.objects.get().pk}/change/", "/admin/submissions/submission/",
    ):  # fmt: skip
        page = staff.get(path, follow=True).content.decode()
        # A page repeats the words that were looked for, and nothing else.
        repeated = page.count(f"q={token}") + page.count(f"“{token}”")
        assert page.replace(f'value="{token}"', "").count(token.partition(".")[0]) <= repeated, path
