"""Decisions after the catalogue changed under the review page: new duplicates, merged and archived clusters."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.services.clusters import archive_clusters
from duplicates.merging.services import merge
from submissions import links
from submissions.exceptions import DecisionNotPossible, SubmissionChanged, SubmissionIncomplete
from submissions.fields.choices import Choices
from submissions.models import Submission
from submissions.review.difference import difference
from submissions.services import review, submit
from submissions.services.bulk import approve_each
from submissions.services.change_kind import turn_into_update
from submissions.services.checks import run_checks
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, TermFactory
from tests.factories.consortium import UserFactory
from tests.factories.submissions import accept_all, pending, reviewer, update_of
from tests.submissions.review.conftest import address, client_of
from tests.submissions.review.test_bulk import APPROVE, form_of, ids
from tests.submissions.review.test_checks import nothing, taking

pytestmark = pytest.mark.django_db
Status = Submission.Status


def checked(**values) -> Submission:
    """Return a new submission that the worker looked at."""
    row = pending(**values)
    run_checks(row.pk, get=nothing, ask_domain=taking)
    row.refresh_from_db()
    return row


def closure_of(cluster: Cluster) -> Submission:
    return submit.propose(kind="closure", channel="reminder", values={}, target=cluster, email="ada@photonics.example")


# --- the same cluster sent twice ---


def test_of_two_identical_submissions_the_service_approves_the_first():
    first, second = checked(email="ada@photonics.example"), checked(email="bob@photonics.example")

    results = list(approve_each([first, second], reviewer=reviewer()))

    assert results[0].reason == ""
    assert "may be the same cluster (the name is the same)" in results[1].reason
    assert Cluster.objects.count() == 1
    second.refresh_from_db()
    assert second.status == Status.PENDING


@pytest.mark.parametrize(
    "name", ["ALPINE PHOTONICS CLUSTER", "Alpine Photonics-Cluster", "Alpine Photonic Cluster e.V."]
)
def test_a_new_cluster_of_a_similar_name_is_refused(name):
    first, second = checked(), checked(name=name, email="bob@photonics.example")

    results = list(approve_each([first, second], reviewer=reviewer()))

    assert [bool(result.reason) for result in results] == [False, True]
    assert Cluster.objects.count() == 1


def test_approving_several_names_the_duplicate_among_them(client):
    first, second = checked(), checked(email="bob@photonics.example")
    for row in (first, second):
        Submission.objects.filter(pk=row.pk).update(checks=[], checked_at=timezone.now())

    context = client.get(APPROVE, {"ids": ids(first, second)}).context

    assert not context["trivial"]
    assert {"It may be the same cluster as “Alpine Photonics Cluster”, which is ticked too"} == {
        obstacle for item in context["others"] for obstacle in item.obstacles
    }


def test_one_page_after_the_other_publishes_the_cluster_once(client):
    first = checked()
    form = form_of(client.get(APPROVE, {"ids": ids(first)}).context)
    second = checked(email="bob@photonics.example")
    accept_all(second)

    text = client.post(APPROVE, form, follow=True).content.decode()

    assert "Duplicates: It may be 1 cluster that we have." in text
    assert Cluster.objects.count() == 1


def test_a_new_duplicate_refuses_the_decision_until_the_reviewer_was_shown_it(client, page):
    row = checked()
    form = page(row, action="decide")
    accept_all(checked(email="bob@photonics.example"))

    refused = client.post(address(row), form)

    assert refused.status_code == 409
    assert "may be the same cluster" in refused.content.decode()
    assert Cluster.objects.count() == 1
    again = page(row, action="decide", alike=",".join(str(key) for key in refused.context["snapshot"].duplicates))
    assert client.post(address(row), again).status_code == 302
    assert Cluster.objects.count() == 2


def test_the_page_offers_duplicates_that_came_after_the_check(client):
    row = checked()
    came = accept_all(checked(email="bob@photonics.example")).cluster

    context = client.get(address(row)).context

    assert [possible.cluster for possible in context["duplicates"]] == [came]
    assert context["snapshot"].duplicates == {came.pk}


def test_a_cluster_of_another_country_is_no_duplicate():
    CountryFactory(code="DE", name="Germany")
    first, second = checked(name="Photonics Cluster Alpha"), checked(name="Photonics Cluster Beta", country="DE")

    results = list(approve_each([first, second], reviewer=reviewer()))

    assert [result.reason for result in results] == ["", ""]


def test_an_update_that_takes_the_name_of_another_cluster_is_refused():
    ClusterFactory(name="Alpine Lasers", country=CountryFactory(code="AT"))
    row = update_of(ClusterFactory(published=True, country=CountryFactory(code="AT")), name="Alpine Lasers")

    with pytest.raises(SubmissionChanged, match="Alpine Lasers"):
        review.decide(
            row,
            Decision(
                reviewer=reviewer(),
                snapshot=review.ReviewSnapshot(row.version, review.current_snapshot(row).live),
                fields={"name": FieldDecision(True)},
            ),
        )


# --- archived targets ---


def test_turning_into_an_update_of_a_merged_cluster_takes_its_successor():
    row = checked()
    source, target = ClusterFactory(published=True, name="Alpine Photonics Clusters"), ClusterFactory(published=True)
    merge(target=target, source=source, by=None, reason="One.")

    row = turn_into_update(submission=row, cluster=source, reviewer=reviewer(), snapshot=review.current_snapshot(row))

    assert row.target == target
    assert row.base["name"] == target.name


def test_possible_duplicates_name_the_successors_of_merged_clusters():
    target = ClusterFactory(published=True, name="Something else entirely", country=CountryFactory(code="AT"))
    source = ClusterFactory(published=True, name="Alpine Photonics Cluster", country=CountryFactory(code="AT"))
    row = checked()
    merge(target=target, source=source, by=None, reason="One.")

    assert review.current_snapshot(row).duplicates == {target.pk}


def test_an_archived_cluster_without_successor_takes_no_updates(client, page):
    source = ClusterFactory(published=True, name="Alpine Photonics Clusters")
    new, update = checked(), update_of(source, place="Linz")
    archive_clusters(clusters=[source])

    with pytest.raises(DecisionNotPossible, match="is archived: nobody would see the update"):
        turn_into_update(submission=new, cluster=source, reviewer=reviewer(), snapshot=review.current_snapshot(new))
    answer = client.post(address(update), page(update, action="decide"))

    assert "is archived: nobody would see the update" in answer.content.decode()
    update.refresh_from_db()
    new.refresh_from_db()
    assert (update.status, new.kind) == (Status.PENDING, "new")
    outcome = review.decide(
        update,
        Decision(reviewer=reviewer(), snapshot=review.current_snapshot(update), reason="It closed.", is_rejection=True),
    )
    assert outcome.submission.status == Status.REJECTED


# --- closures ---


def _edited(cluster: Cluster) -> None:
    cluster.refresh_from_db()
    cluster.summary = "It is alive and has moved."
    cluster.save()


def _archived(cluster: Cluster) -> None:
    archive_clusters(clusters=[cluster])


def _merged(cluster: Cluster) -> None:
    merge(target=ClusterFactory(published=True, name="The heir"), source=cluster, by=None, reason="One.")


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (_edited, "Summary of the live profile is now: It is alive and has moved."),
        (_archived, "is archived now."),
        (_merged, "of the live profile is now: The heir."),
    ],
)
def test_a_closure_is_refused_when_the_profile_is_not_the_one_of_the_snapshot(client, page, happens, words):
    cluster = ClusterFactory(published=True)
    row = closure_of(cluster)
    form = page(row, action="decide", **{"field-closure": "accept"})
    happens(cluster)

    answer = client.post(address(row), form)

    assert answer.status_code == 409
    assert words in answer.content.decode().replace("&#x27;", "'")
    row.refresh_from_db()
    assert row.status == Status.PENDING


def test_a_closure_of_what_was_merged_says_what_would_leave(client):
    cluster = ClusterFactory(published=True, name="The old one")
    row = closure_of(cluster)
    _merged(cluster)

    text = client.get(address(row)).content.decode()

    assert "It was sent about “The old one”." in text
    assert "agreeing takes The heir out of the catalogue" in text


# --- what went stale, and what the record of a decision says ---


def test_a_term_deleted_meanwhile_does_not_keep_the_submitter_from_answering():
    term = TermFactory(vocabulary="vertical", slug="photonics")
    row = checked(verticals=["photonics"])
    request_changes(
        submission=row,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(row),
        fields=["summary"],
        text="Longer, please.",
    )
    term.delete()

    row = submit.answer_changes(submission=row, values={"summary": "Gathers forty firms that build lasers."})

    assert (row.status, row.payload["summary"]) == (Status.PENDING, "Gathers forty firms that build lasers.")
    with pytest.raises(DecisionNotPossible) as refusal:
        accept_all(row)
    assert list(refusal.value.errors) == ["verticals"]


def test_an_answer_with_a_wrong_value_is_refused():
    row = checked()
    request_changes(
        submission=row,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(row),
        fields=["website"],
        text="Which one?",
    )

    with pytest.raises(SubmissionIncomplete) as refusal:
        submit.answer_changes(submission=row, values={"website": "not an address"})

    assert list(refusal.value.errors) == ["website"]


def test_a_decided_submission_shows_the_profile_it_was_decided_against(client):
    cluster = ClusterFactory(published=True, place="Graz")
    row = update_of(cluster, place="Linz")
    cluster.place = "Villach"
    cluster.save()
    accept_all(row)
    row.refresh_from_db()

    changed = difference(row, Choices.load()).changed

    assert [(line.live, line.was, line.proposed) for line in changed] == [("Villach", "Graz", "Linz")]
    status = Client().get(links.status_path(row)).content.decode()
    assert "Villach" in status
    assert "Graz" not in status


def test_the_history_links_the_submission_and_shows_the_values_of_the_reviewer(client):
    network = NetworkFactory(slug="ring")
    cluster = ClusterFactory(published=True, place="Graz", networks=[])
    row = update_of(cluster, place="Linz", networks=["ring"])
    decisions = {"place": FieldDecision(True, value="Wels", is_edited=True), "networks": FieldDecision(True)}
    review.decide(row, Decision(reviewer=reviewer("otto"), snapshot=review.current_snapshot(row), fields=decisions))

    page = client.get(reverse("admin:catalogue_cluster_history", args=[cluster.pk])).content.decode()

    assert f'<a href="{address(row)}">Update: {cluster.name}</a>' in page
    assert "Town: the reviewer wrote “Wels” in place of “Linz”." in page
    version = network.history.first()
    assert (version.history_change_reason, version.history_user) == (
        f"Submission {row.public_id}", reviewer("otto"),
    )  # fmt: skip


def test_readers_of_the_history_who_may_not_see_submissions_get_no_link():
    cluster = ClusterFactory(published=True, place="Graz")
    accept_all(update_of(cluster, place="Linz"))
    reader = client_of(UserFactory(username="reader"))
    reader_user = User.objects.get(username="reader")
    reader_user.user_permissions.add(Permission.objects.get(codename="view_cluster"))

    page = reader.get(reverse("admin:catalogue_cluster_history", args=[cluster.pk]))

    assert page.status_code == 200
    assert "/admin/submissions/submission/" not in page.content.decode()


def test_an_update_of_a_cluster_into_which_a_namesake_was_merged_can_be_approved():
    target = ClusterFactory(published=True, name="Foo", website="https://foo.example/")
    source = ClusterFactory(published=True, name="Foo", country=target.country)
    merge(target=target, source=source, by=None, reason="One.")
    row = update_of(target, website="https://new.example/")

    accept_all(row)

    target.refresh_from_db()
    assert target.website == "https://new.example/"
