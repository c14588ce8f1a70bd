"""What the public form keeps from strangers: profiles, drafts and addresses of others, words in mails."""

import pytest
from django.conf import settings
from django.test import Client

from publicforms import links as signed_links
from publicforms.models import LinkToken
from submissions.exceptions import IllegalMove
from submissions.models import SubmissionPolicy
from submissions.services import drafts, review, submit
from submissions.services.change_kind import turn_into_update
from submissions.services.request_changes import request_changes
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.submissions import VALUES, pending, reviewer
from tests.mail import links_in, sent_mails
from tests.submissions.visitor import FIRST, Visitor, hidden_fields

pytestmark = pytest.mark.django_db


def test_the_first_step_repeated_does_not_lead_into_a_draft_that_its_owner_took_over() -> None:
    from uuid import uuid4

    CountryFactory(code="AT")
    reference = uuid4()
    row, _link = drafts.start_draft(email="victim@cluster.example", values=VALUES, reference=reference)
    drafts.take_over(submission=row)

    with pytest.raises(IllegalMove, match="mailbox"):
        drafts.start_draft(email="victim@cluster.example", values=VALUES, reference=reference)


def test_a_profile_that_is_not_public_is_not_shown_to_whoever_was_taken_for_it(client: Client) -> None:
    hidden = ClusterFactory(name="Hidden Cluster", place="Hiddentown", country=CountryFactory(code="AT"))
    row = pending(place="Graz")
    row = turn_into_update(submission=row, cluster=hidden, reviewer=reviewer(), snapshot=review.current_snapshot(row))
    request_changes(
        submission=row,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(row),
        fields=["name", "place"],
        text="Are you sure?",
    )
    token = signed_links.token_of(LinkToken.objects.get(purpose="status"))

    for path in (f"/submit/status/{token}/", f"/submit/status/{token}/change/"):
        page = client.get(path).content.decode()
        assert "Are you sure?" in page
        assert "Hidden" not in page
        assert "profile that exists" not in page


def test_no_word_of_the_sender_reaches_an_address_that_did_not_confirm() -> None:
    CountryFactory(code="AT")
    values = {**VALUES, "name": "Win https://evil.example now"}
    row, _link = drafts.start_draft(
        email="victim@cluster.example", values=values, submitter_name="Claim at https://evil.example"
    )
    submit.send(submission=row, notice=pending().notice)

    mails = sent_mails(to="victim@cluster.example")
    assert {mail.kind for mail in mails} == {"submission_resume", "submission_confirm"}
    assert not [mail for mail in mails if b"evil" in mail.mail.as_bytes()]


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_the_name_that_a_request_gives_never_reaches_a_mail(host: str) -> None:
    visitor = Visitor()
    ClusterFactory(published=True, slug="alpine")
    headers = {"HTTP_HOST": host, "HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_SERVER": "evil.example"}
    stamp = hidden_fields(visitor.page("/submit/"))
    for path in ("/submit/", "/clusters/alpine/update/", "/submit/link/"):
        answer = visitor.client.post(path, {**stamp, **FIRST}, **headers)
        assert answer.status_code == (400 if host == "evil.example" else 302 if path == "/submit/" else 200)
        assert "evil" not in answer.headers.get("Location", "")
    for mail in sent_mails():
        assert links_in(mail)
        assert all(link.startswith(f"{settings.SITE_URL}/") for link in links_in(mail))
    assert len(sent_mails()) == (0 if host == "evil.example" else 3)


def test_a_cluster_that_is_not_public_and_one_that_never_was_answer_alike(client: Client) -> None:
    ClusterFactory(slug="alpine-one", name="Hidden")
    ClusterFactory(slug="alpine-two", name="Archived", status="archived")
    stamp = hidden_fields(Visitor().page("/submit/"))
    for is_open in (True, False):
        SubmissionPolicy.objects.update(is_open=is_open)
        answers = set()
        for slug in ("alpine-one", "alpine-two", "alpine-no"):
            path = f"/clusters/{slug}/update/"
            for answer in (client.get(path), client.post(path, {**stamp, "submitter_email": "ada@photonics.example"})):
                answers.add((answer.status_code, answer.content.decode().replace(slug, "x")))
        assert {status for status, _page in answers} == {404}
        assert len(answers) == 1
    assert sent_mails() == []


def test_a_name_that_invites_somewhere_is_not_mailed_to_an_address_that_did_not_confirm() -> None:
    visitor = Visitor()
    for name in (
        "Win at evil.example now",
        "https://evil.example",
        "Call +43 90012345",
        "x" * 90,
        "Mail eve@evil.example",
    ):
        drafts.start_draft(email="victim@cluster.example", values={**VALUES, "name": name})
    drafts.start_draft(email="victim@cluster.example", values={**VALUES, "name": "Cluster für Optik & Co. (Graz)"})
    visitor.post("/submit/link/", {"submitter_email": "victim@cluster.example"})
    (mail,) = sent_mails(kind="submission_links")
    text = mail.text
    assert text.count("A cluster (not sent yet)") == 5
    assert "Cluster für Optik & Co. (Graz) (not sent yet)" in text
    assert not [word for word in ("evil", "90012345", "xxx") if word in text]
