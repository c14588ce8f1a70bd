"""Whether the background work goes on: when each scheduled task ran last, and what is late.

Celery's own monitoring needs remote control or a result backend, which the embedded mode does not have. Here each
scheduled task that a worker ends leaves its time in a row, and the web process compares the rows with beat's plan.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.schedules import crontab, maybe_schedule
from celery.signals import task_failure, task_success
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format

from outbox.services.figures import oldest_late, reason_of_pause
from portal.models import TaskRun

logger = logging.getLogger(__name__)

#: How long a task may wait for a free worker before it counts as late, besides its own time limit: as long as a few
#: tasks that use up theirs.
WAIT = timedelta(minutes=10)
#: How long a mail to one person may wait: longer than the longest pause of a mail server (15 minutes and 30 %).
MAIL_WAIT = timedelta(minutes=20)

#: What was logged last by this process; a probe asks every few seconds.
_logged: list[str] = []


@dataclass(frozen=True)
class Scheduled:
    """A task of beat's plan with its last runs; ``late_since`` is when it was due, if it is late."""

    name: str
    task: str
    is_frequent: bool
    succeeded_at: datetime | None
    failed_at: datetime | None
    error: str
    late_since: datetime | None

    @property
    def has_failed(self) -> bool:
        """Return whether the last run that came to an end failed."""
        return self.failed_at is not None and (self.succeeded_at is None or self.failed_at > self.succeeded_at)


@dataclass(frozen=True)
class Problem:
    """What is late, since when, and what to do; ``detail`` may name servers and is not for everybody."""

    text: str
    since: datetime
    remedy: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.text}, late since {_clock(self.since)}. {self.remedy}"


def problems() -> list[Problem]:
    """Return what is late, nothing where all goes on; what has changed since the last call is logged as a warning."""
    found = [*_problems_of_tasks(scheduled_tasks()), *_problems_of_mail()]
    texts = [str(problem) for problem in found]
    if texts != _logged:
        for text in texts:
            logger.warning("Background work is late: %s", text)
        if not texts:
            logger.info("Background work goes on again.")
        _logged[:] = texts
    return found


def scheduled_tasks() -> list[Scheduled]:
    """Return all tasks of beat's plan with their last runs, in one query."""
    runs = {run.task: run for run in TaskRun.objects.all()}
    return [
        _scheduled(name.replace("-", " "), entry, runs[entry["task"]])
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
        if entry["task"] in runs
    ]


def _scheduled(name: str, entry: dict[str, Any], run: TaskRun) -> Scheduled:
    now, schedule = timezone.now(), maybe_schedule(entry["schedule"])
    # Celery reads the hours of a plan from the time as it is given.
    due = now + schedule.remaining_estimate(timezone.localtime(run.succeeded_at or run.watched_since))
    limits = settings.CELERY_TASK_ANNOTATIONS.get(entry["task"], {})
    longest = timedelta(seconds=limits.get("time_limit", settings.CELERY_TASK_TIME_LIMIT))
    return Scheduled(
        name=name,
        task=entry["task"],
        is_frequent=not isinstance(schedule, crontab),
        succeeded_at=run.succeeded_at,
        failed_at=run.failed_at,
        error=run.error,
        late_since=due if now - due > longest + WAIT else None,
    )


def _problems_of_tasks(tasks: list[Scheduled]) -> list[Problem]:
    late = {task.name: task.late_since for task in tasks if task.late_since}
    frequent = {task.name for task in tasks if task.is_frequent}
    if late and frequent <= set(late):
        return [
            Problem(
                "No background work is done", min(late.values()),
                "Start worker, mailer and beat, or see in their logs what holds them up.",
            )
        ]  # fmt: skip
    return [
        Problem(f"The task “{task.name}” did not run", task.late_since, _remedy(task))
        for task in tasks
        if task.late_since
    ]


def _remedy(task: Scheduled) -> str:
    who = "mailer" if task.task in settings.CELERY_TASK_ROUTES else "worker"
    if task.has_failed and task.failed_at:
        return f"Its last try failed on {_clock(task.failed_at)} ({task.error}); the log of the {who} says why."
    return f"Are beat and the {who} running? Their logs say what holds them up."


def _problems_of_mail() -> Iterable[Problem]:
    if since := oldest_late(MAIL_WAIT):
        remedy = "Is the mailer running, does the mail server take mail, is MAIL_PER_MINUTE too low? See docs/mail.md."
        yield Problem("Mails wait that nobody sends", since, remedy, reason_of_pause())


def _clock(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j M Y H:i")


def watch_tasks(**kwargs: Any) -> None:
    """Begin to watch the tasks of beat's plan after a migration: none is late before its first time has come."""
    try:
        model = kwargs["apps"].get_model("portal", "TaskRun")
    except LookupError:  # only part of the migrations ran
        return
    tasks = dict.fromkeys(entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values())
    model.objects.using(kwargs["using"]).bulk_create([model(task=task) for task in tasks], ignore_conflicts=True)


@task_success.connect
def note_success(sender: Any, **kwargs: Any) -> None:
    """Note the end of a scheduled task in a worker."""
    if not sender.request.is_eager:
        TaskRun.objects.filter(task=sender.name).update(succeeded_at=timezone.now())


@task_failure.connect
def note_failure(sender: Any, exception: BaseException, **kwargs: Any) -> None:
    """Note the failure of a scheduled task in a worker; its log has the rest."""
    if not sender.request.is_eager:
        TaskRun.objects.filter(task=sender.name).update(failed_at=timezone.now(), error=type(exception).__name__[:100])
        # A task that was killed is noted by the parent of the pool, whose next children must not share a connection.
        if not connection.in_atomic_block:
            connection.close()
