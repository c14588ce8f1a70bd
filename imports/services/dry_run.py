"""The dry run: what each row would do, stored before anything is proposed."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from django.db import transaction

from catalogue.locking import lock_clusters
from catalogue.models import Cluster
from catalogue.succession import Trail
from duplicates.finder import DuplicateFinder
from duplicates.profiles import Candidate, Known
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.cells import text_of
from imports.rows.headings import IGNORE, TARGETS
from imports.rows.matching import Match, Matcher
from imports.rows.open_submissions import OpenSubmissions, same_update
from imports.rows.reader import REQUIRED, ParsedRow, RowReader, row_values_to_propose, shorten
from imports.rows.vocabulary import Vocabulary, name_key
from imports.services.claims import Claim
from imports.services.upload import column_plan
from spreadsheets import isolated
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import MAX_ROWS, Layout, Line
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Values, as_text, read_values, with_values

Outcome = ImportRow.Outcome
#: At most so many similar other lines are shown with one.
_LINES = 3
#: Rows that are judged and stored together.
SLICE = 100


def check(claim: Claim) -> bool:
    """Go on with the dry run where it stopped; return whether it is finished.

    Raises :class:`FileProblem` where the file cannot be read on.
    """
    spreadsheet = claim.spreadsheet
    checker = RowChecker(spreadsheet)
    start, waiting = spreadsheet.cursor, list[Line]()
    # Lines further down that stay as they are: only those are checked again about which staff said something.
    stored_lines = sorted(spreadsheet.rows.filter(number__gt=start).values_list("number", flat=True))
    known_lines = frozenset(stored_lines)
    is_cut = False
    with spreadsheet.file.open("rb") as file:
        lines = isolated.read_rows(
            file, layout_of(spreadsheet), spreadsheet.file_name, below=spreadsheet.header_line, after=start
        )
        with closing(lines):
            for line in lines:
                if line.number in known_lines:
                    continue
                waiting.append(line)
                if len(waiting) >= SLICE:
                    _store(claim, checker, waiting, stored_lines)
                    is_cut = claim.is_over
                if is_cut:
                    break
    if is_cut:
        return False
    if waiting:
        _store(claim, checker, waiting, stored_lines)
    if not spreadsheet.rows_done and not stored_lines:
        raise FileProblem(
            f"{spreadsheet.file_name}: there are no rows below the headings in line {spreadsheet.header_line}. Choose "
            "another line of headings or another sheet."
        )
    is_proposed = spreadsheet.rows.filter(submission__isnull=False).exists()
    status = SpreadsheetImport.Status.PROPOSED if is_proposed else SpreadsheetImport.Status.CHECKED
    claim.finish(status, rows_total=spreadsheet.rows_done)
    return True


def layout_of(spreadsheet: SpreadsheetImport) -> Layout:
    """Return how the file of ``spreadsheet`` is to be read."""
    kind = "csv" if spreadsheet.encoding else "xlsx"
    return Layout(kind, spreadsheet.encoding, spreadsheet.separator, spreadsheet.sheet)


def _store(claim: Claim, checker: RowChecker, waiting: list[Line], stored_lines: list[int]) -> None:
    """Check the rows that wait and store them with the place reached, all or nothing.

    ``stored_lines`` are the lines, in order, that had been stored before.
    """
    spreadsheet = claim.spreadsheet
    done = spreadsheet.rows_done + len(waiting)
    if done > MAX_ROWS:
        raise FileProblem(f"{spreadsheet.file_name} has more than {MAX_ROWS:,} rows. Split it.")
    rows = checker.rows(waiting)
    counts = Counter(spreadsheet.counts) + Counter(row.outcome for row in rows)
    last = waiting[-1][0]
    with transaction.atomic():
        claim.renew(
            cursor=last, rows_done=done, counts=dict(counts), rows_total=max(done, spreadsheet.rows_total),
            rows_blank=last - spreadsheet.header_line - done + len(stored_lines) - bisect_right(stored_lines, last),
        )  # fmt: skip
        lock_clusters(row.cluster_id for row in rows if row.cluster_id)
        ImportRow.objects.bulk_create(rows)
    waiting.clear()


class RowChecker:
    """Finds out the outcome of rows. Reads what it needs in batches: the same number of queries for any number of rows."""

    def __init__(self, spreadsheet: SpreadsheetImport) -> None:
        """Read the vocabularies and what earlier slices found."""
        self._spreadsheet, self._plan = spreadsheet, column_plan(spreadsheet)
        self._choices = Choices.load()
        self._reader = RowReader(self._plan, Vocabulary(self._choices, spreadsheet.terms))
        self._matcher = Matcher()
        self._waiting = OpenSubmissions(spreadsheet)
        self._is_text = layout_of(spreadsheet).kind == "csv"
        #: Whether a line above says a country.
        self._has_country = spreadsheet.cursor > spreadsheet.header_line
        #: The first line about each cluster.
        self._first_lines: dict[Any, int] = {}
        for number, cluster, outcome, name, country in spreadsheet.rows.exclude(outcome=Outcome.ERROR).values_list(
            "number", "cluster", "outcome", "values__name", "values__country"
        ):
            is_known = outcome in (Outcome.UPDATE, Outcome.UNCHANGED) or (outcome == Outcome.PROPOSED and cluster)
            self._first_lines[cluster if is_known else (name_key(str(name)), country)] = number
        proposes = spreadsheet.rows.filter(outcome__in=[Outcome.NEW, Outcome.DUPLICATE]).order_by("number")
        stored = proposes.values_list("number", "values").iterator()
        #: The lines that propose a cluster of their own, to find others like them.
        self._lines = DuplicateFinder.among([self._line(number, values) for number, values in stored])
        self._names = dict(proposes.values_list("number", "values__name"))

    def rows(self, lines: Sequence[Line]) -> list[ImportRow]:
        """Return a row for each of ``lines`` (number, cells, merged cells), not stored yet."""
        parsed_rows = [self._reader.read(number, cells) for number, cells, _merged in lines]
        for parsed, (_number, _cells, merged) in zip(parsed_rows, lines, strict=True):
            self._note_merged_cells(parsed, merged)
        matches = self._matcher.match(parsed_rows)
        keys = {match.cluster for match in matches if match.cluster}
        clusters = with_values(Cluster.objects.filter(pk__in=keys)).in_bulk() if keys else {}
        updates = self._waiting.updates_of(keys)
        named = ((str(parsed.values.get("name")), str(parsed.values.get("country"))) for parsed in parsed_rows)
        payloads = self._waiting.about(named)
        rows = []
        for parsed, match, (_number, cells, _merged) in zip(parsed_rows, matches, lines, strict=True):
            row = self._row(parsed, match, clusters.get(match.cluster or 0), cells)
            if row.outcome == Outcome.UPDATE and row.cluster:
                same = same_update(row.values, row.cluster.name, updates.get(row.cluster.pk, ()))
                _mark_proposed(row, same)
            elif row.outcome in (Outcome.NEW, Outcome.DUPLICATE):
                _mark_proposed(row, self._waiting.same_as(row.values, payloads))
                if row.outcome != Outcome.PROPOSED:
                    others = [*self._waiting.like(row.values, payloads), *self._lines_like(row)]
                    mark_possible_duplicate(row, [*row.matches, *others])
            rows.append(row)
        return rows

    def _line(self, number: int, values: Values) -> Known:
        region, country = (str(values.get(name) or "") for name in ("region", "country"))
        around = f"{self._choices.regions.get(region, ('', ''))[0]} {self._choices.countries.get(country, '')}"
        return Known(id=number, candidate=Candidate.of_values(values), around=around)

    def _lines_like(self, row: ImportRow) -> list[dict[str, Any]]:
        """Return the other lines of the file that may be about the same cluster as ``row``, and remember it as one."""
        line = self._line(row.number, row.values)
        hits = self._lines.matches(line.candidate, limit=_LINES)
        self._lines.add(line)
        self._names[row.number] = str(row.values.get("name") or "")
        return [
            {
                "line": hit.cluster_id, "name": self._names[hit.cluster_id], "score": hit.score,
                "reasons": ["Like another line of this file", *hit.reasons],
            }
            for hit in hits
        ]  # fmt: skip

    def _row(self, parsed: ParsedRow, match: Match, cluster: Cluster | None, cells: list[Any]) -> ImportRow:
        live = read_values(cluster) if cluster else None
        self._reader.read_region(parsed, cluster.country_id if cluster else "")
        if cluster is None and not parsed.is_identified:
            for name in REQUIRED:
                if name not in parsed.values and name not in parsed.errors:
                    parsed.fail(name, f"This is needed. Fill in the cell.{self._hint(parsed, name)}")
        self._has_country = self._has_country or "country" in parsed.texts
        if cluster and match.trail and not match.trail.is_archived:
            _note_succession(parsed, match.trail, cluster)
        values = row_values_to_propose(parsed, live, self._plan, self._choices)
        if cluster and values and match.trail and match.trail.is_archived:
            parsed.fail(
                "",
                f"{cluster.name} is archived and no cluster goes on with its work, so it is not updated. Publish it "
                "again or give it a successor, then check the file again; or delete the row.",
            )
        self._check_repeated(parsed, cluster)
        row = ImportRow(spreadsheet=self._spreadsheet, number=parsed.number, cluster=cluster, notes=parsed.notes)
        if parsed.errors:
            row.outcome, row.messages, row.unknown = Outcome.ERROR, parsed.errors, parsed.unknown
            row.values = _shortened(parsed.values) or {"name": shorten(_first_text(cells))}
        elif live is not None:
            row.outcome = Outcome.UPDATE if values else Outcome.UNCHANGED
            row.values, row.changes = values, describe_changes(values, live, self._choices)
        else:
            row.outcome, row.values = Outcome.NEW, values
            mark_possible_duplicate(row, match.maybe)
        return row

    def _hint(self, parsed: ParsedRow, name: str) -> str:
        """Return what may have emptied the cell of a country: a merged one that was saved as CSV."""
        if name != "country" or name not in parsed.empty or not self._is_text or not self._has_country:
            return ""
        return " In CSV a merged cell is in its first line only: fill it down."

    def _note_merged_cells(self, parsed: ParsedRow, merged: dict[int, tuple[int, int]]) -> None:
        """Note which fields have their cell from a merged one above."""
        columns = [
            f"{TARGETS[target]} (lines {first} to {last})"
            for place, (first, last) in sorted(merged.items())
            if place < len(self._plan.targets) and (target := self._plan.targets[place]) != IGNORE
        ]
        if columns:
            parsed.notes.append(f"From a merged cell: {', '.join(columns)}.")

    def _check_repeated(self, parsed: ParsedRow, cluster: Cluster | None) -> None:
        """Add a message if an earlier line is about the same cluster."""
        if parsed.errors:
            return
        name, country = parsed.values.get("name"), parsed.values.get("country")
        key: Any = cluster.pk if cluster else (name_key(str(name)), country)
        first = self._first_lines.setdefault(key, parsed.number)
        if first != parsed.number:
            parsed.fail("", f"Line {first} is about the same cluster. Keep one of the two lines.")


def mark_possible_duplicate(row: ImportRow, matches: Sequence[dict[str, Any]]) -> None:
    """Make ``row`` a possible duplicate of ``matches``, the likeliest first, if there are any."""
    if matches:
        row.matches = sorted(matches, key=lambda entry: -entry["score"])
        row.outcome, row.score, row.decision = Outcome.DUPLICATE, row.matches[0]["score"], ""


def _mark_proposed(row: ImportRow, entry: dict[str, Any] | None) -> None:
    if entry:
        row.outcome, row.matches, row.score = Outcome.PROPOSED, [entry], None


def _note_succession(parsed: ParsedRow, trail: Trail, cluster: Cluster) -> None:
    """Note that an archived cluster led to ``cluster``, and leave out the name of what is no more."""
    parsed.notes.append(f"{trail.name} is archived and leads on to {cluster.name}: the row is about {cluster.name}.")
    before = {name_key(name) for name in (trail.name, *trail.former_names, *cluster.former_name_list)}
    stated = parsed.values.get("name")
    if stated and stated != cluster.name and name_key(str(stated)) in before:
        parsed.values.pop("name")
        parsed.notes.append(f"“{stated}” is a former name, so the name of {cluster.name} stays.")


def describe_changes(values: Values, live: Values, choices: Choices) -> dict[str, list[str]]:
    """Return before and after of each of ``values``, as lists show them."""
    return {
        name: [
            shorten(as_text(BY_NAME[name], live.get(name, BY_NAME[name].empty), choices)),
            shorten(as_text(BY_NAME[name], value, choices)),
        ]
        for name, value in values.items()
    }


def _shortened(values: Values) -> Values:
    return {name: shorten(value) if isinstance(value, str) else value for name, value in values.items()}


def _first_text(cells: list[Any]) -> str:
    return next((text_of(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
