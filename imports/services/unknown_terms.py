"""What staff says, once for a whole import, about terms, places and networks that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.vocabulary import NameKey, Vocabulary, lookup_key
from imports.services.claims import wake_worker
from imports.services.upload import lock_for_update
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, Kind

Status = SpreadsheetImport.Status
#: In place of a value: the row goes on without this name.
LEAVE_OUT = "-"
_STATES = (Status.CHECKED, Status.PROPOSED)
_SLICE = 500


@dataclass(frozen=True)
class UnknownTerm:
    """One name that nobody knows, with the lines that have it."""

    field: str
    text: str
    country: str
    lines: tuple[int, ...]
    #: Value and name of what it may be.
    suggestions: Mapping[str, str]

    @property
    def key(self) -> str:
        """What an address or a form calls it."""
        return term_key(lookup_key(BY_NAME[self.field], self.text, self.country))

    @property
    def label(self) -> str:
        """The name of the field."""
        return BY_NAME[self.field].label

    @property
    def may_be_left_out(self) -> bool:
        """Whether a row can do without it."""
        return BY_NAME[self.field].kind != Kind.COUNTRY


def term_key(asked: NameKey) -> str:
    """Return a name that is asked for as one text."""
    name, text, country = asked
    return f"{name}:{country}:{text}"


def unknown_terms(spreadsheet: SpreadsheetImport) -> list[UnknownTerm]:
    """Return the names that keep rows from being proposed, those of most rows first."""
    found = _unknown(spreadsheet)
    if not found:
        return []
    vocabulary = Vocabulary(Choices.load())
    terms = [
        UnknownTerm(name, text, country, tuple(lines), vocabulary.suggestions(BY_NAME[name], text, country))
        for (name, text, country), lines in found.values()
    ]
    return sorted(terms, key=lambda term: (-len(term.lines), term.label, term.text))


def resolve_terms(
    *, spreadsheet: SpreadsheetImport, chosen: Mapping[str, str], wakes: bool = True
) -> SpreadsheetImport:
    """Take staff's answer about unknown names, by key: a value, or ``LEAVE_OUT``; then check their rows again.

    Only rows with one of these names are read again; all others stay, with what was decided about them. A name that
    is not unknown (any more) is passed over, so the same answer twice does nothing the second time.
    Raises :class:`ImportRefused`.
    """
    with transaction.atomic():
        row = lock_for_update(spreadsheet)
        if row.status not in _STATES:
            raise ImportRefused(f"This import is in the state “{row.get_status_display()}”: wait until that is over.")
        if not row.file:
            raise ImportRefused(row.problem or "The file of this import was deleted. Upload it again.")
        choices, answers, lines = Choices.load(), list[dict[str, Any]](), set[int]()
        for key, ((name, text, country), found) in _unknown(row).items():
            answer = chosen.get(key, "")
            if not answer:
                continue
            spec = BY_NAME[name]
            if answer not in choices.of(spec) and (answer != LEAVE_OUT or spec.kind == Kind.COUNTRY):
                raise ImportRefused(f"{spec.label}, “{text}”: choose one of those offered.")
            value = "" if answer == LEAVE_OUT else answer
            answers.append({"field": name, "text": text, "country": country, "value": value})
            lines.update(found)
        if not answers:
            raise ImportRefused("Nothing was chosen, or it was chosen before.")
        row.terms = [*row.terms, *answers]
        _check_again(row, sorted(lines))
        if wakes:
            wake_worker(row)
    return row


def resolved_terms(spreadsheet: SpreadsheetImport) -> list[tuple[str, str, str]]:
    """Return field, text and meaning of what was said, the meaning empty where it is left out: four queries, if any."""
    if not spreadsheet.terms:
        return []
    choices = Choices.load()
    return [
        (
            BY_NAME[answer["field"]].label,
            answer["text"],
            choices.of(BY_NAME[answer["field"]]).get(answer["value"], answer["value"]),
        )
        for answer in spreadsheet.terms
    ]


def _unknown(spreadsheet: SpreadsheetImport) -> dict[str, tuple[tuple[str, str, str], list[int]]]:
    """Return by key the field, first spelling and country of each unknown name, and its lines: one query."""
    rows = spreadsheet.rows.filter(outcome=ImportRow.Outcome.ERROR).exclude(unknown=[]).order_by("number")
    found: dict[str, tuple[tuple[str, str, str], list[int]]] = {}
    for number, unknown in rows.values_list("number", "unknown").iterator():
        for name, text, country in unknown:
            if name not in BY_NAME:
                continue
            lines = found.setdefault(term_key(lookup_key(BY_NAME[name], text, country)), ((name, text, country), []))[1]
            if number not in lines[-1:]:
                lines.append(number)
    return found


def _check_again(row: SpreadsheetImport, lines: list[int]) -> None:
    """Give the import to the workers to read ``lines`` of its file again."""
    deleted = 0
    for start in range(0, len(lines), _SLICE):
        deleted += row.rows.filter(number__in=lines[start : start + _SLICE]).delete()[0]
    counts = dict(row.counts)
    counts[ImportRow.Outcome.ERROR] = max(0, counts.get(ImportRow.Outcome.ERROR, 0) - deleted)
    row.counts = {outcome: number for outcome, number in counts.items() if number}
    row.status, row.problem, row.stopped_in = Status.CHECKING, "", ""
    row.cursor, row.rows_done = row.header_line, row.rows.count()
    row.rows_total = row.rows_done + deleted
    row.claimed_until, row.claimed_by, row.finished_at = None, "", None
    row.save()
