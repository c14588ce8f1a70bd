"""From checked rows to submissions and live clusters: decisions, one submission per row, approval, taking back."""

import pytest
from django.contrib.auth.models import User

from catalogue.models import Cluster
from imports.exceptions import ImportRefused
from imports.models import ImportRow
from imports.services import approve, claims, decide, propose, upload
from imports.services.decide import RowDecision
from outbox.models import Message
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory, CountryFactory, TermFactory
from tests.factories.submissions import accept_all, approver
from tests.imports.sheets import checked, csv_bytes, finish, proposed

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HEAD = ["name", "country", "phone", "verticals"]


@pytest.fixture(autouse=True)
def _places():
    CountryFactory(code="DE", name="Germany")
    CountryFactory(code="AT", name="Austria")
    TermFactory(name="Health", slug="health")
    TermFactory(name="Space", slug="space")


@pytest.fixture
def robotics() -> Cluster:
    """Return a cluster that rows below resemble."""
    return ClusterFactory(name="Rhine Valley Robotics Alliance", country_id="DE", published=True)


def sheet(*lines, **options):
    return checked(csv_bytes([HEAD, *lines]), **options)


def row_of(spreadsheet, number) -> ImportRow:
    return spreadsheet.rows.get(number=number)


def approved(spreadsheet, **options):
    return finish(approve.start_approving(spreadsheet=spreadsheet, approver=approver(), wakes=False, **options))


def test_every_row_becomes_one_submission_and_nothing_is_live_before(robotics):
    spreadsheet = sheet(
        ["Rhine Valley Robotics Alliance", "DE", "+49 1 2345", ""],
        ["Fresh Cluster", "AT", "", "Health"],
        ["Wrong", "Nowhere", "", ""],
    )

    spreadsheet = proposed(spreadsheet)

    rows = {row.number: row for row in spreadsheet.rows.select_related("submission")}
    update, new = rows[2].submission, rows[3].submission
    assert (update.kind, update.channel, update.status, update.target, update.payload) == (
        "update", "import", "pending", robotics, {"phone": "+49 1 2345"},
    )  # fmt: skip
    assert (new.kind, new.name, new.country_id, new.payload) == (
        "new", "Fresh Cluster", "AT", {"name": "Fresh Cluster", "country": "AT", "verticals": ["health"]},
    )  # fmt: skip
    assert rows[4].submission is None
    assert (Submission.objects.count(), Cluster.objects.count(), Message.objects.count()) == (2, 1, 0)
    robotics.refresh_from_db()
    assert robotics.phone == ""
    assert (spreadsheet.status, spreadsheet.rows_done) == ("proposed", 2)


def test_approving_all_writes_history_and_leaves_new_ones_identified(robotics):
    spreadsheet = proposed(
        sheet(["Rhine Valley Robotics Alliance", "DE", "+49 1 2345", "Space"], ["Fresh Cluster", "AT", "", "Health"])
    )
    shown = approve.preview(spreadsheet)
    assert (shown.new, shown.new_without_summary, shown.updates, shown.fields) == (
        1,
        1,
        1,
        [("verticals", "Verticals", 1), ("phone", "Public phone", 1)],
    )

    approved(spreadsheet)

    robotics.refresh_from_db()
    fresh = Cluster.objects.get(name="Fresh Cluster")
    assert (robotics.phone, [term.slug for term in robotics.terms.all()]) == ("+49 1 2345", ["space"])
    assert (fresh.status, fresh.found_via) == ("identified", "Line 3 of clusters.csv")
    assert robotics.history.first().history_change_reason.startswith("Submission ")
    assert robotics.history.first().history_user == approver()
    assert robotics.confirmed_on is None  # a spreadsheet confirms nothing
    assert set(spreadsheet.rows.values_list("submission__status", flat=True)) == {"approved"}
    assert Message.objects.count() == 0


def test_like_rows_of_one_file_make_one_cluster():
    head = ["name", "country", "summary"]
    spreadsheet = checked(
        csv_bytes([head, ["Solar Ring Bavaria", "DE", "One."], ["Solarring Bavaria e.V.", "DE", "Two."]])
    )
    # Whatever the check did not find.
    spreadsheet.rows.update(outcome="new", matches=[])
    proposed(spreadsheet)

    approved(spreadsheet, publishes_new=True)

    left = row_of(spreadsheet, 3)
    assert (left.submission.status, Cluster.objects.count()) == ("pending", 1)
    assert left.messages[""][0].startswith("“Solar Ring Bavaria” (Line 2 of clusters.csv) may be the same cluster")


