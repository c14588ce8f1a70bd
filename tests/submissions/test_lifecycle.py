"""A submission from the first step to the decision."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue.models import Cluster
from outbox.models import Message
from outbox.services.posting import messages_about
from publicforms import links as signed_links
from publicforms.exceptions import LinkNotUsable
from publicforms.models import LinkToken
from submissions import links
from submissions.exceptions import DecisionNotPossible, IllegalMove, SubmissionChanged, SubmissionIncomplete
from submissions.models import ClusterEditor, Submission
from submissions.services import drafts, retention, review, submit
from submissions.services.change_kind import turn_into_update
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.catalogue.searching import search
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory
from tests.factories.submissions import accept_all, draft, notice, pending, reviewer, sent, update_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Status = Submission.Status


def kinds(submission: Submission) -> list[str]:
    return [message.kind for message in messages_about(submission.about).order_by("created_at")]


def test_a_new_cluster_becomes_public_by_approval_and_not_before():
    submission = sent()
    assert submission.status == Status.UNCONFIRMED
    assert not Cluster.objects.exists()

    submission = submit.confirm(submission=submission)
    assert submission.status == Status.PENDING
    assert not Cluster.objects.exists()

    outcome = accept_all(submission)
    cluster = Cluster.objects.published().get()
    assert outcome.cluster == cluster
    assert (cluster.name, cluster.country_id, cluster.slug) == (
        "Alpine Photonics Cluster",
        "AT",
        "alpine-photonics-cluster",
    )
    assert cluster.confirmed_on == timezone.localdate()
    outcome.submission.refresh_from_db()
    assert (outcome.submission.status, outcome.submission.target) == (Status.APPROVED, cluster)
    assert kinds(outcome.submission) == [
        "submission_resume", "submission_confirm", "submission_received", "submission_decided",
    ]  # fmt: skip


def test_the_history_of_the_cluster_names_the_submission_and_the_reviewer():
    submission = pending()
    cluster = accept_all(submission).cluster
    rows = list(cluster.history.all())
    assert all(f"Submission {submission.public_id}" in row.history_change_reason for row in rows)
    assert {row.history_user.username for row in rows} == {"rita"}


def test_an_approved_update_is_one_version_with_its_lists():
    cluster = ClusterFactory(published=True, members=10, members_qualifier="exact")
    old, new = TermFactory(), TermFactory()
    cluster.terms.set([old])
    before = cluster.history.count()
    network = NetworkFactory()
    submission = update_of(cluster, members=20, verticals=[new.slug], networks=[network.slug])

    accept_all(submission)

    cluster.refresh_from_db()
    assert cluster.members == 20
    assert [term.slug for term in cluster.terms.all()] == [new.slug]
    assert list(cluster.networks.all()) == [network]
    assert cluster.history.count() == before + 1
    latest = cluster.history.first()
    assert [row.term.slug for row in latest.terms.all()] == [new.slug]
    assert cluster in search(new.name, Cluster.objects.all())


def test_one_field_refused_makes_it_partly_approved_and_the_mail_says_why():
    cluster = ClusterFactory(published=True, place="Graz", phone="")
    submission = update_of(cluster, place="Linz", phone="+43 1 234567")
    outcome = review.decide(
        submission,
        Decision(
            reviewer=reviewer(),
            snapshot=review.current_snapshot(submission),
            fields={
                "place": FieldDecision(False, "The register says Graz."),
                "phone": FieldDecision(True, value="+43 1 234568", is_edited=True),
            },
        ),
    )
    cluster.refresh_from_db()
    assert (cluster.place, cluster.phone) == ("Graz", "+43 1 234568")
    assert outcome.submission.status == Status.PARTLY_APPROVED
    mail = messages_about(submission.about).get(kind="submission_decided")
    assert "Town: not taken over. The register says Graz." in mail.body_text
    assert "changed by the reviewer to “+43 1 234568”" in mail.body_text


def test_rejecting_needs_a_reason_and_changes_nothing():
    submission = pending()
    with pytest.raises(DecisionNotPossible, match="Say why"):
        review.decide(
            submission,
            Decision(reviewer=reviewer(), snapshot=review.current_snapshot(submission), reason=" ", is_rejection=True),
        )
    outcome = review.decide(
        submission,
        Decision(
            reviewer=reviewer(),
            snapshot=review.current_snapshot(submission),
            reason="Not a cluster.",
            is_rejection=True,
        ),
    )
    assert outcome.submission.status == Status.REJECTED
    assert not Cluster.objects.exists()
    assert "Not a cluster." in messages_about(submission.about).get(kind="submission_decided").body_text


def test_a_decision_needs_every_field_that_differs():
    submission = pending()
    with pytest.raises(DecisionNotPossible) as caught:
        review.decide(
            submission,
            Decision(
                reviewer=reviewer(), snapshot=review.current_snapshot(submission), fields={"name": FieldDecision(True)}
            ),
        )
    assert set(caught.value.errors) >= {"country", "summary"}


def test_a_new_cluster_without_summary_can_stay_identified():
    submission = pending()
    decisions = {
        "country": FieldDecision(True),
        "name": FieldDecision(True),
        "summary": FieldDecision(False, "Advertising."),
    }
    snapshot = review.current_snapshot(submission)
    with pytest.raises(DecisionNotPossible, match="stay identified"):
        review.decide(submission, Decision(reviewer=reviewer(), snapshot=snapshot, fields=decisions))
    assert not Cluster.objects.exists()
    review.decide(submission, Decision(reviewer=reviewer(), snapshot=snapshot, fields=decisions, publish=False))
    assert Cluster.objects.get().status == Cluster.Status.IDENTIFIED


def test_a_decision_on_an_old_view_of_the_submission_is_refused():
    submission = pending()
    snapshot = review.current_snapshot(submission)
    request_changes(
        submission=submission, reviewer=reviewer("otto"), snapshot=snapshot, fields=["summary"], text="Longer."
    )
    with pytest.raises(SubmissionChanged, match="changes requested"):
        review.decide(submission, Decision(reviewer=reviewer(), snapshot=snapshot, reason="No.", is_rejection=True))


def test_a_decision_after_a_change_of_the_live_row_is_refused_with_the_change():
    cluster = ClusterFactory(published=True, place="Graz")
    submission = update_of(cluster, place="Linz")
    snapshot = review.current_snapshot(submission)
    Cluster.objects.filter(pk=cluster.pk).update(place="Wels")
    with pytest.raises(SubmissionChanged, match="Town of the live profile is now: Wels"):
        review.decide(
            submission, Decision(reviewer=reviewer(), snapshot=snapshot, fields={"place": FieldDecision(True)})
        )
    cluster.refresh_from_db()
    assert cluster.place == "Wels"


def test_changes_are_asked_for_some_fields_and_only_these_can_be_answered():
    submission = pending()
    place = submission.confirmed_at
    submission = request_changes(
        submission=submission,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(submission),
        fields=["summary"],
        text="Longer.",
    )
    assert kinds(submission)[-1] == "submission_changes"
    with pytest.raises(SubmissionIncomplete, match="not asked"):
        submit.answer_changes(submission=submission, values={"name": "Other"})
    submission = submit.answer_changes(submission=submission, values={"summary": "A longer text."})
    assert (submission.status, submission.confirmed_at) == (Status.PENDING, place)
    assert submission.answered_at is not None
    assert submission.payload["summary"] == "A longer text."


def test_changes_are_not_asked_for_before_the_address_is_confirmed():
    submission = sent()

    with pytest.raises(IllegalMove, match="confirm"):
        request_changes(
            submission=submission, reviewer=reviewer(), snapshot=review.current_snapshot(submission),
            fields=["summary"], text="Longer.",
        )  # fmt: skip

    submission.refresh_from_db()
    assert (submission.status, submission.asked_fields) == (Status.UNCONFIRMED, [])
    assert "submission_changes" not in kinds(submission)


@pytest.mark.parametrize("state", [sent, pending])
def test_withdrawing_works_until_the_decision(state):
    submission = submit.withdraw(submission=state())
    assert submission.status == Status.WITHDRAWN
    assert submit.withdraw(submission=submission).status == Status.WITHDRAWN
    decided = pending(name="Other")
    accept_all(decided)
    with pytest.raises(IllegalMove, match="approved"):
        submit.withdraw(submission=decided)


def test_confirming_twice_is_one_confirmation():
    submission = sent()
    submit.confirm(submission=submission)
    submit.confirm(submission=submission)
    assert kinds(submission).count("submission_received") == 1


def test_a_draft_cannot_be_sent_without_what_is_needed():
    submission = draft(summary="", name="")
    with pytest.raises(SubmissionIncomplete) as caught:
        submit.send(submission=submission, notice=None)
    assert set(caught.value.errors) == {"summary", "name", "consent"}
    submission.refresh_from_db()
    assert submission.is_draft


def test_an_update_without_any_difference_is_not_sent():
    cluster = ClusterFactory(published=True, place="Graz")
    row, _link = drafts.start_draft(
        kind="update", email="a@b.example", target=cluster, values={"place": "Graz"}, is_email_confirmed=True
    )
    assert row.payload == {}
    with pytest.raises(SubmissionIncomplete, match="Nothing differs"):
        submit.send(submission=row, notice=notice())


def test_new_turned_into_an_update_deletes_nothing_that_was_left_empty():
    cluster = ClusterFactory(published=True, place="Graz", name="Alpine Photonics")
    submission = pending(place="", acronym="APC")
    submission = turn_into_update(
        submission=submission, cluster=cluster, reviewer=reviewer(), snapshot=review.current_snapshot(submission)
    )
    assert "place" not in submission.payload
    accept_all(submission)
    cluster.refresh_from_db()
    assert (cluster.acronym, cluster.place, cluster.name) == ("APC", "Graz", "Alpine Photonics Cluster")


def test_a_closure_archives_the_cluster():
    cluster = ClusterFactory(published=True)
    submission = submit.propose(kind="closure", channel="reminder", values={}, target=cluster, email="a@b.example")
    accept_all(submission)
    cluster.refresh_from_db()
    assert cluster.status == Cluster.Status.ARCHIVED
    assert "taken out of the catalogue" in messages_about(submission.about).get(kind="submission_decided").body_text


@pytest.mark.parametrize(
    ("email", "trust"),
    [
        ("office@photonics.example", "public"),
        ("ADA@www2.photonics.example", "domain"),
        ("ada@photonics.example.evil.example", "unknown"),
        ("ada@notphotonics.example", "unknown"),
        ("eve@elsewhere.example", "editor"),
        ("old@elsewhere.example", "unknown"),
    ],
)
def test_trust_follows_from_the_confirmed_address(email, trust):
    cluster = ClusterFactory(
        published=True, website="https://www.photonics.example/en", email="office@photonics.example"
    )
    ClusterEditor.objects.create(cluster=cluster, email="eve@elsewhere.example")
    ClusterEditor.objects.create(cluster=cluster, email="old@elsewhere.example", is_active=False)
    assert update_of(cluster, email=email, place="Linz").trust == trust


def test_a_free_mailer_proves_nothing_even_if_it_is_the_website():
    cluster = ClusterFactory(published=True, website="https://sites.google.com/photonics")
    assert update_of(cluster, email="ada@" + "google.com", place="Linz").trust == "unknown"


def test_a_link_is_spent_once_and_reading_spends_nothing():
    submission = sent()
    link = LinkToken.objects.get(purpose="confirm")
    token = signed_links.token_of(link)
    for _ in range(3):
        assert signed_links.read(token, links.Purpose.CONFIRM) == link
    signed_links.spend(link)
    with pytest.raises(LinkNotUsable) as caught:
        signed_links.read(token)
    assert caught.value.why == "used"
    with pytest.raises(LinkNotUsable):
        signed_links.spend(LinkToken.objects.get(pk=link.pk))
    assert submission.status == Status.UNCONFIRMED


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t.swapcase(), lambda t: "", lambda t: "a.b"]
)
def test_a_forged_link_is_foreign(change):
    sent()
    token = signed_links.token_of(LinkToken.objects.get(purpose="confirm"))
    with pytest.raises(LinkNotUsable) as caught:
        signed_links.read(change(token))
    assert caught.value.why == "foreign"


def test_a_link_of_another_purpose_is_foreign_and_an_old_one_expired():
    sent()
    link = LinkToken.objects.get(purpose="confirm")
    with pytest.raises(LinkNotUsable) as caught:
        signed_links.read(signed_links.token_of(link), links.Purpose.EDIT)
    assert caught.value.why == "foreign"
    LinkToken.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    with pytest.raises(LinkNotUsable) as caught:
        signed_links.read(signed_links.token_of(link))
    assert caught.value.why == "expired"


def test_what_was_never_confirmed_is_deleted_after_fourteen_days():
    old, new, waiting = draft(), sent(name="New"), pending(name="Waiting")
    about = old.about
    limit = timezone.now() - timedelta(days=14)
    Submission.objects.filter(pk__in=[old.pk, waiting.pk]).update(last_move_at=limit - timedelta(minutes=1))
    Submission.objects.filter(pk=new.pk).update(last_move_at=limit + timedelta(minutes=1))
    assert retention.delete_unconfirmed() == 1
    assert set(Submission.objects.all()) == {new, waiting}
    assert not Message.objects.filter(about=about, recipient__contains="ada@").exists()


def test_personal_data_of_rejected_ones_is_removed_after_its_time():
    submission = pending(email="ada@photonics.example", phone="+43 1 1")
    review.decide(
        submission,
        Decision(reviewer=reviewer(), snapshot=review.current_snapshot(submission), reason="No.", is_rejection=True),
    )
    assert retention.anonymise() == 0
    Submission.objects.filter(pk=submission.pk).update(last_move_at=timezone.now() - timedelta(days=181))
    assert retention.anonymise() == 1
    submission.refresh_from_db()
    assert (submission.submitter_email, submission.submitter_name) == ("", "")
    assert "phone" not in submission.payload
    assert submission.reason == "(removed)", "reviewers write to persons by name"
    assert retention.anonymise() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"status": "published"},
        {"kind": "delete"},
        {"status": "approved"},
        {"status": "pending", "confirmed_at": None},
        {"status": "rejected", "decided_at": timezone.now(), "reason": ""},
        {"kind": "update"},
    ],
)
def test_the_database_refuses_what_no_service_does(values):
    submission = pending()
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**values)


def test_a_region_of_another_country_is_refused_at_approval():
    CountryFactory(code="DE", name="Germany")
    region = RegionFactory(slug="bavaria", name="Bavaria", country=CountryFactory(code="DE"))
    cluster = ClusterFactory(published=True, country=CountryFactory(code="AT"))
    row, _link = drafts.start_draft(
        kind="update", email="a@b.example", target=cluster, values={"region": region.slug}, is_email_confirmed=True
    )
    with pytest.raises(SubmissionIncomplete, match="Bavaria is a region of Germany"):
        submit.send(submission=row, notice=notice())
