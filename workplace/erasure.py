"""Erasure and retention: apps register what they hold about records and people, so that no app below knows them.

They register in ``AppConfig.ready()``. Parts run by ``order``, then by name: whoever locks rows gives as order the
place of these rows in the order of locks (``catalogue/locking.py``), times ten.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from workplace.registry import Registry

logger = logging.getLogger(__name__)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class RecordEraser:
    """Empties what an app holds about a record of another app's ``model``, named as ``"submissions.Submission"``.

    ``empty`` gets the record, locked and not yet emptied itself.
    """

    name: str
    model: str
    empty: Callable[[Any], None]
    order: int = 100


@dataclass(frozen=True)
class PersonEraser:
    """Empties what an app holds about a person.

    ``erase`` gets the e-mail address as it was typed, compares it in the form in which the app stores addresses,
    and returns how many rows it emptied.
    """

    name: str
    erase: Callable[[str], int]
    order: int = 100


@dataclass(frozen=True)
class NightlyJob:
    """Deletes or empties old records. ``run`` returns how many rows it finished; see :func:`for_each`."""

    name: str
    run: Callable[[], int]
    order: int = 100


record_erasers: Registry[RecordEraser] = Registry("record erasers")
person_erasers: Registry[PersonEraser] = Registry("person erasers")
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


def empty_record(record: Model) -> None:
    """Empty what other apps hold about ``record``, inside the caller's transaction and with ``record`` locked."""
    for eraser in record_erasers:
        if eraser.model == record._meta.label:
            eraser.empty(record)


def erase_person(email: str) -> dict[str, int]:
    """Erase what every app holds about the person behind ``email``, all or nothing; return how many rows by name.

    What a public profile says about its cluster is not erased. Raises ``ValueError`` for what is no address: an empty
    one would fit every row without one.
    """
    email = email.strip()
    local, at, domain = email.rpartition("@")
    if not (local and at and domain):
        raise ValueError("Give the e-mail address of the person.")
    with transaction.atomic():
        return {eraser.name: eraser.erase(email) for eraser in person_erasers}


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
