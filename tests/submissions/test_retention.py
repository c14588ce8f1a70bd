"""Nothing about a person stays longer than the privacy notice says; the rest stays."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from catalogue.models import Cluster
from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.services import propose, upload
from imports.tasks import delete_old_spreadsheets
from outbox.models import Message, MessageEvent
from publicforms import links as signed_links
from publicforms.models import LinkToken
from quality import freshness
from quality.models import FreshnessRequest
from quality.retention import forget_old_addresses
from submissions import links
from submissions.models import ClusterEditor, PrivacyNotice, Submission, SubmissionEvent, SubmissionPolicy
from submissions.services import drafts, retention, review, submit
from submissions.services.request_changes import request_changes
from submissions.services.review import Decision, FieldDecision
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import sign_in
from tests.factories.submissions import accept_all, draft, notice, pending, reviewer, sent
from tests.mail import sent_mails

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
#: Stands in everything personal of these tests.
WORD = "zyxada"
PERSON = {
    "email": f"{WORD}@photonics.example", "submitter_name": f"{WORD} Example", "submitter_role": f"Manager {WORD}",
    "message": f"Call {WORD}.", "criteria": {"team": True}, "criteria_evidence": f"https://photonics.example/{WORD}",
}  # fmt: skip
VALUES: dict[str, Any] = {
    "country": "AT", "name": "Alpine Photonics", "summary": f"Led by {WORD}.", "description": f"Ask {WORD}.",
    "phone": "+43 99887766", "place": "Graz",
}  # fmt: skip


def personal(**values: Any) -> Submission:
    """Return a submission in the queue, of a new cluster, with something personal in everything that can hold it."""
    CountryFactory(code="AT", name="Austria")
    proposed = {**VALUES, "email": f"{WORD}@photonics.example", **values}
    row, _link = drafts.start_draft(values=proposed, **PERSON)
    picture = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (4, 4)).save(picture, "PNG")
    drafts.set_logo(submission=row, logo=ContentFile(picture.getvalue(), name="logo.png"))
    # As it is after an older version of the validators, or by hand.
    row = submit.confirm(submission=submit.send(submission=row, notice=notice()))
    row.checks = [
        {"key": "mail", "label": "E-mail", "outcome": "warning", "text": f"{WORD} is unknown",
         "overridden": {"by": "rita", "reason": f"I know {WORD}"}}
    ]  # fmt: skip
    row.save()
    return row


def asked_and_answered(row: Submission) -> Submission:
    """Let a reviewer ask in words with something personal in them, and the submitter answer so."""
    row = request_changes(
        submission=row,
        reviewer=reviewer(),
        snapshot=review.current_snapshot(row),
        fields=["place"],
        text=f"Dear {WORD}, where?",
    )
    return submit.answer_changes(submission=row, values={"place": "Linz"}, message=f"In Linz, {WORD}")


def traces(word: str = WORD, *but: type[models.Model]) -> dict[str, str]:
    """Return the rows of the whole database that hold ``word``, by table."""
    found = {}
    for model in apps.get_models():
        if model in but or not model._meta.managed:
            continue
        for values in model._base_manager.values():
            if word in json.dumps(values, default=str).lower():
                found[model.__name__] = json.dumps(values, default=str)
    return found


def long_ago(days: int) -> None:
    """Let everything have happened so many days ago."""
    moment = timezone.now() - timedelta(days=days)
    Submission.objects.update(last_move_at=moment)
    Message.objects.exclude(outcome_at=None).update(outcome_at=moment)


def test_of_what_was_rejected_nothing_personal_is_left_anywhere() -> None:
    row = asked_and_answered(personal())
    review.decide(row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), fields={
            name: FieldDecision(False, f"{WORD} again.")
            for name in review.names_to_decide(row, review.live_values(row))
        }, reason=f"No, {WORD}."))  # fmt: skip
    sent_mails()
    long_ago(179)
    assert (retention.anonymise(), {"Submission", "SubmissionEvent", "LinkToken", "Message"} <= set(traces())) == (
        0,
        True,
    )

    long_ago(181)
    assert retention.anonymise() == 1

    assert traces() == traces("99887766") == {}
    assert not LinkToken.objects.exists()
    row.refresh_from_db()
    assert (row.status, row.reason, row.name, row.payload["place"]) == (
        "rejected",
        "(removed)",
        "Alpine Photonics",
        "Linz",
    )
    assert row.criteria == {"team": True}
    assert [(check["key"], check["outcome"], check["text"]) for check in row.checks] == [("mail", "warning", "")]
    assert {decision["accepted"] for decision in row.decisions.values()} == {False}
    assert set(Message.objects.values_list("status", flat=True)) == {"accepted"}, "the count of mails stays"
    assert retention.anonymise() == 0


def test_files_of_logos_go_with_it(django_capture_on_commit_callbacks: Any) -> None:
    row = personal()
    storage, name = row.logo.storage, row.logo.name
    review.decide(
        row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), reason="No.", is_rejection=True)
    )
    long_ago(181)
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        retention.anonymise()
    assert not storage.exists(name)
    assert not Submission.objects.get().logo


def test_of_what_was_approved_the_profile_and_its_editor_stay() -> None:
    row = asked_and_answered(personal(summary="Builds lasers.", description="", phone="+43 1 2", email=""))
    accept_all(row, reason=f"Welcome, {WORD}.")
    sent_mails()
    long_ago(729)
    assert retention.anonymise() == 0
    long_ago(731)
    assert retention.anonymise() == 1

    assert set(traces()) == {"ClusterEditor"}
    row.refresh_from_db()
    assert (row.status, row.reason, row.submitter_email) == ("approved", "", "")
    assert row.payload["summary"] == "Builds lasers."
    assert "phone" not in row.payload
    cluster = Cluster.objects.get()
    assert (cluster.phone, cluster.summary, bool(cluster.logo)) == ("+43 1 2", "Builds lasers.", True)


def test_the_periods_are_staffs_to_set() -> None:
    SubmissionPolicy.objects.update_or_create(pk=1, defaults={"keep_approved_days": 10, "keep_rejected_days": 20})
    accept_all(pending())
    row = pending(name="Other", email="ben@photonics.example")
    review.decide(
        row, Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), reason="No.", is_rejection=True)
    )
    long_ago(15)
    assert retention.anonymise() == 1
    long_ago(21)
    assert retention.anonymise() == 1


@pytest.mark.parametrize("is_sent", [True, False])
def test_what_the_owner_of_an_address_denied_loses_it_at_once_and_is_deleted_soon(is_sent: bool) -> None:
    CountryFactory(code="AT", name="Austria")
    row, _link = drafts.start_draft(values=VALUES, **PERSON)
    if is_sent:
        row = submit.send(submission=row, notice=notice())
    sent_mails()
    submit.deny(submission=row)

    assert traces() == {}
    row.refresh_from_db()
    assert (row.status, row.payload) == ("withdrawn", {})
    long_ago(15)
    assert retention.delete_unconfirmed() == 1
    assert not SubmissionEvent.objects.exists()


def test_what_was_taken_back_before_it_was_confirmed_is_deleted_after_fourteen_days() -> None:
    submit.withdraw(submission=sent())
    other = pending(name="Other", email="ben@photonics.example")
    submit.withdraw(submission=other)
    long_ago(15)

    assert retention.delete_unconfirmed() == 1

    assert list(Submission.objects.all()) == [other]


def test_a_draft_that_is_saved_while_the_nightly_run_works_is_not_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    row = draft()
    Submission.objects.update(last_move_at=timezone.now() - timedelta(days=15))
    listed = retention._keys

    def listed_then_saved(rows: Any) -> list[int]:
        keys = listed(rows)
        Submission.objects.update(last_move_at=timezone.now())
        return keys

    monkeypatch.setattr(retention, "_keys", listed_then_saved)

    assert retention.delete_unconfirmed() == 0
    assert Submission.objects.filter(pk=row.pk).exists()


def test_a_row_of_a_spreadsheet_goes_with_its_submission() -> None:
    row = pending(phone="+43 1 2")
    spreadsheet = SpreadsheetImport.objects.create(file="imports/x.csv", file_name="x.csv", status="proposed")
    line = ImportRow.objects.create(
        spreadsheet=spreadsheet, number=2, outcome="update", submission=row,
        values={"name": "Alpine", "phone": "+43 99887766", "place": "Graz"}, changes={"phone": ["", WORD]},
        messages={"phone": [WORD]},
    )  # fmt: skip
    submit.withdraw(submission=row)
    long_ago(181)
    retention.anonymise()
    line.refresh_from_db()
    assert (line.values, line.changes, line.messages) == ({"name": "Alpine", "place": "Graz"}, {}, {})


# --- Links -------------------------------------------------------------------------------------------


def test_links_that_do_not_work_any_more_are_deleted_after_their_time_with_their_mails() -> None:
    from submissions import emails

    cluster = ClusterFactory(published=True)
    emails.send_edit_link(cluster, f"{WORD}@photonics.example")
    emails.send_links(f"{WORD}@photonics.example")
    sent_mails()
    used = signed_links.issue(links.Purpose.EDIT, subject=cluster, email=f"{WORD}@photonics.example")
    signed_links.spend(used)
    alive = signed_links.issue(freshness.PURPOSE, subject=cluster, email="ben@photonics.example")
    now = timezone.now()

    assert retention.purge_links(now=now + timedelta(days=29)) == 0
    assert retention.empty_link_mails(now=now + timedelta(days=29)) == 0
    assert retention.purge_links(now=now + timedelta(days=31)) == 1  # the used one
    assert retention.empty_link_mails(now=now + timedelta(days=31)) == 2
    assert set(traces()) == {"LinkToken"}, "the mails are empty"
    assert retention.purge_links(now=now + timedelta(days=33)) == 1
    assert list(LinkToken.objects.all()) == [alive]
    assert Message.objects.count() == 2


def test_a_purged_link_explains_itself_and_offers_a_new_one(client: Any) -> None:
    link = signed_links.issue(links.Purpose.EDIT, subject=ClusterFactory(published=True), email="ada@photonics.example")
    path = f"/submit/link/{signed_links.token_of(link)}/"
    retention.purge_links(now=timezone.now() + timedelta(days=33))
    response = client.get(path)
    assert response.status_code == 404
    assert "Get a new link" in response.content.decode()


def test_who_was_asked_whether_a_profile_is_right_is_forgotten_after_years() -> None:
    cluster = ClusterFactory(published=True, email=f"{WORD}@photonics.example")
    freshness.run_plan()
    Cluster.objects.update(email="")
    Cluster.history.update(email="")
    now = timezone.now()
    retention.purge_links(now=now + timedelta(days=731))
    assert forget_old_addresses(now=now + timedelta(days=729)) == 0
    assert FreshnessRequest.objects.get().email
    assert forget_old_addresses(now=now + timedelta(days=731)) == 1
    assert (FreshnessRequest.objects.get().email, FreshnessRequest.objects.get().link) == ("", None)
    assert freshness.assess([cluster], freshness.FreshnessPlan.current())[0].obstacle


# --- Spreadsheets --------------------------------------------------------------------------------------


def uploaded() -> SpreadsheetImport:
    """Return an import of a file with something personal in it, checked."""
    from django.core.files import File

    from imports.services import jobs

    CountryFactory(code="AT", name="Austria")
    content = f"name;country;email\nAlpine;AT;{WORD}@photonics.example\nBad {WORD};XX;\n"
    row = upload.create_import(file=File(io.BytesIO(content.encode())), name="rows.csv", user=None, wakes=False)
    jobs.run(row.pk)
    row = upload.set_columns(spreadsheet=row, targets=["name", "country", "email"], wakes=False)
    while jobs.run(row.pk):
        pass
    row.refresh_from_db()
    assert row.status == "checked"
    return row


def test_a_spreadsheet_is_deleted_after_its_import_ended(django_capture_on_commit_callbacks: Any) -> None:
    row = uploaded()
    storage, name = row.file.storage, row.file.name
    SpreadsheetImport.objects.update(finished_at=timezone.now() - timedelta(days=89))
    assert delete_old_spreadsheets()["finished"] == 0
    SpreadsheetImport.objects.update(finished_at=timezone.now() - timedelta(days=91))
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_old_spreadsheets()["finished"] == 1

    assert not storage.exists(name)
    assert next(sorted(line.values) for line in row.rows.order_by("number")) == ["country", "name"]
    assert f"{WORD}@" not in json.dumps(list(row.rows.values("values", "changes", "messages")))
    assert f"{WORD}@" not in json.dumps(list(SpreadsheetImport.objects.values_list("preview", flat=True)))
    row.refresh_from_db()
    assert (row.status, row.problem[:12]) == ("cancelled", "The file and")
    with pytest.raises(ImportRefused):
        propose.start_proposing(spreadsheet=row)
    assert delete_old_spreadsheets()["finished"] == 0


def test_an_import_whose_submissions_wait_has_not_ended() -> None:
    row = uploaded()
    from imports.services import jobs

    propose.start_proposing(spreadsheet=row, wakes=False)
    while jobs.run(row.pk):
        pass
    SpreadsheetImport.objects.update(finished_at=timezone.now() - timedelta(days=91))
    assert delete_old_spreadsheets()["finished"] == 0
    accept_all(Submission.objects.get(), publish=False)
    assert delete_old_spreadsheets()["finished"] == 1
    row.refresh_from_db()
    assert row.status == "proposed"
    with pytest.raises(ImportRefused, match="Upload the file again"):
        propose.start_proposing(spreadsheet=row)


# --- What pages say ----------------------------------------------------------------------------------------


def test_the_notice_names_the_periods_of_the_settings() -> None:
    text, policy = PrivacyNotice.objects.get().text, SubmissionPolicy.current()
    for days in (policy.keep_rejected_days, policy.keep_approved_days, policy.keep_links_days):
        assert f"{days} days" in text
    assert "14 days" in text
    assert "after a year" in text


def test_answers_of_servers_are_emptied_too() -> None:
    row = draft(email=f"{WORD}@photonics.example")
    sent_mails()
    MessageEvent.objects.update(note=f"550 {WORD}@photonics.example")
    submit.deny(submission=row)
    assert traces() == {}


def test_an_editor_who_wants_to_be_forgotten_leaves_the_log_of_the_workplace_too() -> None:
    cluster = ClusterFactory(published=True)
    staff = sign_in("superuser")
    editors = "/admin/submissions/clustereditor/"
    for name in (f"{WORD}1", f"{WORD}2", f"{WORD}3"):
        values = {"cluster": cluster.pk, "email": f"{name}@photonics.example", "name": name, "is_active": "on"}
        assert staff.post(f"{editors}add/", values).status_code == 302
    one, two, three = ClusterEditor.objects.order_by("pk")
    assert {"ClusterEditor", "LogEntry"} <= set(traces())

    assert staff.post(f"{editors}{one.pk}/delete/", {"post": "yes"}).status_code == 302
    picked = {"action": "delete_selected", "_selected_action": [two.pk, three.pk], "post": "yes"}
    assert staff.post(editors, picked).status_code == 302

    assert not ClusterEditor.objects.exists()
    assert set(traces(WORD, Session)) == set()
    assert LogEntry.objects.filter(object_repr="(removed)").count() == 6


@pytest.mark.parametrize("state", ["rejected", "approved", "denied"])
def test_the_workplace_shows_what_is_left(state: str) -> None:
    if state == "denied":
        row = submit.deny(submission=sent())
    else:
        row = asked_and_answered(personal())
        if state == "approved":
            accept_all(row)
        else:
            review.decide(
                row,
                Decision(reviewer=reviewer(), snapshot=review.current_snapshot(row), reason="No.", is_rejection=True),
            )
        long_ago(731)
        assert retention.anonymise() == 1
    staff = sign_in("superuser")
    for path in (f"/admin/submissions/submission/{row.pk}/change/", "/admin/submissions/submission/?show=all"):
        page = staff.get(path, follow=True)
        assert page.status_code == 200
        words = page.content.decode()
        assert f"{WORD}@" not in words
        assert "99887766" not in words or state == "approved"  # what is public


def test_the_report_of_a_spreadsheet_that_was_deleted_can_be_read() -> None:
    row = uploaded()
    SpreadsheetImport.objects.update(finished_at=timezone.now() - timedelta(days=91))
    delete_old_spreadsheets()
    page = sign_in("superuser").get(f"/admin/imports/spreadsheetimport/{row.pk}/change/", follow=True)
    assert page.status_code == 200
    assert "were deleted, because their time was over" in page.content.decode()
    assert f"{WORD}@" not in page.content.decode()


def test_staff_sets_the_periods_and_an_empty_one_stays() -> None:
    staff = sign_in("coordinator")
    values = {"is_open": "on", "minimum_seconds": "5", "keep_rejected_days": "90", "review_days": "7"}
    periods = {"keep_approved_days": "400", "keep_links_days": "7", "keep_files_days": "14"}
    assert staff.get("/admin/submissions/submissionpolicy/", follow=True).status_code == 200  # made when first opened
    assert staff.post("/admin/submissions/submissionpolicy/1/change/", {**values, **periods}).status_code == 302
    empty = dict.fromkeys(periods, "")
    assert staff.post("/admin/submissions/submissionpolicy/1/change/", {**values, **empty}).status_code == 302
    policy = SubmissionPolicy.objects.get()
    assert (policy.keep_approved_days, policy.keep_links_days, policy.keep_files_days) == (400, 7, 14)
    refused = staff.post(
        "/admin/submissions/submissionpolicy/1/change/", {**values, **periods, "keep_links_days": "-1"}
    )
    assert refused.status_code == 200
