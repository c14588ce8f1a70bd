"""What operators and staff read when background work is late."""

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from outbox.mail import Mail
from outbox.models import Message, ServerState
from outbox.services.posting import post
from portal import background
from portal.models import TaskRun

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)  # 13:00 in Brussels
SEND = "outbox.tasks.send_mail"
NIGHTLY = "catalogue.tasks.delete_unanswered_words"


@pytest.fixture(autouse=True)
def _unlogged(monkeypatch):
    monkeypatch.setattr(background, "_logged", [])


@pytest.fixture
def noon():
    """Make it a certain noon at which every task has just run."""
    with time_machine.travel(NOW, tick=False) as clock:
        TaskRun.objects.update(watched_since=NOW - timedelta(days=30), succeeded_at=NOW)
        yield clock


def ready(client):
    """Return what operators get."""
    response = client.get(reverse("health-ready"))
    return response.status_code, response.json()["status"], response.json()["checks"]["background work"]


def test_every_task_of_the_plan_is_watched_from_the_migration_on():
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert set(TaskRun.objects.values_list("task", flat=True)) == tasks
    assert not TaskRun.objects.filter(succeeded_at__isnull=False).exists()


@pytest.mark.parametrize(("minutes", "status"), [(0, "ok"), (10, "ok"), (60, "degraded")])
def test_new_portal_whose_worker_never_ran_is_ready_and_says_so_after_a_while(client, minutes, status):
    since = TaskRun.objects.get(task=SEND).watched_since

    with time_machine.travel(since + timedelta(minutes=minutes)):
        assert ready(client)[:2] == (200, status)


def test_all_goes_on_when_every_task_ran_in_time(client, noon):
    assert background.problems() == []
    assert ready(client) == (200, "ok", "ok")

    noon.shift(timedelta(minutes=15))
    assert background.problems() == []


def test_background_work_that_has_stopped_is_one_problem_with_its_remedy(client, noon):
    noon.shift(timedelta(hours=20))

    assert ready(client) == (
        200,
        "degraded",
        "No background work is done, late since 30 Nov 2026 13:00. "
        "Start worker, mailer and beat, or see in their logs what holds them up.",
    )


def test_nightly_task_that_did_not_run_is_named_with_the_time_it_was_due(noon):
    TaskRun.objects.filter(task=NIGHTLY).update(succeeded_at=NOW - timedelta(hours=24))

    (problem,) = background.problems()

    assert str(problem) == (
        "The task “delete unanswered words” did not run, late since 30 Nov 2026 03:10. "
        "Are beat and the worker running? Their logs say what holds them up."
    )


def test_nightly_task_that_failed_says_when_and_how(noon):
    TaskRun.objects.filter(task=NIGHTLY).update(succeeded_at=NOW - timedelta(hours=24))
    with time_machine.travel(NOW - timedelta(hours=9), tick=False):
        background.note_failure(worker_task(NIGHTLY), exception=ValueError("with a secret"))

    (problem,) = background.problems()

    assert problem.remedy == "Its last try failed on 30 Nov 2026 04:00 (ValueError); the log of the worker says why."


def test_nightly_task_has_its_time_limit_before_it_is_late(noon):
    noon.move_to(datetime(2026, 12, 1, 2, 45, tzinfo=UTC))  # 03:45, when it may still be at work
    TaskRun.objects.update(succeeded_at=timezone.now())
    TaskRun.objects.filter(task=NIGHTLY).update(succeeded_at=NOW - timedelta(hours=9))

    assert background.problems() == []
    noon.shift(timedelta(minutes=10))
    assert [problem.text for problem in background.problems()] == ["The task “delete unanswered words” did not run"]


def worker_task(name, *, is_eager=False):
    """Return what Celery names as the sender."""
    return SimpleNamespace(name=name, request=SimpleNamespace(is_eager=is_eager))


def test_end_of_a_task_in_a_worker_is_noted(noon):
    noon.shift(timedelta(hours=1))
    background.note_success(worker_task(SEND))
    background.note_success(worker_task("imports.tasks.run_import"))
    background.note_success(worker_task(NIGHTLY, is_eager=True))

    late = dict(TaskRun.objects.values_list("task", "succeeded_at"))
    assert late[SEND] == NOW + timedelta(hours=1)
    assert late[NIGHTLY] == NOW
    assert "imports.tasks.run_import" not in late


@pytest.mark.parametrize(("minutes", "texts"), [(15, []), (25, ["Mails wait that nobody sends"])])
def test_mail_that_no_worker_takes_is_late(noon, minutes, texts):
    post(Mail(key="a", kind="test", to="anna@cluster.example", values={"sent_at": "now"}))
    Message.objects.update(due_at=NOW - timedelta(minutes=minutes))

    assert [problem.text for problem in background.problems()] == texts


def test_mails_to_many_wait_for_their_turn(noon):
    post(Mail(key="a", kind="test", to="anna@cluster.example", values={"sent_at": "now"}))
    Message.objects.update(due_at=NOW - timedelta(hours=5), lane="bulk")

    assert background.problems() == []


def test_answer_of_the_mail_server_is_for_staff_only(noon, client, admin_client):
    post(Mail(key="a", kind="test", to="anna@cluster.example", values={"sent_at": "now"}))
    Message.objects.update(due_at=NOW - timedelta(hours=5))
    ServerState.objects.create(name="smtp", reason="mail.inner.example:25 cannot be reached")

    assert "mail.inner.example" not in ready(client)[2]
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert "Mails wait that nobody sends, late since 30 Nov 2026 08:00." in page
    assert "The mail server: mail.inner.example:25 cannot be reached" in page


def test_first_page_of_the_workplace_says_what_is_late_and_nothing_otherwise(noon, admin_client):
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert "Welcome" in page
    assert "late since" not in page

    noon.shift(timedelta(hours=1))

    page = admin_client.get(reverse("admin:index")).content.decode()
    assert "No background work is done, late since 30 Nov 2026 13:00." in page
    assert "let whoever runs the portal know" in page


def test_late_work_is_logged_once_and_its_end_too(noon, caplog):
    caplog.set_level(logging.INFO, "portal.background")
    background.problems()
    noon.shift(timedelta(hours=1))
    for _ in range(3):
        background.problems()
    TaskRun.objects.update(succeeded_at=timezone.now())
    background.problems()
    background.problems()

    assert [(record.levelname, record.message.partition(",")[0]) for record in caplog.records] == [
        ("WARNING", "Background work is late: No background work is done"),
        ("INFO", "Background work goes on again."),
    ]


def test_command_lists_the_last_run_of_every_task_and_fails_where_one_is_late(noon, capsys):
    call_command("background_work")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(settings.CELERY_BEAT_SCHEDULE)
    assert "delete unanswered words: last run 2026-11-30 13:00" in lines

    TaskRun.objects.filter(task=NIGHTLY).update(
        succeeded_at=None, failed_at=NOW - timedelta(days=1), error="ValueError"
    )
    with pytest.raises(CommandError, match="The task “delete unanswered words” did not run, late since"):
        call_command("background_work")
    assert (
        "delete unanswered words: last run never, failed 2026-11-29 13:00 (ValueError), LATE since "
        in capsys.readouterr().out
    )
