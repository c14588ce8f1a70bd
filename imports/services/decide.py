"""What staff says about rows that may be clusters we know: update, new or skip."""

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
from imports.rows.reader import settle_values
from imports.services.dry_run import in_short
from imports.services.upload import locked
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Values, read_values, with_values

Outcome = ImportRow.Outcome
NEW, UPDATE, SKIP, OPEN = "new", "update", "skip", ""
#: Outcomes about which staff has a word to say.
DECIDABLE = (Outcome.DUPLICATE, Outcome.PROPOSED)
DECISIONS = {UPDATE: "Update the cluster", NEW: "It is a new cluster", SKIP: "Skip the row"}
_STATES = (SpreadsheetImport.Status.CHECKED, SpreadsheetImport.Status.PROPOSED)
_BATCH = 200


@dataclass(frozen=True)
class RowDecision:
    """What is said about one row; ``cluster`` is the one to update, the likeliest unless given.

    ``takes_name`` says that the cluster is to be called as the row calls it.
    """

    decision: str
    cluster: int | None = None
    takes_name: bool = False


@dataclass
class Decided:
    """How many rows were decided, and which could not be, with the reason."""

    count: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Foreseen:
    """What an update of one cluster by one row would do: the changes, or why it cannot be."""

    changes: list[tuple[str, str, str]]
    refusal: str = ""


def undecided(spreadsheet: SpreadsheetImport) -> QuerySet[ImportRow]:
    """Return the possible duplicates about which nothing was said yet."""
    return spreadsheet.rows.filter(outcome=Outcome.DUPLICATE, decision=OPEN, submission=None)


def reasons_of(spreadsheet: SpreadsheetImport) -> list[tuple[str, int]]:
    """Return the first reason of the rows that are undecided, with the number of rows, the most frequent first."""
    found: dict[str, int] = {}
    for matches in undecided(spreadsheet).values_list("matches", flat=True).iterator():
        reason = _reason(matches)
        found[reason] = found.get(reason, 0) + 1
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def decide_alike(
    *, spreadsheet: SpreadsheetImport, decision: str, least: float = 0, most: float = 1, reason: str = ""
) -> Decided:
    """Say the same about all undecided rows with a score from ``least`` to ``most``, and with this first reason if given."""
    rows = undecided(spreadsheet).filter(score__gte=least, score__lte=most).values_list("pk", "matches")
    keys = [pk for pk, matches in rows.iterator() if not reason or _reason(matches) == reason]
    return decide_rows(spreadsheet=spreadsheet, decisions={key: RowDecision(decision) for key in keys})


def decide_rows(*, spreadsheet: SpreadsheetImport, decisions: dict[int, RowDecision]) -> Decided:
    """Store what staff says about possible duplicates, by key of the row; an empty decision takes one back.

    Of a row that another import proposed already, "update" or "new" says that it is proposed once more.

    A row that would update a cluster which another row of the file updates already is refused, and so is one whose
    values do not fit the profile. Raises :class:`ImportRefused` while a worker has the import, or once it is cancelled.
    """
    done = Decided()
    with transaction.atomic():
        held = locked(spreadsheet)
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


def foresee(spreadsheet: SpreadsheetImport, rows: Sequence[ImportRow]) -> dict[int, dict[int, Foreseen]]:
    """Return by row and cluster what each possible update would change, with the same queries for any number of rows.

    What other rows of the file update already is not looked at: that is told when the decision is stored.
    """
    open_rows = [row for row in rows if row.outcome == Outcome.DUPLICATE and row.submission_id is None]
    asked = {int(entry["cluster"]) for row in open_rows for entry in row.matches if entry.get("cluster")}
    if not asked:
        return {}
    choices, trails = Choices.load(), trails_of(asked)
    ends = {key: trails[key].end if key in trails else key for key in asked}
    ended = {trail.end: trail for trail in trails.values() if trail.is_archived}
    clusters = with_values(Cluster.objects.filter(pk__in=set(ends.values()))).in_bulk()
    found: dict[int, dict[int, Foreseen]] = {}
    for row in open_rows:
        kept = row.cluster, row.changes
        for entry in row.matches:
            if entry.get("cluster"):
                cluster = clusters.get(ends[int(entry["cluster"])])
                refusal = _refusal(row, cluster, {}, choices, ended, fills_only=spreadsheet.fills_only)
                changes = [] if refusal else labels_of(row.changes)
                found.setdefault(row.pk, {})[int(entry["cluster"])] = Foreseen(changes, refusal)
        row.cluster, row.changes = kept
    return found


def _decide(
    spreadsheet: SpreadsheetImport,
    rows: Sequence[ImportRow],
    decisions: dict[int, RowDecision],
    choices: Choices,
    done: Decided,
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
            # Whose row it is was settled by the check; only whether it is proposed once more is open.
            row.decision = decision if decision in (SKIP, OPEN) else UPDATE if row.cluster_id else NEW
            row.save(update_fields=["decision"])
            done.count += 1
            continue
        row.cluster, row.changes, row.messages = None, {}, {}
        row.takes_name = decision == UPDATE and decisions[row.pk].takes_name
        if decision == UPDATE:
            cluster = clusters.get(wanted[row.pk])
            refusal = _refusal(row, cluster, taken, choices, ended, fills_only=spreadsheet.fills_only)
            if refusal:
                done.refused.append(f"Line {row.number}: {refusal}")
                continue
            taken[cluster.pk] = row.number  # type: ignore[union-attr]  # else it was refused
        row.decision = decision
        row.save(update_fields=["decision", "cluster", "changes", "messages", "takes_name"])
        done.count += 1


def _refusal(
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
    values = settle_values(said_of_cluster(row), live, choices, fills_only=fills_only, errors=errors)
    if errors:
        told = " ".join(message for messages in errors.values() for message in messages)
        return f"it does not fit {cluster.name}: {told}"
    row.cluster, row.changes = cluster, in_short(values, live, choices)
    return ""


def said_of_cluster(row: ImportRow) -> Values:
    """Return what ``row`` says of its cluster, or of one that it may be.

    Where only a likeness tells that it is the cluster, the row calls it otherwise than it calls itself, often by a
    short form: its name, and an acronym that is no more than that name, are left out unless staff wants them.
    """
    if row.outcome != Outcome.DUPLICATE or row.takes_name:
        return row.values
    name = sort_key(str(row.values.get("name") or ""))
    kept = {key: value for key, value in row.values.items() if key != "name"}
    if sort_key(str(kept.get("acronym") or "")) == name:
        kept.pop("acronym", None)
    return kept


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


def labels_of(changes: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """Return label, before and after of each change."""
    return [(BY_NAME[name].label, before, after) for name, (before, after) in changes.items() if name in BY_NAME]