def test_new_ones_become_public_only_when_wanted_and_possible():
    head = ["name", "country", "summary"]
    spreadsheet = proposed(
        checked(csv_bytes([head, ["Solar Ring", "DE", "Gathers firms."], ["Baltic Wood", "DE", ""]]))
    )

    approved(spreadsheet, publishes_new=True)

    assert [str(cluster) for cluster in Cluster.objects.published()] == ["Solar Ring"]
    left = row_of(spreadsheet, 3)
    assert (left.submission.status, Cluster.objects.count()) == ("pending", 1)
    assert "lacks a summary" in left.messages[""][0]
    # What stays can still be approved another way.
    approved(spreadsheet)
    assert (Cluster.objects.count(), row_of(spreadsheet, 3).messages) == (2, {})


def test_a_profile_that_changed_meanwhile_is_left_to_a_reviewer(robotics):
    spreadsheet = proposed(
        sheet(["Rhine Valley Robotics Alliance", "DE", "+49 1 2345", ""], ["Fresh Cluster", "AT", "", ""])
    )
    Cluster.objects.filter(pk=robotics.pk).update(phone="+49 9 9999")

    approved(spreadsheet)

    robotics.refresh_from_db()
    row = row_of(spreadsheet, 2)
    assert (robotics.phone, row.submission.status) == ("+49 9 9999", "pending")
    assert row.messages == {
        "": [
            "The profile changed since the row was proposed: Public phone is now +49 9 9999. Decide on it in the review queue."
        ]
    }
    assert Cluster.objects.filter(name="Fresh Cluster").exists()
    assert spreadsheet.status == "proposed"


def test_one_by_one_in_the_queue_and_the_rest_at_once(robotics):
    spreadsheet = proposed(sheet(["Fresh Cluster", "AT", "", ""], ["Another One Here", "DE", "", ""]))

    accept_all(row_of(spreadsheet, 2).submission, publish=False)
    approved(spreadsheet)

    assert set(spreadsheet.rows.values_list("submission__status", flat=True)) == {"approved"}
    with pytest.raises(ImportRefused, match="decided already"):
        approve.start_approving(spreadsheet=spreadsheet, approver=None)


def test_possible_duplicates_wait_for_staff(robotics):
    spreadsheet = sheet(
        ["Rhine Valley Robotics Alliances", "DE", "+49 1 2345", ""], ["Rhine Valey Robotics Alliance", "DE", "", "Health"],
        ["Rhine Valley Robotic Alliance", "DE", "", "Space"], ["Fresh Cluster", "AT", "", ""],
    )  # fmt: skip
    assert decide.undecided(spreadsheet).count() == 3

    spreadsheet = proposed(spreadsheet)
    assert Submission.objects.count() == 1  # nothing is forced

    update, new, skip = (row_of(spreadsheet, number) for number in (2, 3, 4))
    decide.decide_rows(
        spreadsheet=spreadsheet,
        decisions={update.pk: RowDecision("update"), new.pk: RowDecision("new"), skip.pk: RowDecision("skip")},
    )
    assert row_of(spreadsheet, 2).changes == {"phone": ["", "+49 1 2345"]}

    spreadsheet = proposed(spreadsheet)
    kinds = {row.number: row.submission and row.submission.kind for row in spreadsheet.rows.all()}
    assert kinds == {2: "update", 3: "new", 4: None, 5: "new"}
    assert row_of(spreadsheet, 2).submission.target == robotics
    assert Submission.objects.count() == 3  # the one that was proposed before is not proposed again
    assert row_of(spreadsheet, 5).outcome == "new"


def test_two_rows_cannot_update_the_same_cluster(robotics):
    spreadsheet = sheet(
        ["Rhine Valley Robotics Alliances", "DE", "", ""], ["Rhine Valey Robotics Alliance", "DE", "", ""]
    )

    done = decide.decide_in_bulk(spreadsheet=spreadsheet, decision="update")

    assert (done.count, len(done.refused)) == (1, 1)
    assert "line 2 updates Rhine Valley Robotics Alliance already" in done.refused[0]


