"""Reading all data files, then bringing them into the database in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from loading import registry
from loading.fields import Directory
from loading.merge import merge
from loading.registry import Source
from loading.report import Report

#: Any number of our own: two loads at the same time on PostgreSQL wait for each other.
LOCK = 2_019_004_005


def load_all(*, folder: Path, progress: Callable[[str, int, int], None] | None = None) -> Report:
    """Load the data files of ``folder`` and return what happened.

    ``progress`` is called after each record with its kind, how many records are done and how many there
    are. Raises ``LoadError`` for the first mistake in a file; the database is then as before.
    """
    kinds = registry.kinds()
    source = Source(folder)
    for kind in kinds:
        source.entries[kind.label] = kind.read(source)
    report, directory = Report(), Directory()
    total, done = sum(map(len, source.entries.values())), 0

    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            for kind in kinds:
                if kind.lock is not None:
                    kind.lock()
        changed: dict[str, list[Any]] = {}
        for kind in kinds:

            def tick(label: str = kind.label) -> None:
                nonlocal done
                done += 1
                if progress is not None:
                    progress(label, done, total)

            changed[kind.label] = merge(kind, source.of(kind.label), directory, report, tick)
            if kind.finish is not None:
                kind.finish(report)
        for kind in kinds:
            if kind.finish_all is not None:
                kind.finish_all(changed)
    return report


def load_imports(*, folder: Path) -> list[object]:
    """Run the imports that apps registered and return what those did that had something to do.

    All or nothing. Raises ``LoadError`` for the first mistake in a file.
    """
    with transaction.atomic():
        return [done for run in registry.imports() if (done := run(folder)) is not None]
