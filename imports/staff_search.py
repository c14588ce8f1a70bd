"""Imported spreadsheets in the search over everything."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone

from workplace.search import list_source


def _remark(row: Any) -> str:
    day = formats.date_format(timezone.localtime(row.created_at), "j F Y")
    return f"{row.get_status_display()} · {day}"


IMPORTS = list_source(
    "imports", "Imports", "imports.SpreadsheetImport", exact=("file_name",), finds_by="name of the file",
    remark=_remark, order=40,
)  # fmt: skip
