"""Nothing is proposed or published twice: other imports, forms, and lines of the same file are held against a row."""

import pytest
from django.urls import reverse

from catalogue.models import Cluster
from duplicates.finder import DuplicateFinder
from duplicates.profiles import Candidate, Known
from imports.models import ImportRow
from imports.services import approve, decide, propose
from imports.services.decide import RowDecision
from submissions.models import Submission
from submissions.services import submit
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import accept_all, approver, pending, sent, update_of
from tests.imports.sheets import checked, csv_bytes, finish, proposed

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HEAD = ["name", "country", "phone"]
LINES = (
    ["Rhine Valley Robotics Alliance", "DE", "+49 1 2345"],
    ["Fresh Cluster", "AT", "+43 1 2345"],
    ["Sound of Munich", "DE", ""],
)


@pytest.fixture(autouse=True)
def robotics() -> Cluster:
    """Return a cluster that the first line updates."""
    CountryFactory(code="DE", name="Germany")
    CountryFactory(code="AT", name="Austria")
    return ClusterFactory(name="Rhine Valley Robotics Alliance", country_id="DE", published=True)


def sheet(*lines, name="first.csv", **options):
    return checked(csv_bytes([HEAD, *lines]), name, **options)


def outcomes(spreadsheet) -> list[tuple[int, str]]:
    return list(spreadsheet.rows.order_by("number").values_list("number", "outcome"))


def reasons(spreadsheet, number) -> list[str]:
    return spreadsheet.rows.get(number=number).matches[0]["reasons"]


def approved(spreadsheet, **options):
    return finish(approve.start_approving(spreadsheet=spreadsheet, approver=approver(), wakes=False, **options))


def test_file_that_waits_already_is_reported_line_by_line():
    proposed(sheet(*LINES))

    again = sheet(*LINES, name="second.csv")

    assert outcomes(again) == [(2, "proposed"), (3, "proposed"), (4, "proposed")]
    assert reasons(again, 2) == ["Already proposed by import first.csv, line 2"]
    assert reasons(again, 3) == ["Already proposed by import first.csv, line 3"]
    with pytest.raises(propose.ImportRefused, match="No row is new"):
        propose.start_proposing(spreadsheet=again)
    assert Submission.objects.count() == 3


def test_two_imports_of_one_file_that_were_checked_side_by_side():
    first, second = sheet(*LINES), sheet(*LINES, name="second.csv")
    proposed(first)

    second = proposed(second)

    assert outcomes(second) == [(2, "proposed"), (3, "proposed"), (4, "proposed")]
    assert reasons(second, 4) == ["Already proposed by import first.csv, line 4"]
    assert Submission.objects.count() == 3
    approved(first)
    assert Cluster.objects.count() == 3


def test_staff_may_say_that_it_is_proposed_once_more():
    proposed(sheet(*LINES))
    again = sheet(*LINES, name="second.csv")
    rows = {row.number: row for row in again.rows.all()}
    decide.decide_rows(
        spreadsheet=again,
        decisions={
            rows[2].pk: RowDecision("new"), rows[3].pk: RowDecision("new"), rows[4].pk: RowDecision("skip"),
        },
    )  # fmt: skip

    again = proposed(again)

    kinds = {row.number: row.submission and row.submission.kind for row in again.rows.all()}
    assert kinds == {2: "update", 3: "new", 4: None}
    assert Submission.objects.count() == 5


def test_row_is_proposed_again_after_the_first_proposal_was_decided():
    first = proposed(sheet(*LINES))
    finish(propose.cancel(spreadsheet=first, wakes=False))

    assert outcomes(sheet(*LINES, name="second.csv")) == [(2, "update"), (3, "new"), (4, "new")]


def test_another_value_is_another_proposal_and_a_new_one_is_for_staff_to_judge():
    proposed(sheet(*LINES))

    again = sheet(
        ["Rhine Valley Robotics Alliance", "DE", "+49 9 9999"], ["FRESH cluster", "AT", "+43 9 9999"], name="second.csv"
    )

    assert outcomes(again) == [(2, "update"), (3, "duplicate")]
    message = "A submission that waits for review proposes the same cluster: Fresh Cluster (import first.csv, line 3)"
    assert reasons(again, 3) == [message, "Same name and country"]


