"""Fields that depend on another one, a town and its coordinates; turning into an update; questions and answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.models import Cluster
from submissions.exceptions import DecisionNotPossible, IllegalMove
from submissions.models import ClusterEditor, Submission, SubmissionEvent
from submissions.review.events import event_of
from submissions.services import review, submit
from submissions.services.change_kind import turn_into_new, turn_into_update
from submissions.services.dependent_fields import is_one_town, relocation_effects
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from submissions.services.state_machine import assign
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.submissions import accept_all, pending, reviewer, update_of
from tests.submissions.review.conftest import address

pytestmark = pytest.mark.both_databases

YES, NO = FieldDecision(True), FieldDecision(False, "We know better.")


def decided(row: Submission, **decisions: FieldDecision) -> review.Outcome:
    return review.decide(row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=decisions))


def in_graz(**more: Any) -> Cluster:
    values: dict[str, Any] = {
        "place": "Graz", "place_local_name": "Gradec", "latitude": "47.07", "longitude": "15.44", "precision": "seat",
        "country": CountryFactory(code="AT"),
    }  # fmt: skip
    return ClusterFactory(published=True, **values | more)


# --- fields that say nothing alone ---


@pytest.mark.django_db
def test_a_refused_number_refuses_its_qualifier():
    cluster = ClusterFactory(published=True)
    row = update_of(cluster, members=120, members_qualifier="at_least", members_as_of="2026-01-31", place="Linz")

    outcome = decided(row, members=NO, members_qualifier=YES, members_as_of=YES, place=YES)

    cluster.refresh_from_db()
    assert (cluster.members, cluster.members_qualifier, cluster.members_as_of, cluster.place) == (
        None,
        "",
        None,
        "Linz",
    )
    assert outcome.refused == ("members", "members_qualifier", "members_as_of")
    assert outcome.submission.decisions["members_as_of"]["reason"] == (
        "It goes with “Members”, which was not taken over."
    )


@pytest.mark.django_db
def test_a_field_refused_with_its_leader_needs_no_reason_of_its_own():
    row = update_of(ClusterFactory(published=True), members=120, members_qualifier="exact", place="Linz")

    outcome = decided(row, members=NO, members_qualifier=FieldDecision(False), place=YES)

    assert outcome.refused == ("members", "members_qualifier")
    assert outcome.submission.decisions["members_qualifier"]["reason"].startswith("It goes with “Members”")


@pytest.mark.django_db
def test_a_refused_field_needs_a_reason_of_its_own_or_for_all():
    cluster = ClusterFactory(published=True, place="Graz")
    row = update_of(cluster, place="Linz", phone="+43 1 2345")

    with pytest.raises(DecisionNotPossible) as refusal:
        decided(row, place=FieldDecision(False), phone=YES)
    assert list(refusal.value.errors) == ["place"]
    cluster.refresh_from_db()
    assert (cluster.place, cluster.phone) == ("Graz", "")

    review.decide(
        row,
        Decision(
            reviewer=reviewer(),
            snapshot=review.current_snapshot(row),
            fields={"place": FieldDecision(False), "phone": YES},
            reason="The rest is for the autumn.",
        ),
    )
    cluster.refresh_from_db()
    assert (cluster.place, cluster.phone) == ("Graz", "+43 1 2345")


# --- a town and what was found out for it ---


@pytest.mark.django_db
def test_another_town_empties_the_coordinates_of_the_old_one(client):
    cluster = in_graz()

    accept_all(update_of(cluster, place="Linz"))

    cluster.refresh_from_db()
    assert (cluster.place, cluster.place_local_name, cluster.latitude, cluster.longitude, cluster.precision) == (
        "Linz", "", None, None, "",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_town_that_we_know_brings_its_coordinates_and_the_page_says_so(client):
    in_graz(place="Linz", place_local_name="", latitude="48.31", longitude="14.29")
    cluster = in_graz()
    row = update_of(cluster, place="Linz")

    assert "With it go the coordinates and the local name" in client.get(address(row)).content.decode()
    accept_all(row)

    cluster.refresh_from_db()
    assert (str(cluster.latitude), str(cluster.longitude), cluster.precision) == ("48.3100", "14.2900", "seat")


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"place": "GRAZ"}, {"place": "Graz-Umgebung"}, {"phone": "+43 1 2345"}])
def test_another_spelling_of_the_town_leaves_the_coordinates(values):
    cluster = in_graz()

    assert relocation_effects(cluster, values) == {}


@pytest.mark.django_db
def test_coordinates_of_the_submission_itself_are_written():
    row = update_of(in_graz(), place="Linz", latitude="48.3", longitude="14.3", precision="seat")

    cluster = accept_all(row).cluster

    assert (str(cluster.latitude), cluster.precision, cluster.place_local_name) == ("48.3", "seat", "")


@given(st.text(max_size=30), st.text(max_size=30))
def test_whether_two_names_are_one_town_does_not_depend_on_the_order(one, other):
    assert is_one_town(one, other) == is_one_town(other, one)
    assert is_one_town(one, one)


# --- an update that is a new cluster after all ---


@pytest.mark.django_db
def test_an_update_can_be_made_a_new_cluster_again_and_loses_nothing(client, page):
    row = pending(phone="+43 1 2345")
    sent = dict(row.payload)
    known = ClusterFactory(published=True, name="Alpine Photonics", phone="+43 1 2345", country=row.country)
    turn_into_update(submission=row, cluster=known, reviewer=reviewer(), snapshot=review.current_snapshot(row))
    row.refresh_from_db()
    assert "phone" not in row.payload

    assert "It is a new one after all" in client.get(address(row)).content.decode()
    answer = client.post(address(row), page(row, action="new-after-all"))

    row.refresh_from_db()
    assert answer.status_code == 302
    assert (row.kind, row.target, row.payload, row.name) == ("new", None, sent, "Alpine Photonics Cluster")
    assert [event.kind for event in row.events.all()][-2:] == ["became_update", "became_new"]


@pytest.mark.django_db
def test_an_answer_that_says_what_the_profile_says_stays_when_it_becomes_new_again():
    row = pending(place="Linz", email="ada@photonics.example")
    known = ClusterFactory(published=True, place="Graz", country=row.country)
    ClusterEditor.objects.create(cluster=known, email="ada@photonics.example")
    row = turn_into_update(submission=row, cluster=known, reviewer=reviewer(), snapshot=review.current_snapshot(row))
    assert row.trust == "editor"
    row = request_changes(
        submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row), fields=["place"], text="Where?"
    )
    row = submit.answer_changes(submission=row, values={"place": "Graz"}, message="")
    assert "place" not in row.payload

    row = turn_into_new(submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row))

    assert (row.payload["place"], row.trust) == ("Graz", "unknown")


@pytest.mark.django_db
def test_an_assignment_reads_as_one_after_its_name_was_removed():
    row = pending()
    assign(submissions=[row], to=reviewer(), by=reviewer())
    assign(submissions=[row], to=None, by=reviewer())
    SubmissionEvent.objects.update(text="")

    found = [event_of(event).what for event in row.events.filter(kind="assigned").order_by("pk")]

    assert found == ["Assigned", "Given back: unassigned"]


@pytest.mark.django_db
def test_an_update_that_nobody_turned_cannot_become_new(client):
    row = update_of(ClusterFactory(published=True), place="Linz")

    with pytest.raises(IllegalMove):
        turn_into_new(submission=row, reviewer=reviewer(), snapshot=review.current_snapshot(row))
    assert "It is a new one after all" not in client.get(address(row)).content.decode()


# --- questions and answers ---


@pytest.mark.django_db
def test_the_answer_is_assigned_to_whoever_asked_for_changes(rita):
    row = pending()
    request_changes(
        submission=row, reviewer=rita, snapshot=review.current_snapshot(row), fields=["summary"], text="Longer, please."
    )

    row = submit.answer_changes(submission=row, values={"summary": "Gathers forty firms that build lasers."})

    assert (row.status, row.assigned_to) == ("pending", rita)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "open_box", "closed_box"),
    [("reject", "reject-box", "approve-box"), ("changes", "changes-box", "approve-box")],
)
def test_the_box_that_was_used_comes_back_open_with_its_message(client, page, action, open_box, closed_box):
    row = pending()

    text = client.post(address(row), page(row, action=action)).content.decode()

    box = text.partition(f'id="{open_box}"')[2]
    assert box.partition(">")[0].strip() == "open"
    assert 'class="error"' in box.partition("</details>")[0]
    other = text.partition(f'id="{closed_box}"')[2]
    assert other.partition(">")[0].strip() == ""
    assert 'class="error"' not in other.partition("</details>")[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "more", "value"),
    [
        ("changes", {"ask": ["summary"], "changes_text": "Longer."}, "changes"),
        ("reject", {"reject_reason": "No cluster."}, "reject"),
        ("decide", {}, "decide"),
    ],
)
def test_a_previewed_mail_can_be_sent_from_there(client, page, what, more, value):
    row = pending()

    text = client.post(address(row), page(row, action=f"preview:{what}", **more)).content.decode()

    preview = text.partition('id="preview"')[2].partition("</section>")[0]
    assert f'name="action" value="{value}"' in preview


@pytest.mark.django_db
def test_the_decided_page_says_what_the_reviewer_wrote(client):
    row = update_of(ClusterFactory(published=True, place="Graz"), place="Linz")
    decided(row, place=FieldDecision(True, value="Wels", is_edited=True))

    assert "The reviewer wrote: <q>Wels</q>" in client.get(address(row)).content.decode()
