"""The facts around a submission as the review page shows them: checks, criteria, who sent it, what happened before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, IntegerField, Q, When

from duplicates.finder import DuplicateFinder, Match
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, CRITERIA, FIELDS, RECOGNISED, Step
from submissions.fields.values import as_text
from submissions.models import Submission
from submissions.review import checks as review_checks
from submissions.review.ageing import Age, age_of
from submissions.review.difference import STEPS
from submissions.review.duplicates import possible_now, side_by_side
from submissions.review.events import event_of
from submissions.services.change_kind import was_made_an_update

SHOWN_BEFORE = 12
SHOWN_OF_SENDER = 4
_OUTCOMES = {"ok": "Fine", "warning": "To look at", "failed": "Failed", "unknown": "Not known"}


@dataclass(frozen=True)
class Check:
    """The result of an automatic check as the page shows it."""

    key: str
    label: str
    outcome: str
    outcome_label: str
    text: str
    overridden_by: str
    override_reason: str
    is_newer: bool = False  # found while the page was made, and not stored: only a check can be set aside

    @property
    def can_be_set_aside(self) -> bool:
        """Whether a reviewer may say that it does not matter."""
        return self.outcome in ("failed", "warning", "unknown") and not self.override_reason and not self.is_newer


def page_facts(
    submission: Submission, choices: Choices, finder: DuplicateFinder | None, *, is_reader: bool
) -> dict[str, Any]:
    """Return what the review page shows around the difference: a fixed number of queries.

    ``finder`` knows the clusters that came since the checks.
    """
    # Matches of a decided submission would be the cluster that came of it.
    matches = possible_now(submission, finder) if submission.is_open else []
    related = _related(submission)
    checks = checks_of(submission)
    if submission.is_open:
        checks = _with_newer(checks, matches, related)
    return {
        "age": _age(submission),
        "checks": checks,
        "unknown": sum(check.outcome == "unknown" and not check.override_reason for check in checks),
        "failed": sum(check.outcome == "failed" and not check.override_reason for check in checks),
        "warnings": sum(check.outcome == "warning" and not check.override_reason for check in checks),
        "criteria": [(criterion, bool(submission.criteria.get(criterion.key))) for criterion in CRITERIA],
        "criteria_met": sum(bool(submission.criteria.get(criterion.key)) for criterion in CRITERIA),
        "was_asked": submission.channel == Submission.Channel.FORM or bool(submission.criteria),
        "is_recognised": bool(submission.criteria.get(RECOGNISED.key)),
        "recognised": RECOGNISED,
        "evidence": _safe_link(submission.criteria_evidence),
        "duplicates": side_by_side(submission, matches, choices),
        "related": related,
        "events": [event_of(event) for event in submission.events.select_related("actor")],
        "decided": _decided(submission, choices),
        "was_made_an_update": was_made_an_update(submission),
        "ask_groups": ask_groups() if submission.is_open and not is_reader else [],
    }


def checks_of(submission: Submission) -> list[Check]:
    """Return the stored results of the automatic checks; what is no result is passed over."""
    found = []
    for check in _stored(submission):
        outcome = check.get("outcome") if check.get("outcome") in _OUTCOMES else "unknown"
        aside = check.get("overridden") or {}
        found.append(
            Check(
                key=str(check["key"]), label=str(check.get("label", "")), outcome=str(outcome),
                outcome_label=_OUTCOMES[str(outcome)], text=str(check.get("text", "")),
                overridden_by=str(aside.get("by", "")), override_reason=str(aside.get("reason", "")),
            )
        )  # fmt: skip
    return found


def _with_newer(found: Sequence[Check], matches: Sequence[Match], related: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Return the checks; where clusters or submissions came or went since, they say so, as the page around does."""
    open_ones = [
        one["row"].pk for one in related if one["row"].is_open and (one["is_same_cluster"] or one["is_similar"])
    ]
    newer = {check.key: check for check in (review_checks.duplicates(matches), review_checks.others(open_ones))}
    return [
        check
        if check.override_reason or check.key not in newer or newer[check.key].outcome == check.outcome
        else replace(
            check, outcome=newer[check.key].outcome, outcome_label=_OUTCOMES[newer[check.key].outcome],
            text=newer[check.key].text, is_newer=True,
        )
        for check in found
    ]  # fmt: skip


def _stored(submission: Submission) -> list[dict[str, Any]]:
    return [check for check in submission.checks if isinstance(check, dict) and check.get("key")]


def ask_groups() -> list[tuple[str, list[Any]]]:
    """Return the fields that a submitter can be asked to change, by step."""
    return [(STEPS[step], [spec for spec in FIELDS if spec.step == step]) for step in Step if step != Step.OFFICE]


def _age(submission: Submission) -> Age:
    is_waiting = submission.status == Submission.Status.PENDING
    return age_of(submission.confirmed_at, is_waiting=is_waiting, until=submission.decided_at)


def _related(submission: Submission) -> list[dict[str, Any]]:
    """Return other submissions of the same cluster or sender, the open ones first."""
    similar: list[int] = next(
        (check.get("submissions", []) for check in _stored(submission) if check["key"] == "others"), []
    )
    about = Q(pk__in=similar)
    if submission.kind == Submission.Kind.NEW and submission.name:
        # One that came after the check; the worker finds less similar names too.
        about |= Q(kind=Submission.Kind.NEW, name__iexact=submission.name)
    if submission.target_id:
        about |= Q(target=submission.target_id)
    condition = about
    if submission.submitter_email:
        condition |= Q(submitter_email=submission.submitter_email)
    rows = (
        Submission.objects.filter(condition)
        .exclude(pk=submission.pk)
        .sent()
        .select_related("reviewer")
        .defer("payload", "base", "decisions", "checks")
        .annotate(is_about=Case(When(about, then=1), default=0, output_field=IntegerField()))
        .order_by("-is_about", "-last_move_at")[:SHOWN_BEFORE]
    )
    found: list[dict[str, Any]] = [
        {
            "row": row,
            "is_same_cluster": bool(submission.target_id) and row.target_id == submission.target_id,
            "is_similar": row.pk in similar or row.name.casefold() == submission.name.casefold(),
        }
        for row in rows
    ]
    # A sender of many (a partner, a federation) must not hide what is about this cluster.
    of_cluster = [one for one in found if one["is_same_cluster"] or one["is_similar"]]
    of_sender = [one for one in found if one not in of_cluster][:SHOWN_OF_SENDER]
    return sorted(of_cluster, key=lambda one: not one["row"].is_open) + of_sender


def _decided(submission: Submission, choices: Choices) -> Mapping[str, Any]:
    """Return the decisions by field for a page that only shows them, with the reviewer's values as text."""
    if not submission.is_decided:
        return {}
    return {
        name: {**decision, "written": as_text(BY_NAME[name], decision["value"], choices) or "nothing"}
        if "value" in decision and name in BY_NAME
        else decision
        for name, decision in submission.decisions.items()
    }


def _safe_link(address: str) -> str:
    return address if address.startswith(("https://", "http://")) else ""
