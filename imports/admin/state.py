"""The state of an import as staff sees it: its status, and whether any of its submissions still waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from imports.models import ImportRow, SpreadsheetImport
from submissions.models import Submission

_DECIDED = ("decided", "All decided")
_STATUS = SpreadsheetImport.Status


def with_state(rows: QuerySet[SpreadsheetImport]) -> QuerySet[SpreadsheetImport]:
    """Add to each import whether it has submissions and none of them waits for a decision any more."""
    submitted = ImportRow.objects.filter(spreadsheet=OuterRef("pk"))
    return rows.annotate(
        has_decided=Exists(submitted.filter(submission__status__in=Submission.DECIDED)),
        has_open=Exists(submitted.filter(submission__status__in=Submission.OPEN)),
    )


def state_of(row: Any) -> tuple[str, str]:
    """Return the state of an import that :func:`with_state` read, and its label."""
    if row.status == _STATUS.PROPOSED and row.has_decided and not row.has_open:
        return _DECIDED
    return row.status, row.get_status_display()


class StateFilter(admin.SimpleListFilter):
    """The list by state."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Offer every status, and the one that follows from the submissions."""
        return [*_STATUS.choices, _DECIDED]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep what is in the state that was chosen."""
        if self.value() == _DECIDED[0]:
            return queryset.filter(status=_STATUS.PROPOSED, has_decided=True, has_open=False)
        if self.value() == _STATUS.PROPOSED:
            return queryset.filter(status=_STATUS.PROPOSED).exclude(has_decided=True, has_open=False)
        return queryset.filter(status=self.value()) if self.value() in _STATUS.values else queryset
