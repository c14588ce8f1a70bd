"""Work that is interrupted anywhere goes on where it stopped, and nothing is done twice."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from catalogue.models import Cluster
from imports import tasks
from imports.models import ImportRow, SpreadsheetImport
from imports.services import approve, claims, dry_run, jobs, propose, upload
from spreadsheets import isolated
from spreadsheets.exceptions import FileProblem
from submissions.models import Submission
from tests.factories.catalogue import CountryFactory
from tests.factories.submissions import approver
from tests.imports.sheets import csv_bytes, finish, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ROWS = 25


class Killed(BaseException):
    """What a process does not survive; nothing in our code catches it."""


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch):
    CountryFactory(code="DE", name="Germany")
    monkeypatch.setattr(dry_run, "SLICE", 4)
    monkeypatch.setattr(propose, "SLICE", 4)


def started() -> SpreadsheetImport:
    lines = [["name", "country", "phone"], *[[f"Number {number} Thing", "DE", "+49 1 2345"] for number in range(ROWS)]]
    return upload.set_columns(spreadsheet=uploaded(csv_bytes(lines)), targets=["name", "country", "phone"], wakes=False)


def kill_at(monkeypatch, owner, name: str, times: int):
    """Let the call number ``times`` of a function end the process, after it did its work."""
    right, calls = getattr(owner, name), Counter()

    def deadly(*args, **kwargs):
        calls["n"] += 1
        found = right(*args, **kwargs)
        if calls["n"] == times:
            raise Killed
        return found

    monkeypatch.setattr(owner, name, deadly)


def time_passes(spreadsheet: SpreadsheetImport) -> None:
    """Let the claim of a killed worker run out."""
    SpreadsheetImport.objects.filter(pk=spreadsheet.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def lines_of(spreadsheet) -> list[int]:
    return list(spreadsheet.rows.order_by("number").values_list("number", flat=True))


@pytest.mark.parametrize("times", [1, 3, 6])
@pytest.mark.parametrize(("owner", "name"), [(claims.Claim, "renew"), (dry_run.RowChecker, "rows")])
def test_a_dry_run_that_is_killed_is_resumed(monkeypatch, owner, name, times):
    spreadsheet = started()
    kill_at(monkeypatch, owner, name, times)

    with pytest.raises(Killed):
        jobs.run(spreadsheet.pk)

    assert claims.waiting() == []  # the claim is still valid
    assert jobs.run(spreadsheet.pk) is False
    time_passes(spreadsheet)
    assert claims.waiting() == [spreadsheet.pk]
    tasks.resume_imports()
    spreadsheet.refresh_from_db()
    assert (spreadsheet.status, spreadsheet.rows_done, spreadsheet.counts) == ("checked", ROWS, {"new": ROWS})
    assert lines_of(spreadsheet) == list(range(2, ROWS + 2))


@pytest.mark.parametrize("times", [1, 5, 9, 20])
def test_proposing_that_is_killed_makes_one_submission_per_row(monkeypatch, times):
    spreadsheet = finish(started())
    propose.start_proposing(spreadsheet=spreadsheet, wakes=False)
    kill_at(monkeypatch, propose, "_submission", times)

    with pytest.raises(Killed):
        jobs.run(spreadsheet.pk)
    time_passes(spreadsheet)
    tasks.resume_imports()

    assert Submission.objects.count() == ROWS
    assert Submission.objects.values("name").distinct().count() == ROWS
    assert spreadsheet.rows.filter(submission=None).count() == 0
    assert SpreadsheetImport.objects.get().status == "proposed"


@pytest.mark.parametrize("times", [1, 7])
def test_approving_that_is_killed_makes_one_cluster_per_row(monkeypatch, times):
    spreadsheet = finish(propose.start_proposing(spreadsheet=finish(started()), wakes=False))
    approve.start_approving(spreadsheet=spreadsheet, approver=approver(), wakes=False)
    kill_at(monkeypatch, approve, "_approve_submission", times)

    with pytest.raises(Killed):
        jobs.run(spreadsheet.pk)
    time_passes(spreadsheet)
    tasks.resume_imports()

    assert Cluster.objects.count() == ROWS
    assert set(Submission.objects.values_list("status", flat=True)) == {"approved"}


def test_work_comes_in_short_tasks():
    spreadsheet = started()
    runs = 0
    while jobs.run(spreadsheet.pk, seconds=0):
        runs += 1
        assert not SpreadsheetImport.objects.get().claimed_by

    assert runs == 6
    assert lines_of(spreadsheet) == list(range(2, ROWS + 2))


def test_a_worker_whose_time_is_over_changes_nothing_any_more():
    spreadsheet = started()
    slow = claims.claim_import(spreadsheet.pk)
    assert claims.claim_import(spreadsheet.pk) is None
    time_passes(spreadsheet)
    finish(spreadsheet)

    with pytest.raises(claims.ClaimLost):
        dry_run.check(slow)
    with pytest.raises(claims.ClaimLost):
        slow.finish("failed")
    slow.release()

    assert ImportRow.objects.count() == ROWS
    assert SpreadsheetImport.objects.get().status == "checked"


def test_a_worker_that_lost_its_claim_to_another_stores_nothing_while_that_one_works():
    spreadsheet = started()
    slow = claims.claim_import(spreadsheet.pk)
    time_passes(spreadsheet)
    quick = claims.claim_import(spreadsheet.pk)

    with pytest.raises(claims.ClaimLost):
        slow.renew(rows_done=7)
    with pytest.raises(claims.ClaimLost):
        slow.finish("checked")
    slow.release()

    spreadsheet.refresh_from_db()
    assert (spreadsheet.status, spreadsheet.rows_done, spreadsheet.claimed_by) == ("checking", 0, quick.token)


@pytest.mark.parametrize("error", [FileProblem("x.csv is damaged."), LookupError("ours")])
def test_a_failure_after_the_claim_was_lost_is_nobodys(monkeypatch, error):
    spreadsheet = started()

    def fails_meanwhile(claim):
        propose.cancel(spreadsheet=spreadsheet, wakes=False)
        raise error

    monkeypatch.setitem(jobs._WORK, "checking", fails_meanwhile)

    assert jobs.run(spreadsheet.pk) is False
    spreadsheet.refresh_from_db()
    assert (spreadsheet.status, spreadsheet.problem) == ("cancelling", "")


def test_reading_that_is_killed_is_done_again(monkeypatch):
    content = csv_bytes([["name", "country"], ["A", "DE"]])
    spreadsheet = upload.create_import(file=ContentFile(content, name="x.csv"), name="x.csv", user=None, wakes=False)
    kill_at(monkeypatch, isolated, "inspect_file", 1)
    with pytest.raises(Killed):
        jobs.run(spreadsheet.pk)
    time_passes(spreadsheet)

    tasks.resume_imports()

    spreadsheet.refresh_from_db()
    assert (spreadsheet.status, spreadsheet.headers) == ("uploaded", ["name", "country"])


def test_cancelling_stops_a_worker_in_the_middle(monkeypatch):
    spreadsheet = started()
    right = dry_run.RowChecker.rows

    def cancelled_meanwhile(checker, lines):
        if ImportRow.objects.count() == 8:
            propose.cancel(spreadsheet=spreadsheet, wakes=False)
        return right(checker, lines)

    monkeypatch.setattr(dry_run.RowChecker, "rows", cancelled_meanwhile)
    assert jobs.run(spreadsheet.pk) is False
    monkeypatch.undo()

    finish(spreadsheet)
    assert (spreadsheet.status, ImportRow.objects.count()) == ("cancelled", 8)


def test_columns_chosen_again_restart_the_check():
    spreadsheet = finish(started())

    finish(upload.set_columns(spreadsheet=spreadsheet, targets=["name", "country", ""], wakes=False))

    assert ImportRow.objects.count() == ROWS
    assert not ImportRow.objects.filter(values__has_key="phone").exists()


def test_tasks_wake_each_other_until_all_is_done(monkeypatch):
    spreadsheet, right, calls = started(), jobs.run, []

    def run_one_slice(pk):
        calls.append(pk)
        return right(pk, seconds=0)

    monkeypatch.setattr(jobs, "run", run_one_slice)

    tasks.run_import(spreadsheet.pk)

    assert SpreadsheetImport.objects.get().status == "checked"
    assert len(calls) > 1
    tasks.run_import(spreadsheet.pk)  # nothing to do
    tasks.run_import(987_654)  # deleted
