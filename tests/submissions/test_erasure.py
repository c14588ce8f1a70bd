"""A person who was erased is in no table any more; a failed row of a nightly run is shown to staff."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from duplicates.merging.services import merge
from duplicates.merging.undo import undo
from imports.models import ImportRow, SpreadsheetImport
from imports.tasks import delete_old_spreadsheets
from outbox.models import Message, MessageEvent
from publicforms import links as signed_links
from publicforms.models import LinkToken
from quality import freshness
from quality.tasks import forget_freshness_addresses
from questions.tasks import delete_old_questions
from submissions import emails, links, tasks
from submissions.models import ClusterEditor, Submission
from submissions.services import drafts, retention, review
from submissions.services.review import Decision
from tests.concurrency import at_once
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import accept_all, draft, pending, reviewer, sent, update_of
from tests.mail import sent_mails
from tests.submissions.test_retention import VALUES, WORD, asked_and_answered, long_ago, personal, traces
from workplace.erasure import erase_person
from workplace.models import NightlyRun
from workplace.nightly import RowsFailed, nightly_jobs

pytestmark = pytest.mark.django_db
EMAIL = f"{WORD}@photonics.example"


# --- A person ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [EMAIL, f" {EMAIL.upper()} "])
def test_a_person_who_is_erased_is_in_no_table(typed: str) -> None:
    approved = personal(summary="Builds lasers.", description="", email="")
    accept_all(approved)
    asked_and_answered(personal(name="Other"))
    rejected = personal(name="Third")
    review.decide(
        rejected,
        Decision(
            reviewer=reviewer(), snapshot=review.current_snapshot(rejected), reason=f"No, {WORD}.", is_rejection=True
        ),
    )
    draft(email=EMAIL, description=WORD)
    sent(email=EMAIL, name="Fifth", description=WORD)
    cluster = ClusterFactory(published=True, email=EMAIL)
    freshness.run_plan()
    Cluster.objects.update(email="")
    Cluster.history.update(email="")
    emails.send_edit_link(cluster, EMAIL)
    signed_links.issue(links.Purpose.EDIT, subject=cluster, email=EMAIL)
    spreadsheet = SpreadsheetImport.objects.create(file="imports/x.csv", file_name="x.csv", status="proposed")
    row = pending(email=EMAIL, name="Sixth")
    ImportRow.objects.create(
        spreadsheet=spreadsheet, number=2, outcome="new", submission=row, values={"name": "Alpine", "email": EMAIL},
        changes={"description": ["", WORD]}, messages={"phone": [WORD]},
    )  # fmt: skip
    ImportRow.objects.create(
        spreadsheet=spreadsheet, number=3, outcome="error", values={"name": "Alpine", "email": EMAIL.upper()},
        messages={"phone": [WORD]}, notes=[WORD],
    )  # fmt: skip
    sent_mails()
    MessageEvent.objects.update(note=f"550 {EMAIL}")
    other = pending(email="ben@photonics.example", name="Seventh")
    assert set(traces()) >= {
        "ClusterEditor", "FreshnessRequest", "ImportRow", "LinkToken", "Message", "MessageEvent", "Submission",
        "SubmissionEvent",
    }  # fmt: skip

    counts = erase_person(typed)

    assert traces() == {}
    assert {name: counts[name] for name in ("merges", "submissions", "editors", "freshness requests")} == {
        "merges": 0, "submissions": 6, "editors": 1, "freshness requests": 1,
    }  # fmt: skip
    assert counts["links"] >= 1
    assert Cluster.objects.filter(name="Alpine Photonics", summary="Builds lasers.").exists(), "the profile stays"
    other.refresh_from_db()
    assert (other.status, other.submitter_email) == ("pending", "ben@photonics.example")
    assert not Submission.objects.exclude(pk=other.pk).filter(status__in=[*Submission.OPEN, "unconfirmed"]).exists()
    assert erase_person(typed) == dict.fromkeys(counts, 0)


def test_a_person_in_the_log_of_a_merge_is_erased_and_the_merge_can_be_undone() -> None:
    target, source = ClusterFactory(published=True), ClusterFactory(published=True)
    for name in (WORD, "ben"):
        ClusterEditor.objects.create(cluster=source, email=f"{name}@photonics.example")
    log = merge(target=target, source=source, by=None, reason="One.")
    assert set(traces()) == {"ClusterEditor", "ClusterMerge"}

    counts = erase_person(EMAIL)

    assert (counts["merges"], counts["editors"]) == (1, 1)
    assert traces() == {}
    log.refresh_from_db()
    undo(merge=log, by=None)
    assert list(source.editors.values_list("email", flat=True)) == ["ben@photonics.example"]


def test_mails_that_wait_for_the_person_are_not_sent() -> None:
    sent(email=EMAIL)
    erase_person(EMAIL)

    assert sent_mails() == []
    assert set(Message.objects.values_list("status", flat=True)) == {"skipped"}


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True)
def test_erasing_and_a_merge_at_once_wait_for_each_other_in_one_order() -> None:
    for _ in range(5):
        target, source = ClusterFactory(published=True), ClusterFactory(published=True)
        for cluster in (target, source):
            ClusterEditor.objects.create(cluster=cluster, email=EMAIL)
            signed_links.issue(links.Purpose.EDIT, subject=cluster, email=EMAIL)
            update_of(cluster, email=EMAIL, place="Linz")

        found = at_once(
            lambda: erase_person(EMAIL),
            lambda target=target, source=source: merge(target=target, source=source, by=None, reason="One."),
            lambda: retention.anonymise(now=timezone.now() + timedelta(days=800)),
        )

        assert [result for result in found if isinstance(result, Exception)] == []
        erase_person(EMAIL)  # the log of a merge that was written meanwhile
        assert traces() == {}


# --- Nightly runs -----------------------------------------------------------------------------------


def old_drafts(*names: str) -> list[Submission]:
    """Return drafts whose time is over."""
    rows = [draft(name=name, email=f"{name.lower()}@photonics.example") for name in names]
    long_ago(15)
    return rows


def test_a_draft_deleted_during_the_nightly_run_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _first, second, _third = old_drafts("One", "Two", "Three")
    forget = emails.forget

    def forget_and_delete_another(row: Submission) -> None:
        Submission.objects.filter(pk=second.pk).delete()
        forget(row)

    monkeypatch.setattr(emails, "forget", forget_and_delete_another)

    assert tasks.delete_unconfirmed_submissions() == {"finished": 2, "failed": 0}
    assert not Submission.objects.exists()


def test_a_row_that_fails_stops_no_other_and_staff_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _first, second, _third = old_drafts("One", "Two", "Three")
    rejected = personal(name="Four")
    review.decide(
        rejected,
        Decision(reviewer=reviewer(), snapshot=review.current_snapshot(rejected), reason="No.", is_rejection=True),
    )
    Submission.objects.filter(pk=rejected.pk).update(last_move_at=timezone.now() - timedelta(days=181))
    forget = emails.forget

    def fail_for_one(row: Submission) -> None:
        if row.pk == second.pk:
            raise RuntimeError(EMAIL)
        forget(row)

    with monkeypatch.context() as patch:
        patch.setattr(emails, "forget", fail_for_one)
        assert tasks.delete_unconfirmed_submissions() == {"finished": 2, "failed": 1}
        with pytest.raises(RowsFailed):
            retention.delete_unconfirmed()
    assert tasks.anonymise_submissions() == {"finished": 1, "failed": 0}

    run = NightlyRun.objects.get(name="unconfirmed submissions")
    assert (run.count, run.failed, run.problem) == (2, 1, f"submission {second.pk}: RuntimeError")
    assert list(Submission.objects.filter(status="unconfirmed")) == [second]
    staff = sign_in("coordinator")
    label, runs = "1 row that the nightly jobs could not remove", reverse("admin:workplace_nightlyrun_changelist")
    assert f'<a href="{runs}">{label}</a>' in staff.get(reverse("admin:index")).content.decode()
    assert "unconfirmed submissions" in staff.get(runs).content.decode()
    page = staff.get(reverse("admin:workplace_nightlyrun_change", args=[run.pk])).content.decode()
    assert f"submission {second.pk}: RuntimeError" in page

    assert tasks.delete_unconfirmed_submissions() == {"finished": 1, "failed": 0}
    assert label not in staff.get(reverse("admin:index")).content.decode()


def test_every_nightly_job_has_a_task_and_a_time_of_its_own() -> None:
    CountryFactory(code="AT", name="Austria")
    drafts.start_draft(values=VALUES, email=EMAIL)
    entries: dict[str, Any] = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for task in (
        tasks.delete_unconfirmed_submissions, tasks.anonymise_submissions, tasks.purge_links, tasks.empty_link_mails,
        forget_freshness_addresses, delete_old_spreadsheets, delete_old_questions,
    ):  # fmt: skip
        assert task.name in entries
        assert task() == {"finished": 0, "failed": 0}
    assert set(NightlyRun.objects.values_list("name", flat=True)) == {job.name for job in nightly_jobs}
    assert LinkToken.objects.exists()
