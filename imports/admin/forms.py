"""What the pages of imports are sent: a file, and decisions on rows."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from imports.services.decide import RowDecision
from spreadsheets.reader import MAX_BYTES, MAX_COLUMNS, MAX_ROWS


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label="Spreadsheet",
        help_text=f"CSV or Excel (.xlsx), at most {MAX_BYTES // 1024 // 1024} MB, {MAX_ROWS:,} rows and {MAX_COLUMNS} columns.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "This file is empty. Save it again and choose it.",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


def posted_decisions(data: QueryDict) -> dict[int, RowDecision]:
    """Return the decisions of a page of rows: ``row-17`` is "new", "skip", "update:4" or empty."""
    found = {}
    for name, value in data.items():
        key = name.removeprefix("row-")
        if name == key or not (key.isascii() and key.isdigit()) or len(key) > 18:
            continue
        takes_name = f"name-{key}" in data
        if data.get(f"was-{key}") == value and takes_name == bool(data.get(f"named-{key}")):
            continue  # left as it was
        decision, _colon, cluster = str(value).partition(":")
        is_number = cluster.isascii() and cluster.isdigit() and len(cluster) <= 18
        found[int(key)] = RowDecision(decision, int(cluster) if is_number else None, takes_name)
    return found


def posted_share(text: str | None, default: int) -> float:
    """Return a percentage as a share from 0 to 1; ``default`` (in percent) for what is no number."""
    try:
        return min(100, max(0, int(text or default))) / 100
    except ValueError:
        return default / 100
