"""The clusters of the European Cluster Collaboration Platform: an import like staff's, with decisions from a file.

It goes the way of every spreadsheet (dry run, possible duplicates, submissions, approval) and stays in the workplace
as an example. It happens once: whatever staff changes afterwards is staff's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count

from catalogue.models import Region
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.headings import guess_columns
from imports.rows.vocabulary import name_key
from imports.services import approve, decide, jobs, propose, upload
from imports.services.decide import RowDecision
from loading.files import LoadError, Row, read_csv
from loading.models import SourceRecord
from loading.registry import register_import
from submissions.models import Submission

FILE, PLACES, DECISIONS = "eccp_medical_devices_clusters.csv", "eccp_places.csv", "eccp_decisions.csv"
_LISTS = ("sectors", "emerging_industries", "technology_fields", "s3_priorities")
_HEADINGS = ("number", "name", "country_code", "region", "place", "latitude", "longitude", "precision", *_LISTS)
_SOURCE, _KEY = SpreadsheetImport._meta.label_lower, "eccp"
_SECONDS = 600.0  # all at once: nobody waits for the database meanwhile


@dataclass(frozen=True)
class EccpReport:
    """What came of the rows."""

    rows: int
    new: int
    updated: int

    def __str__(self) -> str:
        return f"ECCP: {self.rows} rows imported, {self.new} new clusters, {self.updated} updated"


def load_eccp(*, folder: Path) -> EccpReport | None:
    """Import the clusters of ECCP in ``folder``, unless that was done before or there are none; ``None`` then.

    All or nothing. Raises :class:`LoadError` if the files or the committed decisions do not fit.
    """
    if not (folder / FILE).is_file() or SourceRecord.objects.filter(model=_SOURCE, key=_KEY).exists():
        return None
    lines = _lines(folder)
    with transaction.atomic():
        content = ContentFile(_as_csv(lines), name=FILE)
        spreadsheet = upload.create_import(file=content, name=FILE, user=None, wakes=False)
        _finish(spreadsheet, folder)
        upload.set_columns(
            spreadsheet=spreadsheet, targets=guess_columns(spreadsheet.headers), fills_only=True, wakes=False
        )
        _finish(spreadsheet, folder)
        _decide(spreadsheet, folder, {row["number"]: place for place, row in enumerate(lines, start=2)})
        propose.start_proposing(spreadsheet=spreadsheet, wakes=False)
        _finish(spreadsheet, folder)
        approve.start_approving(spreadsheet=spreadsheet, approver=None, wakes=False)
        _finish(spreadsheet, folder)
        SourceRecord.objects.create(
            model=_SOURCE, key=_KEY, object_id=str(spreadsheet.pk), values={"rows": spreadsheet.rows.count()}
        )
        return _report(spreadsheet)


def register_loading() -> None:
    """Let every load import these clusters, until it was done; safe to repeat."""
    register_import("eccp", _import)


def _import(folder: Path) -> EccpReport | None:
    return load_eccp(folder=folder)


def _lines(folder: Path) -> list[dict[str, str]]:
    """Return the clusters with their places, joined by number; a region only where the portal has it by this name."""
    places: dict[str, Row] = {}
    for row in read_csv(folder, PLACES, ["number", "place", "latitude", "longitude", "precision", "nuts_hint"]):
        places[row.text("number", required=True)] = row
    regions = {(country, name_key(name)) for country, name in Region.objects.values_list("country", "name")}
    lines = []
    for row in read_csv(folder, FILE, ["number", "name", "country_code", *_LISTS]):
        number, country = row.text("number", required=True), row.text("country_code", required=True)
        if number not in places:
            raise row.error("number", f"“{number}” is not in {PLACES}.", "Add it there.")
        place = places[number]
        hint = place.text("nuts_hint")
        lines.append(
            {
                **{name: row.text(name) for name in ("number", "name", "country_code", *_LISTS)},
                **{name: place.text(name) for name in ("place", "latitude", "longitude", "precision")},
                "region": hint if (country, name_key(hint)) in regions else "",
            }
        )
    return lines


def _as_csv(lines: Iterable[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _HEADINGS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _finish(spreadsheet: SpreadsheetImport, folder: Path) -> None:
    """Do here what a worker does, and stop at the first thing that went wrong."""
    jobs.run(spreadsheet.pk, seconds=_SECONDS)
    spreadsheet.refresh_from_db()
    if spreadsheet.problem:
        raise LoadError(FILE, spreadsheet.problem)
    wrong = spreadsheet.rows.exclude(messages={}).order_by("number").first()
    if wrong:
        column, messages = next(iter(wrong.messages.items()))
        raise LoadError(FILE, " ".join(messages), line=wrong.number, column=column)


def _decide(spreadsheet: SpreadsheetImport, folder: Path, line_of: dict[str, int]) -> None:
    """Say about each possible duplicate what the file of decisions says."""
    rows = {row.number: row for row in decide.undecided(spreadsheet)}
    decisions: dict[int, RowDecision] = {}
    for said in read_csv(folder, DECISIONS, ["number", "cluster", "decision", "why"]):
        decision = said.one_of("decision", {value: value for value in decide.DECISIONS})
        row = rows.pop(line_of.get(said.text("number"), 0), None)
        if row is not None:  # those with exactly the same name are updates anyway
            decisions[row.pk] = RowDecision(decision)
    if rows:
        row = next(iter(rows.values()))
        raise LoadError(DECISIONS, f"says nothing about “{row.values['name']}”.", remedy="Add a line for it.")
    refused = decide.decide_rows(spreadsheet=spreadsheet, decisions=decisions).refused
    if refused:
        raise LoadError(DECISIONS, refused[0])


def _report(spreadsheet: SpreadsheetImport) -> EccpReport:
    kinds = spreadsheet.rows.filter(submission__status=Submission.Status.APPROVED).order_by()
    counts = dict(kinds.values_list("submission__kind").annotate(Count("pk")))
    open_rows = spreadsheet.rows.exclude(outcome=ImportRow.Outcome.UNCHANGED).exclude(
        submission__status=Submission.Status.APPROVED
    )
    if left := open_rows.first():
        raise LoadError(FILE, "could not be imported.", line=left.number, remedy="Look at the file of decisions.")
    return EccpReport(spreadsheet.rows.count(), counts.get("new", 0), counts.get("update", 0))
