"""The report of an import as a page shows it: filters with their counts, and one page of rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from catalogue.imports.headings import TARGETS
from catalogue.models import ImportRow, SpreadsheetImport, Submission
from catalogue.payload.fields import BY_NAME
from catalogue.services.imports import deciding, proposing

ROWS_PER_PAGE = 50
_O = ImportRow.Outcome
#: What may be shown: key of the address, label, condition.
FILTERS: tuple[tuple[str, str, Q], ...] = (
    ("", "All rows", Q()),
    ("new", "New", Q(outcome=_O.NEW)),
    ("update", "Updates", Q(outcome=_O.UPDATE)),
    ("duplicate", "Possible duplicates", Q(outcome=_O.DUPLICATE)),
    ("undecided", "Undecided", Q(outcome=_O.DUPLICATE, decision="", submission=None)),
    ("proposed", "Already proposed", Q(outcome=_O.PROPOSED)),
    ("error", "Errors", Q(outcome=_O.ERROR)),
    ("unchanged", "Unchanged", Q(outcome=_O.UNCHANGED)),
    ("waiting", "Waiting for review", Q(submission__status__in=Submission.OPEN)),
    ("stopped", "Not approved", Q(submission__status__in=Submission.OPEN) & ~Q(messages={})),
    ("decided", "Decided", Q(submission__status__in=Submission.DECIDED)),
)
#: Always offered, also when there is none.
_ALWAYS = ("", "new", "update", "duplicate", "error", "unchanged")


@dataclass(frozen=True)
class Tab:
    """One filter with its number of rows."""

    key: str
    label: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Line:
    """One row as it is shown."""

    row: ImportRow
    changes: list[tuple[str, str, str]]
    messages: list[tuple[str, str]]
    stated: list[str]

    @property
    def matches(self) -> list[dict[str, Any]]:
        """The clusters and waiting submissions that it may be; a cluster with the value of its choice."""
        return [
            {
                **match,
                "choice": f"update:{match['cluster']}" if match.get("cluster") else "",
                "percent": f"{100 * match['score']:.0f}",
            }
            for match in self.row.matches
        ]

    @property
    def other_name(self) -> str:
        """The name of the row, where a cluster that it may be calls itself otherwise."""
        name = str(self.row.values.get("name") or "")
        is_other = any(match.get("cluster") and match["name"] != name for match in self.row.matches)
        return name if is_other and self.row.outcome == _O.DUPLICATE else ""

    @property
    def chosen(self) -> str:
        """The value of the choice that is made."""
        if self.row.outcome == _O.PROPOSED and self.row.decision in (deciding.NEW, deciding.UPDATE):
            return deciding.NEW
        if self.row.decision == deciding.UPDATE:
            return f"update:{self.row.cluster_id}"
        return self.row.decision


class Report:
    """The rows of one import, filtered by the address."""

    def __init__(self, spreadsheet: SpreadsheetImport, query: QueryDict) -> None:
        """Take the filter ``show`` and the ``page`` from ``query``; what is not known shows all."""
        self.spreadsheet = spreadsheet
        self._conditions = {key: condition for key, _label, condition in FILTERS}
        self.show = query.get("show", "") if query.get("show", "") in self._conditions else ""
        self._page = query.get("page", "1")

    @property
    def rows(self) -> QuerySet[ImportRow]:
        """The rows of the filter, in the order of the file."""
        rows = ImportRow.objects.filter(self._conditions[self.show], spreadsheet=self.spreadsheet)
        return rows.select_related("cluster", "submission").order_by("number")

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of rows of every filter, and of those that would become submissions: one query."""
        rows = ImportRow.objects.filter(spreadsheet=self.spreadsheet)
        named = {key or "all": Count("pk", filter=condition or None) for key, _label, condition in FILTERS}
        found: dict[str, int] = rows.aggregate(**{f"n_{key}": count for key, count in named.items()})
        return {key.removeprefix("n_"): number for key, number in found.items()}

    @cached_property
    def proposable(self) -> int:
        """How many rows would become submissions now."""
        return proposing.proposable(self.spreadsheet).count()

    @cached_property
    def reasons(self) -> list[tuple[str, int]]:
        """Why undecided rows may be duplicates, with their number."""
        return deciding.reasons_of(self.spreadsheet) if self.counts["undecided"] else []

    @property
    def tabs(self) -> list[Tab]:
        """The filters that have rows, and the usual ones."""
        return [
            Tab(key, label, count, f"?{urlencode({'show': key})}" if key else "?", key == self.show)
            for key, label, _condition in FILTERS
            if (count := self.counts[key or "all"]) or key in _ALWAYS
        ]

    @cached_property
    def page(self) -> Page[Any]:
        """One page of rows."""
        paginator = Paginator(self.rows, ROWS_PER_PAGE)
        paginator.count = self.counts[self.show or "all"]  # type: ignore[misc]  # counted already
        return paginator.get_page(self._page)

    @property
    def pages(self) -> list[Any]:
        """The numbers of pages, shortened."""
        return list(self.page.paginator.get_elided_page_range(self.page.number))

    @property
    def lines(self) -> list[Line]:
        """The rows of this page."""
        return [
            Line(
                row=row,
                changes=deciding.labels_of(row.changes),
                messages=[
                    (TARGETS.get(name, name) if name else "", " ".join(told)) for name, told in row.messages.items()
                ],
                stated=[
                    BY_NAME[name].label for name in BY_NAME if name in row.values and name not in ("name", "country")
                ],
            )
            for row in self.page
        ]

    @property
    def has_decidable(self) -> bool:
        """Whether this page, with its filter of duplicates, holds rows that can still be decided."""
        is_of_duplicates = self.show in ("duplicate", "undecided", "proposed")
        return is_of_duplicates and any(
            row.outcome in deciding.DECIDABLE and not row.submission_id for row in self.page
        )

    @property
    def query(self) -> str:
        """The filter as part of an address."""
        return urlencode({"show": self.show}) if self.show else ""
