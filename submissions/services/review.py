"""The decision of a reviewer on a submission: what they had read, what they say about each field, what comes of it.

:func:`evaluate` finds out what a :class:`Decision` means and writes nothing; :func:`decide` carries that out and mails
it, :func:`preview` only shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.services.clusters import archive_clusters
from catalogue.succession import ends_of_succession
from duplicates.finder import DuplicateFinder
from submissions import emails
from submissions.exceptions import DecisionNotPossible, SubmissionChanged
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS
from submissions.fields.form import check_values
from submissions.fields.values import Value, Values, as_text, changed_names, fingerprint, read_values
from submissions.models import Submission, SubmissionPolicy
from submissions.review.duplicates import namesakes, possible_now
from submissions.services.apply import require_logo, write_accepted
from submissions.services.dependent_fields import LEADERS, leader_of
from submissions.services.state_machine import (
    TARGET_MOVES,
    Status,
    archived_message,
    clear_reader,
    lock_for_update,
    lock_target,
    require_still_open,
    save_version,
    transition,
)

Kind = Submission.Kind
#: Without these there is no cluster: a reviewer may correct them, not leave them out.
INDISPENSABLE = ("country", "name")


@dataclass(frozen=True)
class ReviewSnapshot:
    """What a reviewer had read: a decision on anything else is stale and refused."""

    version: int
    #: From :func:`live_mark`.
    live: str
    #: Keys of the clusters that were shown as possible duplicates.
    duplicates: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FieldDecision:
    """What the reviewer says about one field. ``value`` replaces the proposed one if ``is_edited``."""

    is_accepted: bool
    reason: str = ""
    value: Value = None
    is_edited: bool = False


@dataclass(frozen=True)
class Decision:
    """What the reviewer says about a submission.

    ``fields`` has every field that differs; of a closure it has "closure". ``publish`` says whether a new cluster
    becomes public or stays identified. With ``is_rejection`` nothing is accepted, whatever ``fields`` say.
    """

    reviewer: User | None  # nobody, for data that the portal comes with
    snapshot: ReviewSnapshot
    fields: Mapping[str, FieldDecision] = field(default_factory=dict)
    reason: str = ""
    publish: bool = True
    is_rejection: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a decision means: the values to be written, each field accepted or refused, the status, the reason."""

    status: str
    #: What the target says in the proposed fields.
    live: Values
    values: Values = field(default_factory=dict)
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    #: By field, with what goes with a refused field refused as well.
    fields: Mapping[str, FieldDecision] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a decision did; ``cluster`` is that of the submission, ``None`` for a new one that was rejected."""

    submission: Submission
    cluster: Cluster | None
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


# --- deciding ---


def decide(
    submission: Submission,
    decision: Decision,
    *,
    choices: Choices | None = None,
    finder: DuplicateFinder | None = None,
) -> Outcome:
    """Carry out a decision and mail it: all or nothing.

    ``finder`` knows the clusters that came since the checks, for those who decide on many. Raises
    :class:`DecisionNotPossible` (fields without decision, wrong values, reason missing), :class:`SubmissionChanged`
    (the submission, the live row or the possible duplicates are not those of the snapshot), :class:`IllegalMove`.
    """
    try:
        with transaction.atomic():
            row = lock_for_update(submission)
            require_still_open(row)
            if not decision.is_rejection and lock_target(row):
                raise _TargetSucceeded
            check_snapshot(row, decision.snapshot)
            return _carry_out(row, decision, choices or Choices.load(), finder)
    except _TargetSucceeded:
        # The successor is stored in a transaction of its own, which the refusal does not roll back.
        with transaction.atomic():
            lock_target(lock_for_update(submission))
        return decide(submission, decision, choices=choices, finder=finder)


class _TargetSucceeded(Exception):
    """The target was archived and has a successor: no reviewer compared the submission with that one yet."""


def _carry_out(row: Submission, decision: Decision, choices: Choices, finder: DuplicateFinder | None) -> Outcome:
    verdict = evaluate(row, decision, choices)
    row.decided_against = verdict.live
    if verdict.status != Status.REJECTED:
        row.target = _write(row, decision, verdict, choices, finder)
    _record(row, decision, verdict)
    transition(row, verdict.status, actor=decision.reviewer, text=verdict.reason)
    save_version(row)
    emails.send_decision(row, choices)
    return Outcome(row, row.target, verdict.accepted, verdict.refused)


def _write(
    row: Submission, decision: Decision, verdict: Verdict, choices: Choices, finder: DuplicateFinder | None
) -> Cluster:
    """Write what was accepted, and return the cluster. Raises :class:`DecisionNotPossible` if it is archived."""
    target = row.target
    if row.kind == Kind.CLOSURE and target is not None:
        archive_clusters(clusters=[target], reason=f"Submission {row.public_id}", user=decision.reviewer)
        target.refresh_from_db()
        return target
    if target is not None and target.status == Cluster.Status.ARCHIVED:
        raise DecisionNotPossible({"": f"{archived_message(target)} Or reject this with that reason."})
    if row.kind == Kind.NEW:
        # One after the other: of two like ones approved in the same moment, the second must find the first.
        SubmissionPolicy.lock()
    check_new_duplicates(row, decision.snapshot, finder)
    return write_accepted(row, decision.reviewer, verdict.values, choices, publish=decision.publish)


def preview(submission: Submission, decision: Decision, choices: Choices) -> Submission:
    """Return ``submission`` as :func:`decide` would leave it, with its target, and store nothing.

    For the preview of its mail. Raises as :func:`decide` does, but for what only the locked rows can say: a target
    that was archived, duplicates that came since.
    """
    row = Submission.objects.select_related("target").get(pk=submission.pk)
    require_still_open(row)
    check_snapshot(row, decision.snapshot)
    verdict = evaluate(row, decision, choices)
    if verdict.status != Status.REJECTED:
        if row.target is None:
            row.target = Cluster(name=str(verdict.values["name"]))
            row.target.status = Cluster.Status.PUBLISHED if decision.publish else Cluster.Status.IDENTIFIED
            row.target.slug = row.target.free_slug()
        elif row.kind == Kind.CLOSURE:
            row.target.status = Cluster.Status.ARCHIVED
    _record(row, decision, verdict)
    row.status = verdict.status
    return row


def _record(row: Submission, decision: Decision, verdict: Verdict) -> None:
    """Note on ``row`` what was decided, and the name that mails and the submitter's page use from now on."""
    row.name = str(verdict.values.get("name", row.name))
    row.decisions = {
        name: _as_json(verdict.fields.get(name), is_accepted=name in verdict.accepted)
        for name in (*verdict.accepted, *verdict.refused)
    }
    row.reviewer, row.reason = decision.reviewer, verdict.reason
    row.decided_at = timezone.now()
    row.asked_fields, row.asked_text = [], ""
    clear_reader(row)


