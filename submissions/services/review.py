"""What reviewers decide on a submission; what else they do with one is told under their names here as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.services.clusters import archive_clusters
from duplicates.finder import DuplicateFinder
from submissions import emails
from submissions.exceptions import DecisionNotPossible, IllegalMove
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.form import check_values
from submissions.fields.values import Value, Values, read_values
from submissions.models import Submission, SubmissionPolicy
from submissions.services.apply import require_logo, write_accepted
from submissions.services.change_kind import turn_into_new, turn_into_update, was_made_an_update
from submissions.services.dependent_fields import LEADERS, leader_of
from submissions.services.request_changes import foresee_changes, override_check, request_changes
from submissions.services.stale_decisions import (
    Seen,
    live_values,
    names_to_decide,
    require_no_newcomer,
    require_seen,
    seen_now,
)
from submissions.services.state_machine import Status, leave, locked, move, require_still_open, store
from submissions.services.target import lock_target, nobody_would_see

__all__ = [
    "FieldDecision", "Outcome", "Seen", "decide", "foresee", "foresee_changes", "live_values", "names_to_decide",
    "override_check", "reject", "request_changes", "seen_now", "turn_into_new", "turn_into_update",
    "was_made_an_update",
]  # fmt: skip

Kind = Submission.Kind
#: Without these there is no cluster: a reviewer may correct them, not leave them out.
INDISPENSABLE = ("country", "name")


@dataclass(frozen=True)
class FieldDecision:
    """What the reviewer says about one field. ``value`` replaces the proposed one, as the reviewer's."""

    is_accepted: bool
    reason: str = ""
    value: Value = None
    is_edited: bool = False


@dataclass
class Outcome:
    """What a decision did."""

    submission: Submission
    cluster: Cluster | None
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def decide(
    *,
    submission: Submission,
    reviewer: User,
    seen: Seen,
    decisions: Mapping[str, FieldDecision],
    reason: str = "",
    publish: bool = True,
    choices: Choices | None = None,
    finder: DuplicateFinder | None = None,
) -> Outcome:
    """Carry out a decision on every field that differs, mail it, and return what was done.

    For a new cluster ``publish`` says whether it becomes public or stays identified. ``finder`` knows the clusters
    that came since the checks, for those who decide on many. All or nothing.
    Raises :class:`DecisionNotPossible` (fields without decision, wrong values, reason missing),
    :class:`SubmissionChanged` (the submission or the live row is not what was seen), :class:`IllegalMove`.
    """
    try:
        with transaction.atomic():
            row = locked(submission)
            require_still_open(row)
            if lock_target(row):
                raise _LedOn
            require_seen(row, seen)
            return _decide(row, reviewer, seen, decisions, reason.strip(), publish, choices, finder)
    except _LedOn:
        # What it leads to is written down, in a transaction that the refusal does not take back.
        with transaction.atomic():
            lock_target(locked(submission))
        return decide(
            submission=submission, reviewer=reviewer, seen=seen, decisions=decisions, reason=reason, publish=publish,
            choices=choices, finder=finder,
        )  # fmt: skip


class _LedOn(Exception):
    """The cluster of a submission was archived and leads on: nobody has seen it beside the successor yet."""


def _decide(
    row: Submission,
    reviewer: User,
    seen: Seen,
    decisions: Mapping[str, FieldDecision],
    reason: str,
    publish: bool,
    choices: Choices | None,
    finder: DuplicateFinder | None,
) -> Outcome:
    if row.kind == Kind.CLOSURE:
        return _decide_closure(row, reviewer, decisions, reason)
    choices = choices or Choices.load()
    row.decided_against = live_values(row)
    names = names_to_decide(row, row.decided_against)
    decisions = _together(names, decisions)
    values, accepted = _checked(row, names, decisions, choices)
    refused = [name for name in names if name not in accepted]
    if names and not accepted:
        return _reject(row, reviewer, decisions, refused, reason)
    _require_reasons(refused, decisions, reason)
    _require_target(row)
    if row.kind == Kind.NEW:
        # One after the other: of two like ones approved in the same moment, the second must see the first.
        SubmissionPolicy.lock()
    require_no_newcomer(row, seen, finder)
    cluster = write_accepted(row, reviewer, values, choices, publish=publish)
    row.target = cluster
    _rename(row, values)
    _note(row, reviewer, decisions, accepted, refused, reason)
    move(row, Status.PARTLY_APPROVED if refused else Status.APPROVED, actor=reviewer, text=reason)
    store(row)
    emails.send_decision(row, choices)
    return Outcome(row, cluster, accepted, refused)


