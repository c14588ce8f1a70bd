"""While staff takes nothing: what goes on, what is refused, and that nothing typed is lost."""

import pytest

from catalogue.models import Cluster
from outbox.models import Message
from publicforms import links as signed_links
from publicforms.models import LinkToken
from quality import freshness
from submissions import links
from submissions.exceptions import SubmissionsClosed
from submissions.models import Submission, SubmissionPolicy
from submissions.services import drafts, review, submit
from submissions.services.request_changes import request_changes
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import draft, notice, pending, reviewer
from tests.mail import link_in, sent_mails
from tests.submissions.visitor import FIRST, Visitor, update_path, words_of

pytestmark = pytest.mark.django_db
TEXT = "Back in <b>January</b>."


@pytest.fixture
def cluster(db: None) -> Cluster:
    """Return a published cluster."""
    return ClusterFactory(published=True, name="Alpine", email="office@photonics.example", place="Graz")


@pytest.fixture
def visitor(cluster: Cluster) -> Visitor:
    """Return a visitor."""
    return Visitor()


def close() -> None:
    """Let staff close the form."""
    SubmissionPolicy.objects.update(is_open=False, closed_text=TEXT)


def reopen() -> None:
    """Let staff open it again."""
    SubmissionPolicy.objects.update(is_open=True)


def assert_closed(response: object, *texts: str) -> None:
    """Fail unless a page says what staff wrote, escaped, and all of ``texts``."""
    page = response.content.decode()  # type: ignore[attr-defined]
    assert "Back in &lt;b&gt;January&lt;/b&gt;." in page
    for text in texts:
        assert text in page, text


# --- Refused -----------------------------------------------------------------------------------------


def test_a_new_form_is_refused_and_shows_what_was_typed(visitor: Visitor) -> None:
    close()
    assert_closed(visitor.client.get("/submit/"))
    answer = visitor.client.post("/submit/", {**FIRST, "former_names": "<i>Old</i>\nOlder"})

    assert_closed(
        answer, "Nothing was sent or stored", "Alpine Photonics Cluster", "Austria", "ada@photonics.example",
        "Ada Example", "&lt;i&gt;Old&lt;/i&gt;\nOlder",
    )  # fmt: skip
    assert not Submission.objects.exists()
    assert not Message.objects.exists()


def test_a_link_to_correct_is_refused(visitor: Visitor, cluster: Cluster) -> None:
    close()
    answer = visitor.client.post(update_path(cluster.slug), {"submitter_email": "office@photonics.example"})
    assert_closed(answer, "office@photonics.example")
    assert not Message.objects.exists()
    assert visitor.client.get(update_path("nobody")).status_code == 404


@pytest.mark.parametrize("answer", ["edit", "closed"])
def test_a_link_to_correct_that_was_sent_before_works_again_once_open(
    visitor: Visitor, cluster: Cluster, answer: str
) -> None:
    visitor.post(update_path(cluster.slug), {"submitter_email": "office@photonics.example"})
    path = visitor.mailed("profile_edit_link")
    close()
    page = visitor.client.get(path)
    assert_closed(page, "this link is not used up")
    assert "<button" not in page.content.decode().split("<main")[1]

    refused = visitor.client.post(path, {"answer": answer})

    assert refused.status_code == 409
    assert_closed(refused)
    assert (Submission.objects.count(), LinkToken.objects.get().used_at) == (0, None)
    reopen()
    assert visitor.client.post(path, {"answer": answer}).status_code == 302


def test_a_used_up_link_to_correct_brings_no_new_one(visitor: Visitor, cluster: Cluster) -> None:
    link = signed_links.issue(links.Purpose.EDIT, subject=cluster, email="office@photonics.example")
    signed_links.spend(link)
    close()
    assert_closed(visitor.client.post("/submit/link/", {"token": signed_links.token_of(link)}))
    assert not Message.objects.exists()


@pytest.mark.parametrize("go", ["next", "save", "back"])
def test_values_typed_into_a_running_draft_are_stored(visitor: Visitor, go: str) -> None:
    visitor.begin()
    close()
    assert_closed(visitor.client.get(visitor.form), "Alpine Photonics Cluster", "kept until")
    answer = visitor.client.post(visitor.step("members"), {"place": "Graz", "founded": "in the year 1999", "go": go})

    assert_closed(answer, "Nothing is lost", "Graz", "Not saved, since something is wrong with it", "in the year 1999")
    row = Submission.objects.get()
    assert (row.payload["place"], row.is_draft) == ("Graz", True)
    reopen()
    assert "Graz" in visitor.page(visitor.step("members"))