def _as_json(decision: FieldDecision | None, *, is_accepted: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"accepted": is_accepted, "reason": decision.reason if decision else ""}
    if decision and decision.is_edited and is_accepted:
        found["value"] = decision.value
    return found


# --- what a decision means ---


def evaluate(row: Submission, decision: Decision, choices: Choices) -> Verdict:
    """Return what ``decision`` means for ``row`` as it is now; nothing is written, on ``row`` neither.

    Raises :class:`DecisionNotPossible` with messages by field.
    """
    reason, live = decision.reason.strip(), live_values(row)
    names = names_to_decide(row, live)
    if decision.is_rejection:
        return _rejection(live, names, {}, reason)
    if row.kind == Kind.CLOSURE:
        closure = decision.fields.get("closure")
        if closure is None:
            raise DecisionNotPossible({"closure": "Accept or refuse that the cluster no longer exists."})
        if not closure.is_accepted:
            return _rejection(live, ["closure"], decision.fields, reason or closure.reason.strip())
        return Verdict(Status.APPROVED, live, accepted=("closure",), fields=decision.fields, reason=reason)
    fields = _with_leaders(names, decision.fields)
    accepted = _accepted(row, names, fields)
    values = _checked_values(row, accepted, fields, choices)
    refused = [name for name in names if name not in accepted]
    if refused and not accepted:
        return _rejection(live, refused, fields, reason)
    silent = [name for name in refused if not fields[name].reason.strip()]
    if silent and not reason:
        raise DecisionNotPossible(
            {name: f"{BY_NAME[name].label}: say why it is refused; the submitter reads the reason." for name in silent}
        )
    status = Status.PARTLY_APPROVED if refused else Status.APPROVED
    return Verdict(status, live, values, tuple(accepted), tuple(refused), fields, reason)


def _rejection(live: Values, names: list[str], fields: Mapping[str, FieldDecision], reason: str) -> Verdict:
    if not reason:
        raise DecisionNotPossible({"reason": "Say why nothing is accepted: the submitter reads this reason."})
    return Verdict(Status.REJECTED, live, refused=tuple(names), fields=fields, reason=reason)


def _with_leaders(names: list[str], fields: Mapping[str, FieldDecision]) -> dict[str, FieldDecision]:
    """Return ``fields`` with what goes with a refused one refused as well, unless the reviewer wrote it themselves."""
    found = dict(fields)
    for name in names:
        leader = fields.get(LEADERS.get(name, ""))
        own = fields.get(name)
        is_silent = own is None or (own.is_accepted and not own.is_edited) or not (own.is_accepted or own.reason)
        if leader and not leader.is_accepted and is_silent:
            found[name] = FieldDecision(False, f"It goes with “{leader_of(name)}”, which was not taken over.")
    return found


def _accepted(row: Submission, names: list[str], fields: Mapping[str, FieldDecision]) -> list[str]:
    """Return the names accepted. Raises :class:`DecisionNotPossible` for fields without decision."""
    errors = {name: f"{BY_NAME[name].label}: accept or refuse it." for name in names if name not in fields}
    accepted = [name for name in names if name in fields and fields[name].is_accepted]
    if row.kind == Kind.NEW and accepted:
        errors |= {
            name: f"{BY_NAME[name].label} cannot be left out of a new cluster: accept it, or write another."
            for name in INDISPENSABLE
            if name not in accepted
        }
    if errors:
        raise DecisionNotPossible(errors)
    return accepted


