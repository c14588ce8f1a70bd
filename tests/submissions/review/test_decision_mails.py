"""The mail of a decision: shown beforehand as it will go, honest about what is public, stopped by nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from catalogue.models import Cluster
from catalogue.services.clusters import publish_clusters
from outbox.kinds import mail_kinds
from outbox.models import Message, Wording
from outbox.rendering import default_source, without_secrets
from outbox.services.wordings import WordingMistaken, change
from submissions import emails, links
from submissions.fields.choices import Choices
from submissions.models import Submission
from submissions.services import drafts, review, submit
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import UserFactory
from tests.factories.submissions import accept_all, notice, pending, reviewer, update_of
from tests.mail import sent_mails
from tests.submissions.review.conftest import address, client_of, person

pytestmark = pytest.mark.django_db
DECIDED = mail_kinds.get("submission_decided")


def mail_of(submission: Submission) -> Message:
    """Return the one mail about the decision."""
    return Message.objects.get(kind="submission_decided", about=submission.about)


def closure_of(cluster: Cluster) -> Submission:
    row, _link = drafts.start_draft(
        kind="closure", email="ada@photonics.example", target=cluster, is_email_confirmed=True
    )
    return submit.send(submission=row, notice=notice())


# --- beforehand ---

NAME = "Alpine Optics & <b>Lasers</b>"
EDITED = {"name": FieldDecision(True, value=NAME, is_edited=True)}


def _new() -> Submission:
    ClusterFactory(name="Alpine Photonics Cluster")  # so that the address gets a number
    return pending()


def _update() -> Submission:
    return update_of(ClusterFactory(published=True, place="Graz", phone=""), place="Linz", phone="+43 1 234567")


def _closure() -> Submission:
    return closure_of(ClusterFactory(published=True))


CASES: list[tuple[Any, dict[str, FieldDecision], dict[str, Any]]] = [
    (_new, {}, {}),
    (_new, {}, {"publish": False}),
    (_new, EDITED, {"reason": "Thank you & welcome, see https://portal.example/?a=1&b=2"}),
    (_new, {**EDITED, "summary": FieldDecision(False, "Too short.")}, {"publish": False}),
    (_update, {}, {}),
    (_update, {"place": FieldDecision(False, "It is in Graz.")}, {}),
    (_update, {name: FieldDecision(False) for name in ("place", "phone")}, {"reason": "Neither."}),
    (lambda: update_of(ClusterFactory(published=True, name="Old Name"), name=NAME), {}, {}),
    (lambda: update_of(ClusterFactory(name="Known to staff"), place="Linz"), {}, {}),
    (_closure, {"closure": FieldDecision(True)}, {}),
    (_closure, {"closure": FieldDecision(True)}, {"reason": "Farewell."}),
    (_closure, {"closure": FieldDecision(False, "They are well.")}, {}),
]


@pytest.mark.parametrize(("make", "given", "options"), CASES)
def test_the_preview_is_the_mail_that_goes_out(
    make: Any, given: dict[str, FieldDecision], options: dict[str, Any]
) -> None:
    row = make()
    names = review.names_to_decide(row, review.live_values(row))
    fields = {**{name: FieldDecision(True) for name in names}, **given}
    decision = Decision(reviewer(), review.current_snapshot(row), fields, **options)
    before = (Cluster.objects.count(), Submission.objects.get(pk=row.pk).version)

    shown = emails.preview(review.preview(row, decision, Choices.load()))

    assert (Cluster.objects.count(), Submission.objects.get(pk=row.pk).version) == before
    review.decide(row, decision)
    sent = mail_of(row)
    assert (shown.to, shown.subject, shown.text) == (sent.recipient, sent.subject, without_secrets(sent.body_text))
    html = sent_mails(kind="submission_decided")[0].html
    link = links.status_address(row)
    assert shown.html == html.replace(f'<a href="{link}">{link}</a>', "[link, not shown]")


def test_mail_names_the_profile_as_the_reviewer_corrected_it() -> None:
    row = pending()
    decisions = {name: FieldDecision(True) for name in review.names_to_decide(row, {})} | EDITED

    review.decide(row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=decisions))

    (mail,) = sent_mails(kind="submission_decided")
    assert mail.subject == f"Your submission was approved. ({NAME})"
    assert f"It was about {NAME}." in mail.text
    assert "It was about Alpine Optics &amp; &lt;b&gt;Lasers&lt;/b&gt;." in mail.html
    assert f": changed by the reviewer to “{NAME}”." in mail.text


def test_page_shows_both_parts_of_the_mail_and_lets_nothing_else_in() -> None:
    rita = client_of(person("rita", "catalogue editor"))
    row = pending()
    context = rita.get(address(row)).context
    form = {"version": str(context["snapshot"].version), "live": context["snapshot"].live, "publish": "yes"}
    form |= {f"field-{name}": "accept" for name in context["inputs"].fields}

    page = rita.post(address(row), {**form, "action": "preview:decide", "reason": "<script>alert(1)</script>"})

    text = page.content.decode()
    assert '<iframe class="mail-frame" srcdoc="&lt;!doctype html&gt;' in text
    assert 'sandbox="allow-popups"' in text
    assert "&amp;lt;script&amp;gt;alert(1)" in text  # escaped in the mail, and once more as an attribute
    assert "The public profile: " in page.context["state"].preview.text
    policy = page["Content-Security-Policy"]
    assert "style-src-attr 'unsafe-hashes' 'sha256-" in policy
    assert "unsafe-inline" not in policy
    assert "style-src-attr" not in rita.get(address(row))["Content-Security-Policy"]


def test_parts_of_the_mail_are_paragraphs_of_their_own() -> None:
    row = _update()
    decisions = {"place": FieldDecision(False, "It is in Graz."), "phone": FieldDecision(True)}

    review.decide(row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=decisions))

    text = mail_of(row).body_text
    assert (
        f"It was about {row.name}.\n\nField by field:\n\n- Town: not taken over. It is in Graz.\n\nThe public" in text
    )


# --- what is not public ---


def test_accepted_without_publishing_the_mail_says_that_it_is_not_public() -> None:
    row = pending()
    rita = UserFactory()
    rita.user_permissions.set(Permission.objects.filter(codename__in=["review_submission", "view_submission"]))
    context = client_of(rita).get(address(row)).context
    form = {"version": str(context["snapshot"].version), "live": context["snapshot"].live, "publish": "yes"}
    form |= {f"field-{name}": "accept" for name in context["inputs"].fields}
    shown = client_of(rita).post(address(row), {**form, "action": "preview:decide"}).context["state"].preview

    client_of(rita).post(address(row), {**form, "action": "decide"})

    row.refresh_from_db()
    assert row.target is not None
    assert row.target.status == Cluster.Status.IDENTIFIED
    (mail,) = sent_mails(kind="submission_decided")
    assert mail.subject == "Your submission was accepted; the profile is not public yet. (Alpine Photonics Cluster)"
    assert shown.subject == mail.subject
    assert "The public profile" not in mail.text
    page = Client().get(links.status_path(row)).content.decode()
    assert "Accepted, not public yet" in page
    assert "Visitors see the profile once our staff has published it." in page

    publish_clusters(clusters=[row.target])

    page = Client().get(links.status_path(row)).content.decode()
    assert "not public yet" not in page
    assert "See the profile" in page


# --- staff's own words ---


@pytest.mark.parametrize(
    ("part", "text", "message"),
    [
        ("subject", "{% if reason %}{{ outcome }}{% endif %}", "Where {{ reason }} is empty, the subject is empty."),
        ("text", "Hello {% if reason %}{{ status_link }}{% endif %}", "Where {{ reason }} is empty, {{ status_link }} is missing"),
        ("text", "Hello {% if not fields %}{{ status_link }}{% endif %}", "Where every value is given, {{ status_link }} is missing"),
    ],
)  # fmt: skip
def test_a_mail_text_that_would_stop_a_decision_is_refused(part: str, text: str, message: str) -> None:
    assert DECIDED
    default = default_source(DECIDED)
    parts: dict[str, Any] = {"subject": default.subject, "text": default.text, part: text}

    with pytest.raises(WordingMistaken) as refused:
        change(kind=DECIDED, html="", user=reviewer(), version="default", **parts)

    assert set(refused.value.mistakes) == {part}
    assert message in refused.value.mistakes[part]


def test_a_mail_text_stored_before_that_rule_does_not_stop_a_decision(caplog: pytest.LogCaptureFixture) -> None:
    Wording.objects.create(
        kind="submission_decided", subject="{% if reason %}{{ outcome }}{% endif %}", body_text="{{ status_link }}"
    )
    row = pending()

    accept_all(row)

    assert mail_of(row).subject == "Your submission was approved. (Alpine Photonics Cluster)"
    assert "The wording of submission_decided cannot be used, its default is sent" in caplog.text


def test_an_address_to_which_no_mail_can_go_does_not_stop_a_decision(caplog: pytest.LogCaptureFixture) -> None:
    row = pending()
    Submission.objects.update(submitter_email="ada@straße.example")

    outcome = accept_all(row)

    assert outcome.submission.status == "approved"
    assert not Message.objects.filter(kind="submission_decided").exists()
    assert f"The decision on submission {row.public_id} cannot be mailed." in caplog.text
    assert "straße" not in caplog.text
