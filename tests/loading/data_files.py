"""Helpers of the tests that load the real data."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max

from catalogue.models import Cluster, Country, Network, PriorityRule, Region, Term
from consortium.models import Page, Partner, Project
from loading.load import load_all
from loading.report import Report

FIXTURES: Path = settings.FIXTURE_DATA_DIR


def rows_of(name: str, folder: Path = FIXTURES) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def edit(
    folder: Path, name: str, key: str, change: Callable[[dict[str, str]], Any] | None, column: str = "slug"
) -> None:
    """Change the line of a CSV file whose ``column`` is ``key``, or drop it if ``change`` is none."""
    rows = rows_of(name, folder)
    assert [row for row in rows if row[column] == key]
    if change is None:
        rows = [row for row in rows if row[column] != key]
    else:
        for row in rows:
            if row[column] == key:
                change(row)
    write_rows(folder, name, rows)


def write_rows(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def line_of(name: str, key: str, folder: Path = FIXTURES) -> int:
    """Return the line on which ``key`` begins a record."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"{key},"))


def history_counts() -> dict[str, tuple[int, int]]:
    models = [Cluster, Country, Region, Term, Network, PriorityRule, Partner, Page, Project]
    return {
        model.__name__: (model.history.count(), model.history.aggregate(top=Max("history_id"))["top"])
        for model in models
    }


def cluster(slug: str) -> Cluster:
    return Cluster.objects.get(slug=slug)


def load(folder: Path = FIXTURES) -> Report:
    return load_all(folder=folder)