def test_a_running_draft_cannot_be_sent_and_loses_nothing(visitor: Visitor) -> None:
    visitor.begin()
    visitor.client.post(visitor.form, {"summary": "Gathers firms that build lasers."})
    check = visitor.page(visitor.step("check"))
    assert "Send" in check
    version = check.split('name="notice" value="')[1].split('"')[0]
    close()
    answer = visitor.client.post(
        visitor.step("check"),
        {"go": "send", "consent": "on", "notice": version, "message": "Please hurry.", "criteria": ["team"]},
    )

    assert_closed(answer, "Please hurry.", "half a full-time position", "Gathers firms that build lasers.")
    row = Submission.objects.get()
    assert (row.is_draft, row.message, row.criteria) == (True, "Please hurry.", {"team": True})
    assert not Message.objects.filter(kind="submission_confirm").exists()
    reopen()
    assert visitor.send(message="Please hurry.").status_code == 302
    assert not Submission.objects.get().is_draft


def test_closing_between_the_check_and_the_act_is_refused_by_the_service(visitor: Visitor, cluster: Cluster) -> None:
    row = draft(summary="Gathers firms.")
    close()
    for act in (
        lambda: drafts.start_draft(email="ada@photonics.example", values={}),
        lambda: submit.send(submission=row, notice=notice()),
        lambda: drafts.take_over(submission=row),
    ):
        with pytest.raises(SubmissionsClosed, match="January"):
            act()
    row.refresh_from_db()
    assert (row.is_draft, row.email_confirmed_at) == (True, None)


def test_the_link_to_a_draft_waits_until_it_opens_again(visitor: Visitor) -> None:
    visitor.begin()
    path = visitor.mailed("submission_resume")
    close()
    page = visitor.client.get(path)
    assert_closed(page, "Alpine Photonics Cluster", "this link is not used up", "No, this was not me")
    assert "Go on</button>" not in page.content.decode()
    refused = visitor.client.post(path)
    assert refused.status_code == 409
    assert LinkToken.objects.get(purpose="resume").used_at is None
    reopen()
    assert visitor.client.post(path).status_code == 302


def test_a_draft_of_another_can_be_denied_meanwhile(visitor: Visitor) -> None:
    visitor.begin()
    path = visitor.mailed("submission_resume")
    close()
    assert visitor.client.post(path, {"answer": "deny"}).status_code == 200
    assert Submission.objects.get().submitter_email == ""


@pytest.mark.parametrize("answer", ["edit", "closed"])
def test_answers_to_a_reminder_that_begin_something_are_refused(
    visitor: Visitor, cluster: Cluster, answer: str
) -> None:
    freshness.run_plan()
    path = link_in(sent_mails(to="office@photonics.example")[-1], f"answer={answer}")
    close()
    page = visitor.client.get(path)
    assert_closed(page, "this link is not used up")
    assert "<button" not in page.content.decode().split("<main")[1]

    refused = visitor.client.post(path, {"answer": answer, "message": "We ended in May.", "successor": "Beta"})

    assert refused.status_code == 409
    assert_closed(refused, *(("We ended in May.", 'value="Beta"') if answer == "closed" else ()))
    assert (Submission.objects.count(), LinkToken.objects.get().used_at) == (0, None)
    with pytest.raises(SubmissionsClosed):
        freshness.report_closure(link=LinkToken.objects.get())
    reopen()
    assert visitor.client.post(path, {"answer": answer}).status_code == 302


# --- Goes on -----------------------------------------------------------------------------------------


def test_confirming_a_profile_works_while_closed(visitor: Visitor, cluster: Cluster) -> None:
    freshness.run_plan()
    path = link_in(sent_mails(to="office@photonics.example")[-1], "answer=correct")
    close()
    assert "Yes, it is still correct" in visitor.page(path)
    assert visitor.client.post(path, {"answer": "correct"}).status_code == 200
    cluster.refresh_from_db()
    assert cluster.confirmed_on is not None


def test_what_was_sent_is_confirmed_changed_on_request_and_taken_back(visitor: Visitor) -> None:
    visitor.submit()
    sent_page = visitor.step("check")
    close()
    assert "One step is left" in words_of(visitor.client.get(sent_page, follow=True).content.decode())
    status = visitor.confirm()
    row = Submission.objects.get()
    assert row.status == "pending"
    assert "In review" in words_of(visitor.page(status))
    request_changes(
        submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=["summary"], text="More."
    )
    assert visitor.client.post(f"{status}change/", {"summary": "Blue lasers."}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.payload["summary"]) == ("pending", "Blue lasers.")
    visitor.client.post(status, {"go": "withdraw"})
    row.refresh_from_db()
    assert row.status == "withdrawn"


def test_links_to_what_was_sent_are_sent_again(visitor: Visitor) -> None:
    row = pending()
    close()
    visitor.post("/submit/link/", {"submitter_email": "ada@photonics.example"})
    assert links.status_path(row) in sent_mails(kind="submission_links")[0].text
