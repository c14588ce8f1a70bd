"""Many submissions approved at once: each in its own transaction, each with its own outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User

from catalogue.models import Cluster, Submission
from catalogue.payload.choices import Choices
from catalogue.payload.fields import BY_NAME
from catalogue.payload.values import Values
from catalogue.services.submissions.refusals import SubmissionRefused
from catalogue.services.submissions.review import FieldDecision, Seen, decide, live_values, names_to_decide, seen_now

#: Outcomes of automatic checks that a person has to look at.
_BAD = ("failed",)


@dataclass(frozen=True)
class Result:
    """What became of one submission; ``refusal`` is empty if it was approved."""

    submission: Submission
    cluster: Cluster | None
    refusal: str = ""


def approve_each(
    submissions: Iterable[Submission],
    *,
    reviewer: User,
    seen: Mapping[int, Seen] | None = None,
    publish: bool = True,
    choices: Choices | None = None,
) -> Iterable[Result]:
    """Accept every field of each of ``submissions``, and yield what became of it as soon as it is known.

    ``seen`` says by key what the reviewer had before their eyes; a submission that is not in it is taken as
    it stands now. One that cannot be approved stays in the queue and stops none of the others.
    """
    choices = choices or Choices.load()
    for submission in submissions:
        try:
            outcome = decide(
                submission=submission, reviewer=reviewer, publish=publish, choices=choices,
                seen=seen[submission.pk] if seen and submission.pk in seen else seen_now(submission),
                decisions={name: FieldDecision(True) for name in names_to_decide(submission, live_values(submission))},
            )  # fmt: skip
        except SubmissionRefused as refusal:
            yield Result(submission, None, str(refusal))
        else:
            yield Result(outcome.submission, outcome.cluster)


def what_is_not_trivial(submission: Submission, live: Values) -> list[str]:
    """Return in words why ``submission`` needs a look of its own; empty if it may be approved with others.

    ``live`` are the values of its target in the proposed fields, empty for a new cluster.
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
    for check in submission.checks:
        if check.get("overridden"):
            continue
        is_match = check.get("key") == "duplicates" and check.get("outcome") == "warning"
        if check.get("outcome") in _BAD or is_match:
            found.append(f"{check.get('label')}: {check.get('text')}")
    return found