def test_many_are_decided_by_score_and_reason(robotics):
    spreadsheet = sheet(["Rhine Valley Robotics Alliances", "DE", "", ""], ["Rhine Valley Robotics", "DE", "", ""])
    scores = dict(spreadsheet.rows.values_list("number", "score"))
    (reason, count), *_more = decide.count_reasons(spreadsheet)

    assert decide.decide_in_bulk(spreadsheet=spreadsheet, decision="skip", max_score=0.1).count == 0
    assert decide.decide_in_bulk(spreadsheet=spreadsheet, decision="new", reason="another").count == 0
    assert decide.decide_in_bulk(spreadsheet=spreadsheet, decision="new", reason=reason).count == count
    assert set(scores.values()) != {None}
    # A decision can be taken back before the row is proposed.
    every = {row.pk: RowDecision("") for row in spreadsheet.rows.all()}
    decide.decide_rows(spreadsheet=spreadsheet, decisions=every)
    assert decide.undecided(spreadsheet).count() == 2
    with pytest.raises(ImportRefused, match="Choose update, new or skip"):
        decide.decide_in_bulk(spreadsheet=spreadsheet, decision="delete everything")


def test_a_cluster_that_came_into_being_since_the_check_is_not_made_twice():
    spreadsheet = sheet(["Fresh Cluster", "AT", "", ""], ["Another One Here", "DE", "", ""])
    ClusterFactory(name="FRESH cluster", country_id="AT")

    spreadsheet = proposed(spreadsheet)

    row = row_of(spreadsheet, 2)
    assert (row.outcome, row.submission, row.matches[0]["reasons"]) == (
        "duplicate",
        None,
        ["Same name and country, since the check"],
    )
    assert Submission.objects.count() == 1
    assert spreadsheet.counts == {"duplicate": 1, "new": 1}


def test_row_becomes_unchanged_or_an_error_when_its_profile_agrees_or_was_deleted(robotics):
    deleted = ClusterFactory(name="Short Lived Thing", country_id="AT")
    spreadsheet = sheet(
        ["Rhine Valley Robotics Alliance", "DE", "+49 1 2345", ""], ["Short Lived Thing", "AT", "+43 1 2345", ""],
        ["Fresh Cluster", "AT", "", ""],
    )  # fmt: skip
    Cluster.objects.filter(pk=robotics.pk).update(phone="+49 1 2345")
    deleted.delete()

    spreadsheet = proposed(spreadsheet)

    assert [row.outcome for row in spreadsheet.rows.all()] == ["unchanged", "error", "new"]
    assert "deleted since the check" in row_of(spreadsheet, 3).messages[""][0]


def test_gap_that_was_filled_since_the_check_is_not_overwritten_by_a_file_that_fills_gaps_only(robotics):
    spreadsheet = sheet(["Rhine Valley Robotics Alliance", "DE", "+49 1 2345", "Space"], fills_only=True)
    Cluster.objects.filter(pk=robotics.pk).update(phone="+49 9 8765")

    submission = row_of(proposed(spreadsheet), 2).submission

    assert submission.payload == {"verticals": ["space"]}


def test_importing_it_again_after_approval_changes_nothing(robotics):
    lines = (["Rhine Valley Robotics Alliance", "DE", "+49 1 2345", "Space"], ["Fresh Cluster", "AT", "", "Health"])
    approved(proposed(sheet(*lines)))

    assert sheet(*lines).counts == {"unchanged": 2}


def test_cancelling_withdraws_what_waits_and_keeps_what_was_decided():
    spreadsheet = proposed(sheet(["Fresh Cluster", "AT", "", ""], ["Another One Here", "DE", "", ""]))
    accept_all(row_of(spreadsheet, 2).submission, publish=False)

    finish(propose.cancel(spreadsheet=spreadsheet, wakes=False))

    assert spreadsheet.__class__.objects.get().status == "cancelled"
    assert {row.number: row.submission.status for row in spreadsheet.rows.all()} == {2: "approved", 3: "withdrawn"}
    with pytest.raises(ImportRefused, match="cancelled already"):
        propose.cancel(spreadsheet=spreadsheet)


def test_service_refuses_what_the_state_of_the_import_forbids():
    spreadsheet = sheet(["Fresh Cluster", "AT", "", ""])
    with pytest.raises(ImportRefused, match="nothing can be approved"):
        approve.start_approving(spreadsheet=spreadsheet, approver=None)
    propose.start_proposing(spreadsheet=spreadsheet, wakes=False)
    for refused in (
        lambda: propose.start_proposing(spreadsheet=spreadsheet),
        lambda: upload.set_columns(spreadsheet=spreadsheet, targets=HEAD),
        lambda: upload.read_again(spreadsheet=spreadsheet),
        lambda: decide.decide_in_bulk(spreadsheet=spreadsheet, decision="new"),
        lambda: propose.retry(spreadsheet=spreadsheet),
    ):
        with pytest.raises(ImportRefused):
            refused()
    finish(spreadsheet)
    with pytest.raises(ImportRefused, match="No row is new"):
        propose.start_proposing(spreadsheet=spreadsheet)