@pytest.mark.parametrize("name", ["Alpine Photonics Cluster", "ALPINE photonics-cluster", "Alpine Photonics Clusters"])
def test_a_form_that_waits_is_a_possible_duplicate(name):
    waiting = pending()

    spreadsheet = sheet([name, "AT", ""])

    row = spreadsheet.rows.get()
    assert (row.outcome, [match["submission"] for match in row.matches]) == ("duplicate", [waiting.pk])
    assert row.matches[0]["reasons"][0] == (
        "A submission that waits for review proposes the same cluster: Alpine Photonics Cluster (a submission that came "
        "by web form)"
    )
    # It is no cluster that could be updated yet.
    done = decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("update")})
    assert "waits for review and is no cluster yet" in done.refused[0]
    decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("new")})
    proposed(spreadsheet)
    assert Submission.objects.count() == 2


@pytest.mark.parametrize("name", ["Alpine Photonics Cluster", "Alpine Photonics Clusters"])
def test_a_form_that_came_between_check_and_proposal(name):
    spreadsheet = sheet([name, "AT", ""], ["Sound of Munich", "DE", ""])
    pending()

    proposed(spreadsheet)

    assert outcomes(spreadsheet) == [(2, "duplicate"), (3, "new")]
    assert Submission.objects.count() == 2


def test_same_update_by_the_form_is_reported_as_proposed_already(robotics):
    update_of(robotics, phone="+49 1 2345")

    spreadsheet = sheet(LINES[0])

    assert outcomes(spreadsheet) == [(2, "proposed")]
    assert reasons(spreadsheet, 2) == ["Already proposed by a submission that came by web form"]


def test_unconfirmed_and_withdrawn_forms_are_not_held_against_a_row():
    submit.withdraw(submission=pending())
    sent(name="Sound of Munich")

    assert outcomes(sheet(["Alpine Photonics Cluster", "AT", ""], ["Sound of Munich", "AT", ""])) == [
        (2, "new"), (3, "new"),
    ]  # fmt: skip


def test_staffs_word_on_one_cluster_says_nothing_of_another_that_came_since(robotics):
    spreadsheet = sheet(["Rhine Valley Robotics Alliances", "DE", ""])
    row = spreadsheet.rows.get()
    decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("new")})
    ClusterFactory(name="Rhine Valley Robotics Alliances", country_id="DE")

    proposed(spreadsheet)

    assert outcomes(spreadsheet) == [(2, "duplicate")]
    assert Submission.objects.count() == 0


# --- approving all at once ---


def test_a_cluster_that_came_into_being_since_the_proposal_is_left_to_a_reviewer():
    spreadsheet = proposed(sheet(*LINES))
    ClusterFactory(name="FRESH cluster", country_id="AT", found_via="A fair")

    approved(spreadsheet)

    row = spreadsheet.rows.get(number=3)
    assert row.submission.status == "pending"
    assert row.messages[""][0].startswith("“FRESH cluster” (A fair) may be the same cluster (")
    assert Cluster.objects.filter(sort_name="fresh cluster").count() == 1
    assert Cluster.objects.filter(name="Sound of Munich").count() == 1
    assert spreadsheet.status == "proposed"


def test_similar_lines_of_one_file_are_possible_duplicates_of_each_other():
    spreadsheet = sheet(
        ["Rhine Valley Photonics Network", "DE", ""], ["Sound of Vienna", "AT", ""], ["Photonics Network Rhine Valley", "DE", ""],
        ["Rhine Valey Photonics Network e.V.", "DE", ""],
    )  # fmt: skip

    assert outcomes(spreadsheet) == [(2, "new"), (3, "new"), (4, "duplicate"), (5, "duplicate")]
    match = spreadsheet.rows.get(number=4).matches[0]
    assert (match["line"], match["name"]) == (2, "Rhine Valley Photonics Network")
    assert match["reasons"][0] == "Like another line of this file"
    assert {entry["line"] for entry in spreadsheet.rows.get(number=5).matches} == {2, 4}
    page = sign_in("coordinator").get(
        reverse("admin:imports_spreadsheetimport_change", args=[spreadsheet.pk]) + "?show=duplicate"
    )
    assert 'May be <a href="?line=2">line 2</a>, Rhine Valley Photonics Network' in page.content.decode()
    proposed(spreadsheet)
    assert Submission.objects.count() == 2


