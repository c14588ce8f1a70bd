"""The three links of the mail, as a mail scanner and as a person open them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from duplicates.merging.services import merge
from publicforms import links as signed_links
from publicforms.models import LinkToken
from quality import freshness
from quality.models import FreshnessRequest
from submissions.models import ClusterEditor, Submission, SubmissionPolicy
from submissions.services import drafts, hooks
from submissions.services.hooks import ConfirmedUnchanged
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, notice
from tests.mail import link_in, sent_mails

pytestmark = pytest.mark.django_db
ANSWERS = ("correct", "edit", "closed")


@pytest.fixture
def cluster() -> Cluster:
    long_ago = timezone.localdate() - timedelta(days=400)
    return ClusterFactory(
        published=True, name="Alpha", email="office@alpha.example", place="Graz", confirmed_on=long_ago,
        latitude="47.07", longitude="15.43", precision="seat",
    )  # fmt: skip


@pytest.fixture
def paths(cluster: Cluster) -> dict[str, str]:
    """Return the address of each answer, from the mail itself."""
    assert freshness.run_plan() == {"asked": 1}
    (mail,) = sent_mails(to="office@alpha.example")
    return {answer: link_in(mail, f"answer={answer}") for answer in ANSWERS}


def state() -> dict[str, Any]:
    return {
        "links": list(LinkToken.objects.values_list("purpose", "used_at")),
        "clusters": list(Cluster.objects.values_list("status", "confirmed_on")),
        "submissions": Submission.objects.count(),
        "answers": list(FreshnessRequest.objects.values_list("answer", flat=True)),
        "versions": Cluster.history.count(),
    }


@pytest.mark.parametrize("answer", [*ANSWERS, "", "nonsense"])
def test_a_scanner_that_opens_a_link_changes_nothing(client: Client, paths: dict[str, str], answer: str) -> None:
    path, before = paths["correct"].replace("=correct", f"={answer}"), state()
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert client.head(path).status_code == 200
        assert client.options(path).status_code == 405
    assert (page["Referrer-Policy"], page["Cache-Control"]) == ("strict-origin", "no-store")
    assert "<button" in page.content.decode()
    assert state() == before


def test_every_page_leads_to_the_other_answers(client: Client, paths: dict[str, str]) -> None:
    shown = {answer: client.get(path).content.decode() for answer, path in paths.items()}
    for answer, page in shown.items():
        assert {other for other in ANSWERS if f'href="?answer={other}"' in page} == set(ANSWERS) - {answer}
    assert "Graz" in shown["correct"]
    assert "Left empty" in shown["correct"]


def test_still_correct_link_confirms_the_profile_once(client: Client, cluster: Cluster, paths: dict[str, str]) -> None:
    page = client.post(paths["correct"], {"answer": "correct"})

    cluster.refresh_from_db()
    assert cluster.confirmed_on == timezone.localdate()
    assert "Thank you" in page.content.decode()
    assert cluster.history.first().history_change_reason == "Confirmed by link"
    assert cluster.history.first().history_user is None
    for answer in ANSWERS:  # one answer is enough
        again = client.post(paths[answer], {"answer": answer})
        assert again.status_code == 410
        assert "Send me a new link" in again.content.decode()
    assert not Submission.objects.exists()


def test_i_correct_it_leads_through_the_form_to_the_queue(
    client: Client, cluster: Cluster, paths: dict[str, str]
) -> None:
    notice()
    answered = client.post(paths["edit"], {"answer": "edit"})
    form = client.get(answered["Location"])

    assert form.status_code == 200
    assert "Graz" in form.content.decode()
    submission = Submission.objects.get()
    assert (submission.kind, submission.channel, submission.status) == ("update", "reminder", "unconfirmed")
    assert (submission.email_confirmed_at is not None, submission.trust) == (True, "public")
    assert FreshnessRequest.objects.get().answer == "edit"


def test_it_no_longer_exists_waits_for_a_reviewer(client: Client, cluster: Cluster, paths: dict[str, str]) -> None:
    data = {"answer": "closed", "message": "We ended in May.", "successor": "Beta"}
    answered = client.post(paths["closed"], data)

    assert client.get(answered["Location"]).status_code == 200  # the page on which it can be taken back
    submission = Submission.objects.get()
    assert (submission.kind, submission.status) == ("closure", "pending")
    assert submission.message == "We ended in May.\n\nSuccessor: Beta"
    cluster.refresh_from_db()
    assert cluster.status == "published"
    accept_all(submission)
    assert client.get(cluster.get_absolute_url()).status_code == 404


def test_a_sentence_that_is_too_long_spends_nothing_and_is_not_lost(client: Client, paths: dict[str, str]) -> None:
    before = state()
    page = client.post(paths["closed"], {"answer": "closed", "message": "long " * 400})
    assert page.status_code == 422
    assert "Please use at most 1,500 characters." in page.content.decode()
    assert "long long" in page.content.decode()
    alert = page.content.decode().partition('role="alert"')[2].partition("</div>")[0]
    assert "1,500 characters" in alert, "the list on top names the mistake"
    assert state() == before


@pytest.mark.parametrize("answer", ["", "nonsense"])
def test_a_post_without_an_answer_asks_again(client: Client, paths: dict[str, str], answer: str) -> None:
    before = state()
    page = client.post(paths["correct"].partition("?")[0], {"answer": answer})
    assert page.status_code == 422
    assert "Choose what is true." in page.content.decode()
    assert state() == before


@pytest.mark.parametrize("answer", ANSWERS)
def test_old_and_forged_links_explain_themselves(client: Client, paths: dict[str, str], answer: str) -> None:
    path, before = paths[answer], state()
    forged = path.replace("/submit/link/", "/submit/link/x")
    for attempt in (client.get, lambda path: client.post(path, {"answer": answer})):
        page = attempt(forged)
        assert page.status_code == 404
        assert "Get a new link" in page.content.decode()
    assert state() == before
    LinkToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for attempt in (client.get, lambda path: client.post(path, {"answer": answer})):
        page = attempt(path)
        assert page.status_code == 410
        assert "too old" in page.content.decode()
    assert state() == before
    token = path.split("/")[3]
    client.post("/submit/link/", {"token": token})
    assert len(sent_mails(kind="profile_edit_link", to="office@alpha.example")) == 1


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_address_that_does_not_speak_for_the_cluster_any_more(
    client: Client, cluster: Cluster, paths: dict[str, str], answer: str
) -> None:
    Cluster.objects.update(email="new@alpha.example")
    before = state()
    for page in (client.get(paths[answer]), client.post(paths[answer], {"answer": answer})):
        assert page.status_code == 409
        assert "is not one of this profile any more" in page.content.decode()
        assert f"/clusters/{cluster.slug}/update/" in page.content.decode()
    assert state() == before


def test_while_the_form_is_closed_a_profile_can_still_be_confirmed(client: Client, paths: dict[str, str]) -> None:
    SubmissionPolicy.objects.create(pk=1, is_open=False)
    page = client.post(paths["edit"], {"answer": "edit"})
    assert "not taken at the moment" in page.content.decode()
    assert client.post(paths["correct"], {"answer": "correct"}).status_code == 200
    assert FreshnessRequest.objects.get().answer == "correct"


def test_links_in_mailboxes_follow_a_merge(client: Client, cluster: Cluster) -> None:
    ClusterEditor.objects.create(cluster=cluster, email="ada@alpha.example")
    freshness.run_plan()
    (mail,) = sent_mails(to="ada@alpha.example")
    target = ClusterFactory(published=True, name="Kept")
    merge(target=target, source=cluster, by=None, reason="One.")

    client.post(link_in(mail, "answer=correct"), {"answer": "correct"})

    target.refresh_from_db()
    assert target.confirmed_on == timezone.localdate()


def test_tokens_stay_out_of_the_workplace_and_of_the_stored_mail(paths: dict[str, str]) -> None:
    from outbox.models import Message
    from tests.factories.consortium import sign_in

    token = paths["correct"].split("/")[3]
    message = Message.objects.get()
    assert token not in f"{message.subject}{message.body_text}{message.body_html}"
    for address in ("/admin/quality/freshnessrequest/", "/admin/quality/freshnessplan/"):
        assert token not in sign_in("superuser").get(address, follow=True).content.decode()


# --- "I correct it", and then there is nothing to correct ---


@pytest.fixture
def form(client: Client, paths: dict[str, str]) -> str:
    """Return the address of the last page of the form that "I correct it" opens."""
    return client.post(paths["edit"], {"answer": "edit"})["Location"].replace("/profile/", "/check/")


def test_nothing_to_correct_confirms_from_within_the_form(
    client: Client, cluster: Cluster, paths: dict[str, str], form: str
) -> None:
    assert client.get(paths["correct"]).status_code == 410
    assert "It is still right as it is" in client.get(form).content.decode()
    refused = client.post(form, {"go": "send", "consent": "on", "notice": notice().version})
    assert refused.status_code == 422
    assert "Nothing differs from the profile" in refused.content.decode()
    assert "It is still right as it is" in refused.content.decode()

    page = client.post(form, {"go": "confirm"})

    assert (page.status_code, "Thank you" in page.content.decode()) == (200, True)
    cluster.refresh_from_db()
    assert cluster.confirmed_on == timezone.localdate()
    assert cluster.history.first().history_change_reason == "Confirmed by link"
    request = FreshnessRequest.objects.get()
    assert (request.answer, request.submission) == ("correct", None)
    assert not Submission.objects.exists()
    assert not LinkToken.objects.filter(purpose="draft").exists()
    assert client.post(form, {"go": "confirm"}).status_code in (404, 410)
    assert cluster.history.count() == 2


def test_form_offers_no_confirmation_where_no_app_confirms_profiles(
    client: Client, cluster: Cluster, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "_filled", [])

    assert "It is still right as it is" not in client.get(form).content.decode()
    page = client.post(form, {"go": "confirm"})

    assert (page.status_code, "cannot confirm a profile" in page.content.decode()) == (422, True)
    assert Submission.objects.get().is_draft
    cluster.refresh_from_db()
    assert cluster.confirmed_on != timezone.localdate()


def test_hook_of_unchanged_profiles_is_filled_once() -> None:
    with pytest.raises(ValueError, match="filled already"):
        hooks.register_confirmed_unchanged(ConfirmedUnchanged(lambda draft: "", lambda draft: Cluster()))


def test_confirming_is_refused_when_the_form_was_changed(client: Client, cluster: Cluster, form: str) -> None:
    page = client.post(form, {"go": "confirm", "message": "The phone is wrong."})

    assert page.status_code == 422
    assert "You changed something or wrote a message." in page.content.decode()
    assert Submission.objects.get().message == "The phone is wrong."
    assert "It is still right as it is" not in client.get(form).content.decode()
    Submission.objects.update(message="", payload={"place": "Linz"})
    assert client.post(form, {"go": "confirm"}).status_code == 422
    cluster.refresh_from_db()
    assert cluster.confirmed_on != timezone.localdate()


@pytest.mark.parametrize(
    ("kind", "email", "is_confirmed", "is_offered"),
    [
        ("update", "office@alpha.example", True, True),
        ("update", "office@alpha.example", False, False),
        ("update", "stranger@elsewhere.example", True, False),
        ("closure", "office@alpha.example", True, False),
        ("new", "office@alpha.example", True, False),
    ],
)
def test_only_who_speaks_for_the_profile_may_confirm_it(
    client: Client, cluster: Cluster, kind: str, email: str, is_confirmed: bool, is_offered: bool
) -> None:
    _row, link = drafts.start_draft(
        kind=kind, email=email, target=None if kind == "new" else cluster, is_email_confirmed=is_confirmed
    )
    form = reverse("submissions:submit_step", args=[signed_links.token_of(link), "check"])

    assert ("It is still right as it is" in client.get(form).content.decode()) is is_offered
    assert client.post(form, {"go": "confirm"}).status_code == (200 if is_offered else 422)

    cluster.refresh_from_db()
    assert (cluster.confirmed_on == timezone.localdate()) is is_offered


def test_a_profile_that_left_the_catalogue_is_not_confirmed(client: Client, cluster: Cluster, form: str) -> None:
    Cluster.objects.update(status="archived")

    page = client.post(form, {"go": "confirm"})

    assert page.status_code == 422
    assert "This profile is not in the catalogue any more." in page.content.decode()
