"""Decisions of staff on rows that may be clusters we know: update, new or skip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet

from catalogue.models import Cluster
from catalogue.search.text import sort_key
from catalogue.succession import Trail, trails_of
from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.reader import values_to_propose
from imports.services.dry_run import describe_changes
from imports.services.upload import lock_for_update
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Values, read_values, with_values

Outcome = ImportRow.Outcome
NEW, UPDATE, SKIP, OPEN = "new", "update", "skip", ""
#: Outcomes on which staff decides.
DECIDABLE = (Outcome.DUPLICATE, Outcome.PROPOSED)
DECISIONS = {UPDATE: "Update the cluster", NEW: "It is a new cluster", SKIP: "Skip the row"}
_STATES = (SpreadsheetImport.Status.CHECKED, SpreadsheetImport.Status.PROPOSED)
_BATCH = 200


@dataclass(frozen=True)
class RowDecision:
    """A decision on one row; ``cluster`` is the one to update, the likeliest unless given.

    ``takes_name`` says that the cluster is to be called as the row calls it.
    """

    decision: str
    cluster: int | None = None
    takes_name: bool = False


@dataclass
class DecisionResult:
    """How many rows were decided, and which could not be, with the reason."""

    count: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UpdatePreview:
    """What an update of one cluster by one row would do: the changes, or why it cannot be."""

    changes: list[tuple[str, str, str]]
    problem: str = ""


def undecided(spreadsheet: SpreadsheetImport) -> QuerySet[ImportRow]:
    """Return the possible duplicates about which nothing was said yet."""
    return spreadsheet.rows.filter(outcome=Outcome.DUPLICATE, decision=OPEN, submission=None)


def count_reasons(spreadsheet: SpreadsheetImport) -> list[tuple[str, int]]:
    """Return the first reason of the rows that are undecided, with the number of rows, the most frequent first."""
    found: dict[str, int] = {}
    for matches in undecided(spreadsheet).values_list("matches", flat=True).iterator():
        reason = _reason(matches)
        found[reason] = found.get(reason, 0) + 1
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def decide_in_bulk(
    *, spreadsheet: SpreadsheetImport, decision: str, min_score: float = 0, max_score: float = 1, reason: str = ""
) -> DecisionResult:
    """Decide the same on all undecided rows with a score from ``min_score`` to ``max_score``, and with this first reason if given."""
    rows = undecided(spreadsheet).filter(score__gte=min_score, score__lte=max_score).values_list("pk", "matches")
    keys = [pk for pk, matches in rows.iterator() if not reason or _reason(matches) == reason]
    return decide_rows(spreadsheet=spreadsheet, decisions={key: RowDecision(decision) for key in keys})


def decide_rows(*, spreadsheet: SpreadsheetImport, decisions: dict[int, RowDecision]) -> DecisionResult:
    """Store decisions on possible duplicates, by key of the row; an empty decision takes one back.

    Of a row that another import proposed already, "update" or "new" says that it is proposed once more.

    A row that would update a cluster which another row of the file updates already is refused, and so is one whose
    values do not fit the profile. Raises :class:`ImportRefused` while a worker has the import, or once it is cancelled.
    """
    done = DecisionResult()
    with transaction.atomic():
        held = lock_for_update(spreadsheet)
        if held.status not in _STATES:
            raise ImportRefused(
                f"This import is in the state “{held.get_status_display()}”: nothing can be decided now."
            )
        choices = Choices.load()
        keys = sorted(decisions)
        for start in range(0, len(keys), _BATCH):
            rows = list(held.rows.filter(pk__in=keys[start : start + _BATCH], outcome__in=DECIDABLE, submission=None))
            _decide(held, rows, decisions, choices, done)
    return done


def preview_updates(spreadsheet: SpreadsheetImport, rows: Sequence[ImportRow]) -> dict[int, dict[int, UpdatePreview]]:
    """Return by row and cluster what each possible update would change, with the same queries for any number of rows.

    Whether another row of the file updates the same cluster is not checked here, only when the decision is stored.
    """
    open_rows = [row for row in rows if row.outcome == Outcome.DUPLICATE and row.submission_id is None]
    asked = {int(entry["cluster"]) for row in open_rows for entry in row.matches if entry.get("cluster")}
    if not asked:
        return {}
    choices, trails = Choices.load(), trails_of(asked)
    ends = {key: trails[key].end if key in trails else key for key in asked}
    ended = {trail.end: trail for trail in trails.values() if trail.is_archived}
    clusters = with_values(Cluster.objects.filter(pk__in=set(ends.values()))).in_bulk()
    found: dict[int, dict[int, UpdatePreview]] = {}
    for row in open_rows:
        before = row.cluster, row.changes
        for entry in row.matches:
            if entry.get("cluster"):
                cluster = clusters.get(ends[int(entry["cluster"])])
                problem = _prepare_update(row, cluster, {}, choices, ended, fills_only=spreadsheet.fills_only)
                changes = [] if problem else label_changes(row.changes)
                found.setdefault(row.pk, {})[int(entry["cluster"])] = UpdatePreview(changes, problem)
        row.cluster, row.changes = before
    return found


def _decide(
    spreadsheet: SpreadsheetImport,
    rows: Sequence[ImportRow],
    decisions: dict[int, RowDecision],
    choices: Choices,
    done: DecisionResult,
) -> None:
    wanted = {
        row.pk: decisions[row.pk].cluster or _likeliest(row) for row in rows if decisions[row.pk].decision == UPDATE
    }
    trails = trails_of(wanted.values())
    wanted = {pk: trails[key].end if key in trails else key for pk, key in wanted.items()}
    ended = {trail.end: trail for trail in trails.values() if trail.is_archived}
    clusters = with_values(Cluster.objects.filter(pk__in=set(wanted.values()))).in_bulk()
    taken = _taken(spreadsheet, wanted.values(), but=[row.pk for row in rows])
    for row in rows:
        decision = decisions[row.pk].decision
        if decision not in (NEW, UPDATE, SKIP, OPEN):
            raise ImportRefused("Choose update, new or skip.")
        if row.outcome == Outcome.PROPOSED:
            # The check found out whose row it is; only whether it is proposed once more is open.
            row.decision = decision if decision in (SKIP, OPEN) else UPDATE if row.cluster_id else NEW
            row.save(update_fields=["decision"])
            done.count += 1
            continue
        row.cluster, row.changes, row.messages = None, {}, {}
        row.takes_name = decision == UPDATE and decisions[row.pk].takes_name
        if decision == UPDATE:
            cluster = clusters.get(wanted[row.pk])
            problem = _prepare_update(row, cluster, taken, choices, ended, fills_only=spreadsheet.fills_only)
            if problem:
                done.refused.append(f"Line {row.number}: {problem}")
                continue
            taken[cluster.pk] = row.number  # type: ignore[union-attr]  # else it was refused
        row.decision = decision
        row.save(update_fields=["decision", "cluster", "changes", "messages", "takes_name"])
        done.count += 1


def _prepare_update(
    row: ImportRow,
    cluster: Cluster | None,
    taken: dict[int, int],
    choices: Choices,
    ended: dict[int, Trail],
    *,
    fills_only: bool,
) -> str:
    """Make ``row`` an update of ``cluster``, or return why it cannot be."""
    if cluster is None and not _likeliest(row) and any(entry.get("line") for entry in row.matches):
        return "what it may be is another line of the file and no cluster yet. Say that the row is new, or skip it."
    if cluster is None and not _likeliest(row):
        return (
            "what it may be waits for review and is no cluster yet. Say that the row is new, skip it, or decide on "
            "the submission first and check the file again."
        )
    if cluster is None:
        return "this cluster does not exist any more. Say that the row is new, or check the file again."
    if cluster.pk in ended:
        return (
            f"{cluster.name} is archived and no cluster goes on with its work. Publish it again or give it a successor "
            "first, or say that the row is new."
        )
    if cluster.pk in taken:
        return f"line {taken[cluster.pk]} updates {cluster.name} already. Skip one of the two."
    live = read_values(cluster)
    errors: dict[str, list[str]] = {}
    values = values_to_propose(update_values(row), live, choices, fills_only=fills_only, errors=errors)
    if errors:
        listed = " ".join(message for messages in errors.values() for message in messages)
        return f"it does not fit {cluster.name}: {listed}"
    row.cluster, row.changes = cluster, describe_changes(values, live, choices)
    return ""


def update_values(row: ImportRow) -> Values:
    """Return what ``row`` says of its cluster, or of one that it may be.

    Where the row only resembles the cluster, it has another name for it than the cluster itself, often a
    short form: its name, and an acronym that is no more than that name, are left out unless staff wants them.
    """
    if row.outcome != Outcome.DUPLICATE or row.takes_name:
        return row.values
    name = sort_key(str(row.values.get("name") or ""))
    values = {key: value for key, value in row.values.items() if key != "name"}
    if sort_key(str(values.get("acronym") or "")) == name:
        values.pop("acronym", None)
    return values


def _taken(spreadsheet: SpreadsheetImport, clusters: Iterable[int], *, but: list[int]) -> dict[int, int]:
    """Return which of ``clusters`` another row of the file is about, and its line."""
    is_about = Q(outcome__in=[Outcome.UPDATE, Outcome.UNCHANGED]) | Q(outcome__in=DECIDABLE, decision=UPDATE)
    rows = spreadsheet.rows.filter(is_about, cluster__in=set(clusters)).exclude(pk__in=but)
    return dict(rows.values_list("cluster", "number"))


def _likeliest(row: ImportRow) -> int:
    return next((int(entry["cluster"]) for entry in row.matches if entry.get("cluster")), 0)


def _reason(matches: list[dict[str, object]]) -> str:
    reasons = matches[0].get("reasons") if matches else None
    return str(reasons[0]) if isinstance(reasons, list) and reasons else ""


def label_changes(changes: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """Return label, before and after of each change."""
    return [(BY_NAME[name].label, before, after) for name, (before, after) in changes.items() if name in BY_NAME]