def test_similar_lines_that_staff_calls_new_are_both_approved():
    spreadsheet = sheet(["Rhine Valley Photonics Network", "DE", ""], ["Photonics Network Rhine Valley", "DE", ""])
    row = spreadsheet.rows.get(number=3)
    done = decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("update")})
    assert "is another line of the file" in done.refused[0]
    decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("new")})

    approved(proposed(spreadsheet))

    assert {row.submission.status for row in spreadsheet.rows.all()} == {"approved"}


def test_lines_far_apart_are_held_against_each_other_by_whoever_goes_on(monkeypatch):
    from imports.services import dry_run, jobs, upload
    from tests.imports.sheets import uploaded

    monkeypatch.setattr(dry_run, "SLICE", 2)
    lines = [["Rhine Valley Photonics Network", "DE"], ["Alpha Song", "AT"], ["Beta Wood", "AT"], ["Gamma Steel", "AT"], ["Photonics Network Rhine Valley", "DE"]]  # fmt: skip
    spreadsheet = uploaded(csv_bytes([HEAD[:2], *lines]))
    upload.set_columns(spreadsheet=spreadsheet, targets=HEAD[:2], wakes=False)

    while jobs.run(spreadsheet.pk, seconds=0):
        pass

    assert outcomes(spreadsheet)[-1] == (6, "duplicate")


def test_lines_alike_that_nobody_saw_are_not_both_published():
    spreadsheet = sheet(["Rhine Valley Photonics Network", "DE", ""], ["Photonics Network Rhine Valley", "DE", ""])
    spreadsheet.rows.update(outcome="new", matches=[])
    proposed(spreadsheet)
    assert Submission.objects.count() == 2

    approved(spreadsheet)

    statuses = {row.number: row.submission.status for row in spreadsheet.rows.all()}
    assert statuses == {2: "approved", 3: "pending"}
    message = spreadsheet.rows.get(number=3).messages[""][0]
    assert message.startswith("“Rhine Valley Photonics Network” (Line 2 of first.csv) may be the same cluster")
    # A reviewer may still say that it is another one.
    accept_all(spreadsheet.rows.get(number=3).submission, publish=False)
    assert Cluster.objects.count() == 3


def test_two_submissions_of_one_cluster_are_approved_once_whichever_import_they_came_by():
    first, second = sheet(LINES[1]), sheet(LINES[1], name="second.csv")
    proposed(first)
    second = proposed(second)
    row = second.rows.get()
    decide.decide_rows(spreadsheet=second, decisions={row.pk: RowDecision("new")})
    second = proposed(second)

    approved(first)
    approved(second)

    assert Cluster.objects.filter(name="Fresh Cluster").count() == 1
    assert second.rows.get().submission.status == "pending"


def test_row_that_staff_calls_another_cluster_is_approved(robotics):
    spreadsheet = sheet(["Rhine Valley Robotics Alliances", "DE", ""])
    row = spreadsheet.rows.get()
    decide.decide_rows(spreadsheet=spreadsheet, decisions={row.pk: RowDecision("new")})

    approved(proposed(spreadsheet))

    assert ImportRow.objects.get().submission.status == "approved"


def test_finder_extended_one_by_one_finds_the_same_as_one_built_at_once(data):
    every = [
        Known(pk, Candidate(name, acronym, country=country, website=website))
        for pk, name, acronym, country, website in Cluster.objects.order_by("pk").values_list(
            "pk", "name", "acronym", "country_id", "website"
        )
    ]
    at_once, by_and_by = DuplicateFinder.among(every), DuplicateFinder.among(every[:80])
    for one in every[:80]:
        by_and_by.matches(one.candidate)  # what it remembers must not hide what comes
    for one in every[80:]:
        by_and_by.add(one)

    def hits(finder, candidate):
        return {match.cluster_id for match in finder.matches(candidate) if match.score > 0.7}

    for one in every:
        asked = Candidate(f"{one.candidate.name}s", country=one.candidate.country)
        assert hits(by_and_by, asked) == hits(at_once, asked)
        assert one.id in hits(by_and_by, one.candidate)