def _checked_values(
    row: Submission, accepted: list[str], fields: Mapping[str, FieldDecision], choices: Choices
) -> Values:
    """Return the values to be written. Raises :class:`DecisionNotPossible` for wrong ones."""
    given = {name: fields[name].value if fields[name].is_edited else row.payload[name] for name in accepted}
    logo = given.pop("logo", None)
    live = read_values(row.target) if row.target else {}
    values, wrong = check_values(given, choices=choices, base=live, is_strict=False)
    if wrong:
        raise DecisionNotPossible({name: " ".join(messages) for name, messages in wrong.items()})
    if "logo" in accepted:
        values["logo"] = logo
        if logo:
            require_logo(row)
    return values


# --- what the reviewer had read ---


def live_values(submission: Submission) -> Values:
    """Return what the target says now in the fields that ``submission`` proposes; empty without target."""
    if submission.target is None:
        return {}
    return read_values(submission.target, [spec.name for spec in FIELDS if spec.name in submission.payload])


def live_mark(submission: Submission) -> str:
    """Return a mark that differs when the target says something else in what the decision is about.

    A closure is about the whole profile, and about whether it is in the catalogue at all.
    """
    target = submission.target
    if submission.kind != Kind.CLOSURE or target is None:
        return fingerprint(live_values(submission))
    return fingerprint({**read_values(target), "": f"{target.pk} {target.status}"})


def names_to_decide(submission: Submission, live: Mapping[str, Value]) -> list[str]:
    """Return the fields on which a decision is needed: those that differ from ``live`` values; none of a closure.

    The name of a stored logo differs from the mark of a proposed one in any case.
    """
    return [] if submission.kind == Kind.CLOSURE else changed_names(submission.payload, live)


def current_snapshot(submission: Submission, finder: DuplicateFinder | None = None) -> ReviewSnapshot:
    """Return what a reviewer reads who opens ``submission`` now; ``finder`` spares a search for each of many."""
    found = possible_now(submission, finder) if submission.is_open else []
    return ReviewSnapshot(submission.version, live_mark(submission), frozenset(match.cluster_id for match in found))


def check_snapshot(row: Submission, snapshot: ReviewSnapshot) -> None:
    """Raise :class:`SubmissionChanged` with what is different from ``snapshot``; duplicates are not looked for."""
    changes = []
    if row.version != snapshot.version:
        last = row.events.last()
        if last and last.kind in TARGET_MOVES:
            changes.append(last.text)
        else:
            changes.append(f"The submission itself: it is {row.get_status_display().lower()} now.")
        if last and last.actor:
            changes.append(f"{last.actor.get_full_name() or last.actor} did that.")
    if row.target and live_mark(row) != snapshot.live:
        changes += _live_changes(row, row.target) or ["The live profile is what it was when the submission was sent."]
    if changes:
        raise SubmissionChanged(changes)


def _live_changes(row: Submission, target: Cluster) -> list[str]:
    """Return a line for each field in which the live profile is not what the submission was compared with."""
    is_closure = row.kind == Kind.CLOSURE
    live = read_values(target) if is_closure else live_values(row)
    changed = [BY_NAME[name] for name in live if live[name] != row.base.get(name, BY_NAME[name].empty)]
    choices = Choices.load()
    lines = [
        f"{spec.label} of the live profile is now: {as_text(spec, live[spec.name], choices) or 'empty'}."
        for spec in changed
    ]
    if is_closure and target.status != Cluster.Status.PUBLISHED:
        lines.append(f"{target.name} is {target.get_status_display().lower()} now.")
    return lines


def check_new_duplicates(row: Submission, snapshot: ReviewSnapshot, finder: DuplicateFinder | None = None) -> None:
    """Raise :class:`SubmissionChanged` if ``row`` may be a cluster that the reviewer was not shown.

    Another reviewer may have approved the same one a minute ago, or the same file was imported twice.
    """
    known = {match.cluster_id: match for match in [*namesakes(row), *possible_now(row, finder)]}
    # An archived one was shown as the cluster that goes on with its work, or is the one that this is about.
    ends, read = ends_of_succession(known), {*snapshot.duplicates, row.target_id}
    new = [match for key, match in known.items() if key not in read and ends.get(key, key) not in read]
    if not new:
        return
    rows = Cluster.objects.in_bulk([match.cluster_id for match in new])
    raise SubmissionChanged(
        [
            f"“{rows[match.cluster_id].name}”{_source(rows[match.cluster_id])} may be the same cluster "
            f"({'; '.join(match.reasons).lower()}): compare the two in the review queue, then make this an update "
            "of it, or decide again if it is another one."
            for match in new
            if match.cluster_id in rows
        ]
    )


def _source(cluster: Cluster) -> str:
    return f" ({cluster.found_via})" if cluster.found_via else ""