def reject(*, submission: Submission, reviewer: User, seen: Seen, reason: str) -> Outcome:
    """Refuse a submission as a whole. Raises as :func:`decide` does."""
    with transaction.atomic():
        row = locked(submission)
        require_still_open(row)
        require_seen(row, seen)
        row.decided_against = live_values(row)
        names = names_to_decide(row, row.decided_against)
        return _reject(row, reviewer, {}, names, reason.strip())


def foresee(
    *,
    submission: Submission,
    reviewer: User,
    seen: Seen,
    decisions: Mapping[str, FieldDecision],
    reason: str = "",
    publish: bool = True,
    is_rejection: bool = False,
    choices: Choices | None = None,
) -> Submission:
    """Return ``submission`` as :func:`decide` or :func:`reject` would leave it, without storing anything.

    Its target is what the decision would make of it, too. For the preview of its mail. Raises what they raise, but
    for rules that only the live row can break.
    """
    row = Submission.objects.select_related("target").get(pk=submission.pk)
    require_still_open(row)
    require_seen(row, seen)
    reason = reason.strip()
    values: Values = {}
    if row.kind == Kind.CLOSURE:
        decision = decisions.get("closure", FieldDecision(False))
        names, accepted = ["closure"], ["closure"] if decision.is_accepted and not is_rejection else []
        reason = reason or ("" if accepted else decision.reason)
        if accepted and row.target:
            row.target.status = Cluster.Status.ARCHIVED
    else:
        names, accepted = names_to_decide(row, live_values(row)), []
        decisions = _together(names, decisions)
        if not is_rejection:
            values, accepted = _checked(row, names, decisions, choices or Choices.load())
        if accepted and row.target is None:
            row.target = _newcomer(values, publish=publish)
        _rename(row, values)
    refused = [name for name in names if name not in accepted]
    if is_rejection or (refused and not accepted):
        _require_reason(reason)
        row.status = Status.REJECTED
    else:
        if row.kind != Kind.CLOSURE:
            _require_reasons(refused, decisions, reason)
        row.status = Status.PARTLY_APPROVED if refused else Status.APPROVED
    _note(row, reviewer, decisions, accepted, refused, reason)
    return row


# --- parts of a decision ---


def _require_target(row: Submission) -> None:
    """Raise :class:`DecisionNotPossible` if what would be accepted goes to an archived profile."""
    if row.target and row.target.status == Cluster.Status.ARCHIVED:
        raise DecisionNotPossible({"": f"{nobody_would_see(row.target)} Or reject this with that reason."})


def _checked(
    row: Submission, names: list[str], decisions: Mapping[str, FieldDecision], choices: Choices
) -> tuple[Values, list[str]]:
    """Return the values to be written, and the names accepted."""
    errors = {name: f"{BY_NAME[name].label}: accept or refuse it." for name in names if name not in decisions}
    accepted = [name for name in names if name in decisions and decisions[name].is_accepted]
    if row.kind == Kind.NEW and accepted:
        errors |= {
            name: f"{BY_NAME[name].label} cannot be left out of a new cluster: accept it, or write another."
            for name in INDISPENSABLE
            if name not in accepted
        }
    if errors:
        raise DecisionNotPossible(errors)
    values: Values = {
        name: decisions[name].value if decisions[name].is_edited else row.payload[name] for name in accepted
    }
    live = read_values(row.target) if row.target else {}
    payload, wrong = check_values(
        {name: value for name, value in values.items() if name != "logo"}, choices=choices, base=live, is_strict=False
    )
    if wrong:
        raise DecisionNotPossible({name: " ".join(messages) for name, messages in wrong.items()})
    if "logo" in values:
        payload["logo"] = values["logo"]
        if values["logo"]:
            require_logo(row)
    return payload, accepted


