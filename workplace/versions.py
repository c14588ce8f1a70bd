"""Writing a version of a record's history: by whom, why, and one for everything that changes together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model

M = TypeVar("M", bound=Model)


def describe_version(record: M, *, reason: str | None = None, by: User | None = None, is_automatic: bool = False) -> M:
    """Say who is about to change ``record`` and why, and return it; the next save or deletion writes both.

    Without ``by`` it is the user of the request, and nobody in a task; nobody in a request either if it
    ``is_automatic``. The attributes are django-simple-history's; tests/test_contracts.py finds who else sets them.
    """
    changing: Any = record
    if by is not None or is_automatic:
        changing._history_user = by
    changing._change_reason = reason
    return record


@contextmanager
def without_version(record: Model) -> Iterator[None]:
    """Let saves of ``record`` inside write no version; the caller writes one for all of them afterwards."""
    changing: Any = record
    changing.skip_history_when_saving = True
    try:
        yield
    finally:
        del changing.skip_history_when_saving
