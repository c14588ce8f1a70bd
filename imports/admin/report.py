"""The report of an import as a page shows it: filters with their counts, and one page of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from imports.models import ImportRow, SpreadsheetImport
from imports.rows.headings import TARGETS
from imports.services import decide, propose, unknown_terms
from publicforms.messages import without_label
from submissions.fields.definitions import BY_NAME
from submissions.models import Submission

ROWS_PER_PAGE = 50
_O = ImportRow.Outcome
_OPEN = Q(submission__status__in=Submission.OPEN)
#: What may be shown: key of the address, label of one row and of several, condition.
FILTERS: tuple[tuple[str, str, str, Q], ...] = (
    ("", "All rows", "All rows", Q()),
    ("new", "New", "New", Q(outcome=_O.NEW)),
    ("update", "Update", "Updates", Q(outcome=_O.UPDATE)),
    ("duplicate", "Possible duplicate", "Possible duplicates", Q(outcome=_O.DUPLICATE)),
    ("undecided", "Undecided", "Undecided", Q(outcome=_O.DUPLICATE, decision="", submission=None)),
    ("proposed", "Already proposed", "Already proposed", Q(outcome=_O.PROPOSED)),
    ("error", "Error", "Errors", Q(outcome=_O.ERROR)),
    ("unchanged", "Unchanged", "Unchanged", Q(outcome=_O.UNCHANGED)),
    ("waiting", "Waiting for review", "Waiting for review", _OPEN),
    ("stopped", "Not approved", "Not approved", _OPEN & ~Q(messages={})),
    ("decided", "Decided", "Decided", Q(submission__status__in=Submission.DECIDED)),
)
_NO_SUMMARY = Q(submission__payload__summary="") | Q(submission__payload__summary__isnull=True)
_NEW, _UPDATE = Q(submission__kind=Submission.Kind.NEW), Q(submission__kind=Submission.Kind.UPDATE)
#: Behind numbers in sentences: a tab only while they are shown.
LINKED_FILTERS: tuple[tuple[str, str, str, Q], ...] = (
    ("ready", "Can be proposed", "Can be proposed", propose.PROPOSABLE),
    ("waiting-new", "New cluster waiting", "New clusters waiting", _OPEN & _NEW),
    ("waiting-bare", "New without summary waiting", "New without summary waiting", _OPEN & _NEW & _NO_SUMMARY),
    ("waiting-update", "Update waiting", "Updates waiting", _OPEN & _UPDATE),
)
#: Always offered, also when there is none.
_ALWAYS = ("", "new", "update", "duplicate", "error", "unchanged")
_NOUNS = {key: (one.lower(), many.lower()) for key, one, many, _condition in FILTERS}


def count_labels(counts: dict[str, int]) -> list[tuple[str, str]]:
    """Return the filter and the number with its noun ("3 possible duplicates") of each outcome that there is."""
    return [
        (value, f"{number:,}\u00a0{_NOUNS[value][number != 1]}")
        for value in _O.values
        if (number := counts.get(value, 0))
    ]


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
    #: What an update of each cluster that it may be would change; empty where nobody decides.
    previews: dict[int, decide.UpdatePreview] = field(default_factory=dict)

    @property
    def matches(self) -> list[dict[str, Any]]:
        """The clusters and waiting submissions that it may be; a cluster with the value of its choice."""
        return [
            {
                **match,
                "choice": f"update:{match['cluster']}" if match.get("cluster") else "",
                "percent": f"{100 * match['score']:.0f}",
                "preview": self.previews.get(match.get("cluster")),
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
        if self.row.outcome == _O.PROPOSED and self.row.decision in (decide.NEW, decide.UPDATE):
            return decide.NEW
        if self.row.decision == decide.UPDATE:
            return f"update:{self.row.cluster_id}"
        return self.row.decision


class Report:
    """The rows of one import, filtered by the address."""

    def __init__(self, spreadsheet: SpreadsheetImport, query: QueryDict, *, may_decide: bool = False) -> None:
        """Take the filters ``show`` and ``field``, and the ``page``, from ``query``; what is not known shows all.

        ``may_decide`` says that the user may decide on possible duplicates.
        """
        self.spreadsheet, self._may_decide = spreadsheet, may_decide
        self._conditions = {key: condition for key, _one, _many, condition in (*FILTERS, *LINKED_FILTERS)}
        self.show = query.get("show", "") if query.get("show", "") in self._conditions else ""
        #: Only rows whose submission says something of this field.
        self.field = query.get("field", "") if query.get("field", "") in BY_NAME else ""
        #: Only rows with this unknown name.
        asked = query.get("term")  # to find all unknown names takes long
        self.term = next((term for term in self.unknown if term.key == asked), None) if asked else None
        line = query.get("line", "")
        #: Only this line.
        self.line = int(line) if line.isascii() and line.isdigit() and len(line) < 8 else 0
        self._page = query.get("page", "1")

    @property
    def is_narrowed(self) -> bool:
        """Whether only rows of one field or name, or one line, are shown."""
        return bool(self.field or self.term or self.line)

    @cached_property
    def unknown(self) -> list[unknown_terms.UnknownTerm]:
        """The names that nobody knows."""
        return unknown_terms.unknown_terms(self.spreadsheet)

    @property
    def asks_about_names(self) -> bool:
        """Whether this page is about rows that unknown names keep out, and there are or were any."""
        return self.show in ("", "error") and not self.line and bool(self.unknown or self.resolved)

    @cached_property
    def resolved(self) -> list[tuple[str, str, str]]:
        """What staff said about such names before."""
        return unknown_terms.resolved_terms(self.spreadsheet)

    @property
    def rows(self) -> QuerySet[ImportRow]:
        """The rows of the filter, in the order of the file."""
        rows = ImportRow.objects.filter(self._conditions[self.show], spreadsheet=self.spreadsheet)
        if self.field:
            rows = rows.filter(submission__payload__has_key=self.field)
        if self.line:
            rows = rows.filter(number=self.line)
        if self.term:
            rows = rows.filter(number__in=self.term.lines)
        return rows.select_related("cluster", "submission").order_by("number")

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of rows of every filter, and of those that would become submissions: one query."""
        rows = ImportRow.objects.filter(spreadsheet=self.spreadsheet)
        named = {key or "all": Count("pk", filter=condition or None) for key, _one, _many, condition in FILTERS}
        found: dict[str, int] = rows.aggregate(**{f"n_{key}": count for key, count in named.items()})
        return {key.removeprefix("n_"): number for key, number in found.items()}

    @cached_property
    def proposable(self) -> int:
        """How many rows would become submissions now."""
        return propose.proposable(self.spreadsheet).count()

    @cached_property
    def reasons(self) -> list[tuple[str, int]]:
        """Why undecided rows may be duplicates, with their number."""
        return decide.count_reasons(self.spreadsheet) if self.counts["undecided"] else []

    @property
    def tabs(self) -> list[Tab]:
        """The filters that have rows, and the usual ones."""
        return [
            Tab(
                key, one if count == 1 else many, count, f"?{urlencode({'show': key})}" if key else "?",
                key == self.show and not self.is_narrowed,
            )
            for key, one, many, _condition in FILTERS
            if (count := self.counts[key or "all"]) or key in _ALWAYS
        ] + self._linked_tab  # fmt: skip

    @property
    def _linked_tab(self) -> list[Tab]:
        """The tab of rows that a number in a sentence led to."""
        found = {key: (one, many) for key, one, many, _condition in (FILTERS if self.is_narrowed else LINKED_FILTERS)}
        found |= {key: (one, many) for key, one, many, _condition in LINKED_FILTERS}
        if self.show not in found:
            return []
        label = found[self.show][self.count != 1]
        label = f"{label}: {BY_NAME[self.field].label}" if self.field else label
        label = f"{label} with “{self.term.text}”" if self.term else label
        label = f"Line {self.line}" if self.line else label
        return [Tab(self.show, label, self.count, f"?{self.query}", True)]

    @cached_property
    def count(self) -> int:
        """How many rows the filter leaves."""
        if self.is_narrowed or self.show not in _NOUNS:
            return self.rows.count()
        return self.counts[self.show or "all"]

    @cached_property
    def page(self) -> Page[Any]:
        """One page of rows."""
        paginator = Paginator(self.rows, ROWS_PER_PAGE)
        paginator.count = self.count  # type: ignore[misc]  # counted already
        return paginator.get_page(self._page)

    @property
    def pages(self) -> list[Any]:
        """The numbers of pages, shortened."""
        return list(self.page.paginator.get_elided_page_range(self.page.number))

    @property
    def lines(self) -> list[Line]:
        """The rows of this page."""
        previews = decide.preview_updates(self.spreadsheet, list(self.page)) if self.has_decidable else {}
        return [
            Line(
                row=row,
                changes=decide.label_changes(row.changes),
                messages=[
                    (label, " ".join(without_label(label, text) for text in texts))
                    for label, texts in (
                        (TARGETS.get(name, name) if name else "", texts) for name, texts in row.messages.items()
                    )
                ],
                stated=[
                    BY_NAME[name].label for name in BY_NAME if name in row.values and name not in ("name", "country")
                ],
                previews=previews.get(row.pk, {}),
            )
            for row in self.page
        ]

    @property
    def has_decidable(self) -> bool:
        """Whether this page, with its filter of duplicates, holds rows on which the user may still decide."""
        is_of_duplicates = self.show in ("duplicate", "undecided", "proposed")
        return (
            self._may_decide
            and is_of_duplicates
            and any(row.outcome in decide.DECIDABLE and not row.submission_id for row in self.page)
        )

    @property
    def query(self) -> str:
        """The filter as part of an address."""
        parts = {"show": self.show, "field": self.field, "term": self.term.key if self.term else "", "line": self.line}
        return urlencode({name: value for name, value in parts.items() if value})