def test_unexpected_error_fails_the_import_and_can_be_retried(monkeypatch, caplog):
    spreadsheet = sheet(["Fresh Cluster", "AT", "", ""])
    propose.start_proposing(spreadsheet=spreadsheet, wakes=False)
    monkeypatch.setattr(propose, "_submission", lambda *args: 1 / 0)

    finish(spreadsheet)

    assert (spreadsheet.status, spreadsheet.stopped_in) == ("failed", "proposing")
    assert "Try again" in spreadsheet.problem
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    finish(propose.retry(spreadsheet=spreadsheet))
    assert (Submission.objects.count(), spreadsheet.__class__.objects.get().status) == (1, "proposed")


def test_approval_by_somebody_is_their_decision():
    spreadsheet = proposed(sheet(["Fresh Cluster", "AT", "", ""]))
    boss = approver("boss")

    finish(approve.start_approving(spreadsheet=spreadsheet, approver=boss, wakes=False))

    assert Submission.objects.get().reviewer == boss
    assert claims.waiting() == []


def test_an_unexpected_error_at_one_row_stops_none_of_the_others(monkeypatch, caplog):
    spreadsheet = proposed(sheet(*[[name, "DE", "", ""] for name in ("Alpine Optics", "Baltic Marine", "Celtic Song")]))
    right = approve.review.decide

    def decide_or_fail(submission, *args, **options):
        outcome = right(submission, *args, **options)
        if submission.name == "Baltic Marine":
            raise ZeroDivisionError("the portal's own mistake")
        return outcome

    monkeypatch.setattr(approve.review, "decide", decide_or_fail)
    spreadsheet = approved(spreadsheet)

    assert {row.number: row.submission.status for row in spreadsheet.rows.all()} == {
        2: "approved", 3: "pending", 4: "approved",
    }  # fmt: skip
    assert row_of(spreadsheet, 3).messages == {
        "": [
            "An unexpected error kept it from being approved; it is in the portal's log. Decide on it in the review queue, "
            "or ask an operator."
        ]
    }
    assert "the portal's own mistake" in caplog.text
    # What it had done is taken back.
    assert not Cluster.objects.filter(name="Baltic Marine").exists()
    assert (spreadsheet.status, spreadsheet.problem) == ("proposed", "")


def _is_locked_out(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def _loses_the_permission(user):
    user.user_permissions.remove(*user.user_permissions.filter(codename="approve_import"))


def _leaves_staff(user):
    User.objects.filter(pk=user.pk).update(is_staff=False)


def _is_deleted(user):
    user.delete()


@pytest.mark.parametrize("event", [_is_locked_out, _loses_the_permission, _leaves_staff, _is_deleted])
def test_who_may_not_approve_any_more_stops_the_import(event, monkeypatch):
    monkeypatch.setattr(approve, "CHECK_PERMISSION_EVERY", 2)
    names = ("Alpine Optics", "Baltic Marine", "Celtic Song", "Danube Steel")
    spreadsheet = proposed(sheet(*[[name, "DE", "", ""] for name in names]))
    user, right, calls = approver(), approve._approve_submission, []

    def approve_then_interfere(row, *args):
        calls.append(row.number)
        result = right(row, *args)
        if len(calls) == 2:
            event(user)
        return result

    monkeypatch.setattr(approve, "_approve_submission", approve_then_interfere)
    spreadsheet = approved(spreadsheet)

    assert calls == [2, 3]
    assert spreadsheet.status == "proposed"
    assert spreadsheet.problem.startswith("The approval stopped: ")
    assert spreadsheet.problem.endswith("Somebody else may approve the rest.")
    assert Cluster.objects.count() == 2
    # Somebody who may goes on.
    finish(approve.start_approving(spreadsheet=spreadsheet, approver=approver("other"), wakes=False))
    assert (spreadsheet.__class__.objects.get().problem, Cluster.objects.count()) == ("", 4)


def test_to_publish_needs_its_own_permission_until_the_end():
    spreadsheet = proposed(sheet(["Alpine Optics", "DE", "", ""]))
    user = approver()
    spreadsheet = approve.start_approving(spreadsheet=spreadsheet, approver=user, publishes_new=True, wakes=False)
    user.user_permissions.remove(*user.user_permissions.filter(codename="publish_cluster"))

    finish(spreadsheet)

    assert (spreadsheet.status, Cluster.objects.count()) == ("proposed", 0)
    assert "anna may not approve a whole import any more" in spreadsheet.problem
