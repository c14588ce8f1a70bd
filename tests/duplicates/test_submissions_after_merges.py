"""Submissions whose cluster becomes part of another one, gets a successor, or is taken out of the catalogue."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.services.clusters import archive_clusters
from duplicates.merging.exceptions import UndoNotPossible
from duplicates.merging.services import merge
from duplicates.merging.undo import undo, undo_blockers
from publicforms import links as signed_links
from publicforms.models import LinkToken
from submissions.exceptions import DecisionNotPossible, IllegalMove, SubmissionChanged, SubmissionIncomplete
from submissions.models import ClusterEditor, Submission
from submissions.services import drafts, retention, review, submit
from submissions.services.change_kind import turn_into_update
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, draft, notice, pending, reviewer, update_of
from tests.submissions.review.conftest import address, client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ADA = "ada@gone.example"


def pair() -> tuple[Cluster, Cluster]:
    """Return two published clusters; Ada speaks for the second."""
    target = ClusterFactory(published=True, name="Kept", website="https://kept.example/", place="Graz")
    source = ClusterFactory(published=True, name="Gone", website="https://gone.example/")
    return target, source


def begun(cluster: Cluster, kind: str = "update", **values: object) -> Submission:
    return drafts.start_draft(kind=kind, email=ADA, target=cluster, values=values, is_email_confirmed=True)[0]


def closure_of(cluster: Cluster) -> Submission:
    return submit.send(submission=begun(cluster, "closure"), notice=notice())


def archived_into(source: Cluster, target: Cluster) -> None:
    """What staff can do in the form of a cluster."""
    source.successor = target
    source.save()
    archive_clusters(clusters=[source])


# --- a merge ---


def test_decision_on_a_page_from_before_a_merge_is_refused_and_names_the_merge() -> None:
    target, source = pair()
    rows = [update_of(source, email=ADA, place="Linz"), closure_of(source)]
    snapshot = [review.current_snapshot(row) for row in rows]
    merge(target=target, source=source, by=None, reason="One.")

    for row, before, field in zip(rows, snapshot, ("place", "closure"), strict=True):
        with pytest.raises(SubmissionChanged, match="Gone became part of Kept: this is about Kept now"):
            review.decide(row, Decision(reviewer=reviewer(), snapshot=before, fields={field: FieldDecision(True)}))
    target.refresh_from_db()
    assert (target.status, target.place) == ("published", "Graz")


def test_open_submission_moves_as_a_new_version_and_a_decided_one_only_moves() -> None:
    target, source = pair()
    waiting, unfinished = update_of(source, email=ADA, place="Linz"), begun(source, place="Wels")
    decided = update_of(source, email=ADA, phone="+43 1")
    accept_all(decided)
    versions = {row.pk: Submission.objects.get(pk=row.pk).version for row in (waiting, unfinished, decided)}
    merge(target=target, source=Cluster.objects.get(pk=source.pk), by=None, reason="One.")

    for row in (waiting, unfinished, decided):
        row.refresh_from_db()
        assert (row.target, row.name) == (target, "Gone")
    assert [waiting.version, unfinished.version, decided.version] == [
        versions[waiting.pk] + 1, versions[unfinished.pk] + 1, versions[decided.pk],
    ]  # fmt: skip
    assert [event.kind for event in waiting.events.all()][-1] == "moved_by_merge"
    assert decided.events.last().kind == "approved"


def test_sender_trust_is_computed_again_by_merge_and_undo() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    assert row.trust == "domain"
    log = merge(target=target, source=source, by=None, reason="One.", choices={"website": "keep"})

    row.refresh_from_db()
    assert row.trust == "unknown"
    undo(merge=log, by=None)
    row.refresh_from_db()
    assert (row.trust, row.target) == ("domain", source)


def test_an_editor_who_moves_too_speaks_for_the_one_that_stays() -> None:
    target, source = pair()
    ClusterEditor.objects.create(cluster=source, email=ADA)
    row = update_of(source, email=ADA, place="Linz")
    log = merge(target=target, source=source, by=None, reason="One.")

    row.refresh_from_db()
    assert row.trust == "editor"
    undo(merge=log, by=None)
    row.refresh_from_db()
    assert row.trust == "editor"


def test_a_draft_that_was_confirmed_after_the_merge_is_trusted_for_its_own_cluster_after_undoing() -> None:
    target, source = pair()
    row, _link = drafts.start_draft(kind="update", email=ADA, target=source, values={"place": "Linz"})
    log = merge(target=target, source=source, by=None, reason="One.")
    submit.confirm(submission=submit.send(submission=row, notice=notice()))
    row.refresh_from_db()
    assert (row.trust, row.status) == ("unknown", "pending")

    undo(merge=log, by=None)

    row.refresh_from_db()
    assert (row.trust, row.target) == ("domain", source)


def test_undoing_is_a_new_version_too() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    log = merge(target=target, source=source, by=None, reason="One.")
    row.refresh_from_db()
    version, snapshot = row.version, review.current_snapshot(row)

    undo(merge=log, by=None)

    row.refresh_from_db()
    assert (row.version, row.events.last().kind) == (version + 1, "returned_by_undo")
    with pytest.raises(SubmissionChanged, match="Gone and Kept are two again: this is about Gone"):
        review.decide(row, Decision(reviewer=reviewer(), snapshot=snapshot, fields={"place": FieldDecision(True)}))
    assert accept_all(row).cluster == source


@pytest.mark.parametrize("kind", ["update", "closure"])
def test_the_review_page_names_the_cluster_in_its_head_and_the_line_in_its_history(kind: str) -> None:
    target, source = pair()
    row = closure_of(source) if kind == "closure" else update_of(source, email=ADA, place="Linz")
    merge(target=target, source=source, by=None, reason="One.")

    page = client_of(person("rita")).get(address(row)).content.decode()

    assert "about <strong>Kept</strong>" in page
    assert "Gone became part of Kept: this is about Kept now." in page
    assert "Moved by a merge" in page


# --- a page in somebody's browser ---


@pytest.mark.parametrize("purpose", ["freshness", "edit"])
@pytest.mark.parametrize("answer", ["correct", "edit", "closed"])
def test_an_answer_is_not_taken_for_the_cluster_that_was_not_on_the_page(
    client: Client, purpose: str, answer: str
) -> None:
    target, source = pair()
    ClusterEditor.objects.create(cluster=source, email=ADA)
    link = signed_links.issue(purpose, subject=source, email=ADA)
    address = reverse("publicforms:link", args=[signed_links.token_of(link)])
    shown = re.search(r'name="about" value="([^"]+)"', client.get(f"{address}?answer={answer}").content.decode())
    assert shown
    merge(target=target, source=source, by=None, reason="One.")

    page = client.post(f"{address}?answer={answer}", {"answer": answer, "about": shown[1]})

    assert page.status_code == 422
    assert "What you looked at is part of Kept now." in page.content.decode()
    target.refresh_from_db()
    link.refresh_from_db()
    assert (target.confirmed_on, link.used_at, Submission.objects.count()) == (None, None, 0)
    again = re.search(r'name="about" value="([^"]+)"', page.content.decode())
    assert again
    assert client.post(address, {"answer": answer, "about": again[1]}).status_code in (200, 302)


# --- what does not keep from undoing ---


def test_a_draft_that_was_filled_in_further_or_deleted_does_not_keep_from_undoing() -> None:
    target, source = pair()
    rows = [begun(source, place=place) for place in ("Linz", "Wels", "Steyr")]
    log = merge(target=target, source=source, by=None, reason="One.")
    drafts.save_draft(submission=rows[0], values={"place": "Villach"})
    submit.withdraw(submission=rows[1])
    rows[2].delete()

    undo(merge=log, by=None)

    assert sorted(source.submissions.values_list("status", "payload__place")) == [
        ("unconfirmed", "Villach"), ("withdrawn", "Wels"),
    ]  # fmt: skip


def test_the_nightly_deletion_does_not_keep_from_undoing() -> None:
    target, source = pair()
    begun(source, place="Linz")
    denied = update_of(source, email=ADA, phone="+43 1")
    review.decide(
        denied, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(denied), reason="No.", is_rejection=True)
    )
    link = signed_links.issue("edit", subject=source, email=ADA)
    log = merge(target=target, source=source, by=None, reason="One.")
    later = timezone.now() + timedelta(days=400)
    assert retention.delete_unconfirmed(now=later) == 1
    assert retention.anonymise(now=later) == 1
    LinkToken.objects.filter(pk=link.pk).delete()

    undo(merge=log, by=None)

    denied.refresh_from_db()
    assert (denied.target, denied.anonymised_at is None) == (source, False)


def test_a_decision_keeps_from_undoing_and_is_named() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    log = merge(target=target, source=source, by=None, reason="One.")
    row.refresh_from_db()
    review.decide(
        row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), reason="No.", is_rejection=True)
    )

    assert undo_blockers(log) == ["submissions: “Update: Gone” was decided since: rejected."]
    with pytest.raises(UndoNotPossible):
        undo(merge=log, by=None)


def test_a_question_to_the_submitter_does_not_keep_from_undoing() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    log = merge(target=target, source=source, by=None, reason="One.")
    row.refresh_from_db()
    snapshot = review.current_snapshot(row)
    request_changes(submission=row, reviewer=reviewer(), snapshot=snapshot, fields=["place"], text="Where?")

    undo(merge=log, by=None)

    row.refresh_from_db()
    assert (row.target, row.status) == (source, "changes_requested")


def test_a_merge_written_down_before_submissions_had_their_own_way_is_undone() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    log = merge(target=target, source=source, by=None, reason="One.")
    for part in log.moved:
        if part["provider"] == "submissions":
            part["records"] = [
                {
                    "pk": str(row.pk), "from": source.pk, "to": target.pk, "words": "Update: Gone",
                    "values": {"status": "pending", "version": "3"},
                }
            ]  # fmt: skip
    log.save()

    undo(merge=log, by=None)

    row.refresh_from_db()
    assert (row.target, row.trust) == (source, "domain")


# --- archived by staff, with and without a successor ---


def test_a_form_about_an_archived_cluster_begins_about_its_successor() -> None:
    target, source = pair()
    archived_into(source, target)

    row = begun(source, place="Linz")

    assert (row.target, row.name, row.base["place"]) == (target, "Kept", "Graz")


def test_a_form_about_a_cluster_that_left_the_catalogue_does_not_begin() -> None:
    source = ClusterFactory(published=True, name="Gone")
    archive_clusters(clusters=[source])

    with pytest.raises(IllegalMove, match=r"Gone is no longer in the catalogue.*tell us in a new submission"):
        begun(source, place="Linz")
    with pytest.raises(IllegalMove, match="Gone is no longer in the catalogue"):
        submit.propose(kind="update", channel="import", values={"place": "Linz"}, target=source)
    assert not Submission.objects.exists()


def test_the_end_of_one_that_became_part_of_another_is_no_news_about_the_other() -> None:
    target, source = pair()
    archived_into(source, target)

    with pytest.raises(IllegalMove, match="Gone is part of Kept now"):
        begun(source, "closure")


def test_a_proposal_about_an_archived_cluster_is_held_against_its_successor() -> None:
    target, source = pair()
    stale = review.read_values(source)
    archived_into(source, target)

    row = submit.propose(
        kind="update", channel="import", values={"place": "Linz", "phone": ""}, target=source, base=stale
    )

    assert (row.target, row.payload, row.base["place"]) == (target, {"place": "Linz"}, "Graz")


def test_a_draft_is_sent_about_the_successor() -> None:
    target, source = pair()
    row = begun(source, place="Linz")
    archived_into(source, target)
    assert submit.sending_problems(Submission.objects.get(pk=row.pk)) == {}

    row = submit.send(submission=row, notice=notice())

    assert (row.status, row.target, row.name) == ("pending", target, "Gone")
    assert "moved_to_successor" in [event.kind for event in row.events.all()]


def test_draft_of_a_cluster_that_left_the_catalogue_stays_and_its_page_says_why(client: Client) -> None:
    source = ClusterFactory(published=True, name="Gone")
    row, link = drafts.start_draft(
        kind="update", email=ADA, target=source, values={"place": "Linz"}, is_email_confirmed=True
    )
    archive_clusters(clusters=[source])

    with pytest.raises(SubmissionIncomplete, match=r"Gone is no longer in the catalogue.*in a new submission"):
        submit.send(submission=row, notice=notice())
    page = client.get(reverse("submissions:submit_step", args=[signed_links.token_of(link), "check"])).content.decode()

    row.refresh_from_db()
    assert (row.is_draft, row.payload) == (True, {"place": "Linz"})
    assert "Gone is no longer in the catalogue" in page


def test_the_end_of_a_cluster_that_left_the_catalogue_need_not_be_sent() -> None:
    source = ClusterFactory(published=True, name="Gone")
    row = begun(source, "closure")
    archive_clusters(clusters=[source])

    with pytest.raises(SubmissionIncomplete, match="Gone is not in the catalogue any more"):
        submit.send(submission=row, notice=notice())


def test_a_decision_about_an_archived_cluster_is_refused_and_goes_on_with_its_successor() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    archived_into(source, target)
    snapshot = review.current_snapshot(Submission.objects.get(pk=row.pk))

    with pytest.raises(SubmissionChanged, match="Gone is archived, and Kept took its place"):
        review.decide(row, Decision(reviewer=reviewer(), snapshot=snapshot, fields={"place": FieldDecision(True)}))

    row.refresh_from_db()
    assert (row.target, row.status) == (target, "pending")
    outcome = accept_all(row)
    assert (outcome.cluster, outcome.cluster.place) == (target, "Linz")
    source.refresh_from_db()
    assert source.place != "Linz"


def test_the_review_page_leads_on_to_the_successor() -> None:
    target, source = pair()
    row = update_of(source, email=ADA, place="Linz")
    archived_into(source, target)
    client = client_of(person("rita"))
    snapshot = client.get(address(row)).context["snapshot"]

    page = client.post(
        address(row),
        {"version": snapshot.version, "live": snapshot.live, "action": "decide", "field-place": "accept"},
    )

    assert page.status_code == 409
    assert "Gone is archived, and Kept took its place." in page.content.decode()
    assert "about <strong>Kept</strong>" in page.content.decode()


def test_a_closure_of_an_archived_cluster_stays_with_it() -> None:
    target, source = pair()
    row = closure_of(source)
    archived_into(source, target)

    assert accept_all(row).cluster == source
    target.refresh_from_db()
    assert target.status == "published"


def test_an_update_of_a_cluster_without_successor_is_not_accepted() -> None:
    source = ClusterFactory(published=True, name="Gone")
    row = update_of(source, email=ADA, place="Linz")
    archive_clusters(clusters=[source])

    with pytest.raises(DecisionNotPossible, match="Gone is archived"):
        accept_all(row)


# --- a new one that is an update ---


def test_sender_trust_is_computed_again_when_a_new_submission_becomes_an_update() -> None:
    cluster = ClusterFactory(published=True, email="ada@photonics.example")
    row = pending(place="Linz")
    assert row.trust == "unknown"

    row = turn_into_update(submission=row, cluster=cluster, reviewer=reviewer(), snapshot=review.current_snapshot(row))

    assert row.trust == "public"


def test_a_draft_of_a_new_cluster_is_about_none() -> None:
    row = draft()
    row = submit.send(submission=row, notice=notice())
    assert row.target is None
