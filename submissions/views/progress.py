"""Which steps a form has, and at which of them somebody is."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from submissions.fields.definitions import Step
from submissions.models import Submission

CHECK = "check"
PROFILE = "profile"
TITLES = {
    Step.WHO.value: "Who you are",
    Step.WHAT.value: "What it does",
    Step.MEMBERS.value: "Members and reach",
    Step.CONTACT.value: "Contact",
    PROFILE: "The profile",
    CHECK: "Check and send",
}
HEADINGS = {
    Step.WHO.value: "Who are you?",
    Step.WHAT.value: "What does the cluster do?",
    Step.MEMBERS.value: "Who belongs to it, and where is it?",
    Step.CONTACT.value: "How do people reach it?",
    PROFILE: "Correct the profile",
    CHECK: "Check and send",
}
#: The steps of the form by kind of submission, in order.
STEPS: dict[str, tuple[str, ...]] = {
    Submission.Kind.NEW: (Step.WHO.value, Step.WHAT.value, Step.MEMBERS.value, Step.CONTACT.value, CHECK),
    Submission.Kind.UPDATE: (PROFILE, CHECK),
    Submission.Kind.CLOSURE: (CHECK,),
}
#: The steps whose fields a page shows.
SECTIONS = (Step.WHO, Step.WHAT, Step.MEMBERS, Step.CONTACT)


@dataclass(frozen=True)
class Stop:
    """One step in the progress line."""

    number: int
    title: str
    url: str
    is_here: bool
    is_done: bool


def progress(kind: str, here: str, token: str) -> list[Stop]:
    """Return the steps of a form of ``kind``; those of a draft can all be reached."""
    steps = STEPS[kind]
    if len(steps) < 2:
        return []
    at = steps.index(here)
    return [
        Stop(
            number=index + 1,
            title=TITLES[step],
            url=reverse("submissions:submit_step", args=[token, step]) if token else "",
            is_here=index == at,
            is_done=index < at,
        )
        for index, step in enumerate(steps)
    ]  # fmt: skip


def progress_of_new(here: str) -> list[Stop]:
    """Return the steps of a form that is not stored yet."""
    return progress(Submission.Kind.NEW, here, "")


def next_step(kind: str, here: str) -> str:
    """Return the step after ``here``; the last one leads to itself."""
    steps = STEPS[kind]
    return steps[min(steps.index(here) + 1, len(steps) - 1)]


def step_before(kind: str, here: str) -> str:
    """Return the step before ``here``; empty for the first."""
    steps = STEPS[kind]
    at = steps.index(here)
    return steps[at - 1] if at else ""


def section_of(kind: str, step: Step) -> str:
    """Return the page with the fields of ``step``."""
    return step.value if kind == Submission.Kind.NEW else PROFILE
