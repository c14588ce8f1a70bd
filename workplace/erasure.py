"""Erasure: apps register what they hold about records and people, so that no app below knows them.

They register in ``AppConfig.ready()``. Parts run by ``order``, then by name: whoever locks rows gives as order the
place of these rows in the order of locks (``catalogue/locking.py``), times ten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model

from workplace.registry import Registry


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


record_erasers: Registry[RecordEraser] = Registry("record erasers")
person_erasers: Registry[PersonEraser] = Registry("person erasers")


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
