"""Nightly jobs that delete or empty old records: each run leaves a row that staff can read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from workplace.models import NightlyRun
from workplace.registry import Registry

#: Lines about failed rows that are stored; the log has all.
LINES = 20
Key = TypeVar("Key", bound=Hashable)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NightlyJob:
    """Deletes or empties old records. ``run`` returns how many rows it finished; see :func:`for_each`."""

    name: str
    run: Callable[[], int]
    order: int = 100


nightly_jobs: Registry[NightlyJob] = Registry("nightly jobs")


class RowsFailed(Exception):
    """Some rows of a job failed; all others were finished."""

    def __init__(self, count: int, failed: Iterable[str]) -> None:
        """Keep how many rows were finished, and a line for each that failed."""
        self.count, self.failed = count, tuple(failed)
        super().__init__(f"{len(self.failed)} of {len(self.failed) + count} rows failed")


@dataclass(frozen=True)
class JobResult:
    """The result of a job: how many rows it finished, and a line for each that failed, which names no person."""

    count: int
    failed: tuple[str, ...] = ()


def run(name: str) -> dict[str, int]:
    """Run the nightly job ``name``, store the result, and return how many rows were finished and how many failed.

    Never raises for what goes wrong in the job itself; ``KeyError`` for an unknown name.
    """
    result = run_job(name)
    NightlyRun.objects.update_or_create(
        name=name,
        defaults={
            "finished_at": timezone.now(),
            "count": result.count,
            "failed": len(result.failed),
            "problem": "\n".join(result.failed[:LINES]),
        },
    )
    return {"finished": result.count, "failed": len(result.failed)}


def failed_rows() -> int:
    """Return how many rows failed in the last runs of all jobs."""
    return NightlyRun.objects.aggregate(all=Sum("failed"))["all"] or 0


def run_job(name: str) -> JobResult:
    """Run a nightly job and return its result, whatever it raises: other jobs go on.

    Raises ``KeyError`` for an unknown name.
    """
    job = nightly_jobs.get(name)
    if job is None:
        raise KeyError(name)
    try:
        return JobResult(job.run())
    except RowsFailed as error:
        return JobResult(error.count, error.failed)
    except Exception as error:
        logger.exception("The nightly job %s stopped.", name)
        return JobResult(0, (f"stopped: {type(error).__name__}",))


def for_each(what: str, keys: Iterable[Key], act: Callable[[Key], bool]) -> int:
    """Call ``act`` with each of ``keys`` in a transaction of its own; return how often it was true.

    One that raises stops no other: it is logged as ``what`` with its key, and :class:`RowsFailed` names it at the end.
    """
    count, failed = 0, []
    for key in keys:
        try:
            with transaction.atomic():
                done = act(key)
        except Exception as error:
            logger.exception("The nightly run failed at %s %s.", what, key)
            failed.append(f"{what} {key}: {type(error).__name__}")
        else:
            count += done
    if failed:
        raise RowsFailed(count, failed)
    return count