def _together(names: list[str], decisions: Mapping[str, FieldDecision]) -> dict[str, FieldDecision]:
    """Return ``decisions`` with what goes with a refused field refused as well, unless the reviewer wrote it anew."""
    found = dict(decisions)
    for name in names:
        leader = decisions.get(LEADERS.get(name, ""))
        own = decisions.get(name)
        is_silent = own is None or (own.is_accepted and not own.is_edited) or not (own.is_accepted or own.reason)
        if leader and not leader.is_accepted and is_silent:
            found[name] = FieldDecision(False, f"It goes with “{leader_of(name)}”, which was not taken over.")
    return found


def _require_reasons(refused: list[str], decisions: Mapping[str, FieldDecision], reason: str) -> None:
    """Raise :class:`DecisionNotPossible` if a field is refused without a word to the submitter."""
    if reason:
        return
    silent = [name for name in refused if name not in decisions or not decisions[name].reason.strip()]
    if silent:
        raise DecisionNotPossible(
            {name: f"{BY_NAME[name].label}: say why it is refused; the submitter reads the reason." for name in silent}
        )


def _rename(row: Submission, values: Values) -> None:
    """Call ``row`` what the profile is called after the decision: mails and the submitter's page say this name."""
    if "name" in values:
        row.name = str(values["name"])


def _newcomer(values: Values, *, publish: bool) -> Cluster:
    """Return the new cluster that would come of ``values``, not stored: enough of it to speak of it."""
    found = Cluster(name=str(values["name"]))
    found.status = Cluster.Status.PUBLISHED if publish else Cluster.Status.IDENTIFIED
    found.slug = found.free_slug()
    return found


def _decide_closure(row: Submission, reviewer: User, decisions: Mapping[str, FieldDecision], reason: str) -> Outcome:
    decision = decisions.get("closure")
    if decision is None:
        raise DecisionNotPossible({"closure": "Accept or refuse that the cluster no longer exists."})
    if not decision.is_accepted:
        return _reject(row, reviewer, decisions, ["closure"], (reason or decision.reason).strip())
    cluster = row.target
    if cluster is None:
        raise IllegalMove("The cluster of this submission is missing.")
    archive_clusters(clusters=[cluster], reason=f"Submission {row.public_id}", user=reviewer)
    cluster.refresh_from_db()
    _note(row, reviewer, decisions, ["closure"], [], reason.strip())
    move(row, Status.APPROVED, actor=reviewer, text=reason.strip())
    store(row)
    emails.send_decision(row)
    return Outcome(row, cluster, ["closure"])


def _reject(
    row: Submission, reviewer: User, decisions: Mapping[str, FieldDecision], refused: list[str], reason: str
) -> Outcome:
    _require_reason(reason)
    _note(row, reviewer, decisions, [], refused, reason)
    move(row, Status.REJECTED, actor=reviewer, text=reason)
    store(row)
    emails.send_decision(row)
    return Outcome(row, row.target, [], refused)


def _require_reason(reason: str) -> None:
    if not reason:
        raise DecisionNotPossible({"reason": "Say why nothing is accepted: the submitter reads this reason."})


def _note(
    row: Submission,
    reviewer: User,
    decisions: Mapping[str, FieldDecision],
    accepted: list[str],
    refused: list[str],
    reason: str,
) -> None:
    row.decisions = {
        name: _as_json(decisions.get(name), is_accepted=name in accepted) for name in [*accepted, *refused]
    }
    row.reviewer, row.reason = reviewer, reason
    row.decided_at = timezone.now()
    row.asked_fields, row.asked_text = [], ""
    leave(row)


def _as_json(decision: FieldDecision | None, *, is_accepted: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"accepted": is_accepted, "reason": decision.reason if decision else ""}
    if decision and decision.is_edited and is_accepted:
        found["value"] = decision.value
    return found
