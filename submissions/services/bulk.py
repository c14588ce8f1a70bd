"""Many submissions approved at once: each in its own transaction, each with its own outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from catalogue.models import Cluster
from duplicates.finder import DuplicateFinder
from duplicates.profiles import Candidate, Known
from submissions.exceptions import SubmissionRefused
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Values, read_values
from submissions.models import Submission
from submissions.review import checks
from submissions.review.duplicates import finder_for, overridden_duplicates, possible_now
from submissions.services.review import (
    Decision,
    FieldDecision,
    ReviewSnapshot,
    current_snapshot,
    decide,
    live_values,
    names_to_decide,
)

#: Outcomes of automatic checks that a person has to read.
_BAD = ("failed",)


@dataclass(frozen=True)
class Result:
    """What became of one submission; ``reason`` says why it was not approved, empty if it was."""

    submission: Submission
    cluster: Cluster | None
    reason: str = ""


def approve_each(
    submissions: Iterable[Submission],
    *,
    reviewer: User,
    snapshots: Mapping[int, ReviewSnapshot] | None = None,
    publish: bool = True,
    choices: Choices | None = None,
) -> Iterable[Result]:
    """Accept every field of each of ``submissions``, and yield what became of it as soon as it is known.

    ``snapshots`` say by key what the reviewer had read; a submission without one is taken as it is now. One that
    cannot be approved stays in the queue and stops none of the others; so does one that may be a cluster of the
    catalogue, or one approved a moment before it.
    """
    choices = choices or Choices.load()
    rows = list(submissions)
    finder = finder_for(rows)
    for submission in rows:
        given = snapshots.get(submission.pk) if snapshots else None
        try:
            snapshot = replace(
                given or current_snapshot(submission, finder), duplicates=overridden_duplicates(submission)
            )
            fields = {name: FieldDecision(True) for name in names_to_decide(submission, live_values(submission))}
            decision = Decision(reviewer, snapshot, fields, publish=publish)
            outcome = decide(submission, decision, choices=choices, finder=finder)
        except SubmissionRefused as error:
            yield Result(submission, None, str(error))
        else:
            if finder and outcome.cluster:
                finder.add(Known(outcome.cluster.pk, Candidate.of_values(read_values(outcome.cluster))))
            yield Result(outcome.submission, outcome.cluster)


def duplicates_among(rows: Iterable[Submission]) -> dict[int, str]:
    """Return, for each new submission of ``rows`` that may be the same cluster as another of them, the other's name."""
    fresh = {row.pk: row for row in rows if row.kind == Submission.Kind.NEW}
    finder = DuplicateFinder.among([Known(pk, Candidate.of_values(row.payload)) for pk, row in fresh.items()])
    found = {}
    for pk, row in fresh.items():
        others = [match for match in finder.matches(Candidate.of_values(row.payload)) if match.cluster_id != pk]
        if others:
            found[pk] = fresh[others[0].cluster_id].name
    return found


def approval_blockers(submission: Submission, live: Values, finder: DuplicateFinder | None = None) -> list[str]:
    """Return why ``submission`` needs a review of its own; empty if it may be approved with others.

    ``live`` are the values of its target in the proposed fields, empty for a new cluster; ``finder`` is
    :func:`~submissions.review.duplicates.finder_for` of all submissions that are checked.
    """
    if submission.kind == Submission.Kind.CLOSURE:
        return ["It takes a profile out of the catalogue"]
    found = []
    if submission.status != Submission.Status.PENDING:
        found.append(f"It is {submission.get_status_display().lower()}")
    # What came with a row of a spreadsheet names its line.
    if submission.message and submission.channel != Submission.Channel.IMPORT:
        found.append("There is a message to read")
    if meanwhile := [name for name in live if live[name] != submission.base.get(name, BY_NAME[name].empty)]:
        found.append(f"Changed on the profile meanwhile: {', '.join(BY_NAME[name].label for name in meanwhile)}")
    if submission.checked_at is None and submission.channel != Submission.Channel.IMPORT:
        found.append("It is not checked yet")
    # Searched again: what the check found may be a month old.
    aside = overridden_duplicates(submission)
    if possible := [match for match in possible_now(submission, finder) if match.cluster_id not in aside]:
        found.append(f"Duplicates: {checks.duplicates(possible).text}")
    for check in submission.checks:
        if check.get("overridden") or check.get("key") == "duplicates":
            continue
        is_double = check.get("key") == "others" and check.get("outcome") == checks.WARNING
        if check.get("outcome") in _BAD or (is_double and submission.kind == Submission.Kind.NEW):
            found.append(f"{check.get('label')}: {check.get('text')}")
    return found
