"""What a submission says, step by step, as its sender reads it before and after sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from catalogue.models import Cluster
from submissions.fields.choices import Choices
from submissions.fields.definitions import CRITERIA, FIELDS, RECOGNISED, Kind, Step, SubmissionField
from submissions.fields.values import Value, as_text
from submissions.models import Submission
from submissions.views.progress import SECTIONS, TITLES, section_of

NOTHING = "nothing"


@dataclass(frozen=True)
class Line:
    """One field: what is proposed and, for a correction, what the profile said."""

    spec: SubmissionField
    text: str
    was: str = ""

    @property
    def is_long(self) -> bool:
        """Whether line breaks matter."""
        return self.spec.kind in (Kind.LONG, Kind.MARKDOWN)

    @property
    def was_nothing(self) -> bool:
        """Whether the profile said nothing: then there is nothing to strike through."""
        return self.was == NOTHING

    @property
    def is_logo(self) -> bool:
        """Whether it is a picture."""
        return self.spec.kind == Kind.LOGO


@dataclass
class Section:
    """The fields of one step, with the address at which they can be changed (empty if they cannot)."""

    title: str
    url: str
    lines: list[Line] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def overview(submission: Submission, choices: Choices, url_of: Callable[[str], str] | None = None) -> list[Section]:
    """Return the sections of ``submission``; of a correction only what it changes.

    ``url_of`` returns the address of a step of the form.
    """
    is_update = submission.kind == Submission.Kind.UPDATE
    # A reviewer may have taken a new cluster for one that is not public: what that one says stays inside.
    shows_live = is_update and submission.target is not None and submission.target.status == Cluster.Status.PUBLISHED
    steps = [*SECTIONS] if url_of else [*SECTIONS, Step.OFFICE]
    before = {**submission.base, **submission.decided_against}
    sections = []
    for step in steps:
        title = TITLES.get(step, "Place")
        section = Section(title, url_of(section_of(submission.kind, step)) if url_of else "")
        for spec in (spec for spec in FIELDS if spec.step == step):
            value = submission.payload.get(spec.name, spec.empty)
            if is_update and spec.name in submission.payload:
                was = _as_text(spec, before.get(spec.name, spec.empty), choices) if shows_live else ""
                section.lines.append(Line(spec, _as_text(spec, value, choices), was))
            elif not is_update and (value not in (spec.empty, None, "") or spec.is_required):
                section.lines.append(Line(spec, as_text(spec, value, choices)))
            elif not is_update:
                section.empty.append(spec.label)
        if section.lines or (url_of and not is_update):
            sections.append(section)
    return sections


def sender_section(
    submission: Submission,
    *,
    title: str = "From you to the reviewer, not published",
    url: str = "",
    names: tuple[str, ...] = (),
) -> Section:
    """Return what the sender says beside the fields: who they are, criteria, message; or only ``names``."""
    criteria = [one.label for one in (*CRITERIA, RECOGNISED) if submission.criteria.get(one.key)]
    details = (
        ("submitter_email", "Your e-mail", Kind.EMAIL, submission.submitter_email),
        ("submitter_name", "Your name", Kind.TEXT, submission.submitter_name),
        ("submitter_role", "Your role in the cluster", Kind.TEXT, submission.submitter_role),
        ("criteria", "Ticked as true", Kind.LONG, "\n".join(criteria)),
        ("criteria_evidence", "Evidence", Kind.URL, submission.criteria_evidence),
        ("message", "Message to the reviewer", Kind.LONG, submission.message),
    )
    lines = [
        Line(SubmissionField(name, label, Step.WHO, kind), text)
        for name, label, kind, text in details
        if text and name in (names or {name})
    ]
    return Section(title, url, lines)


def _as_text(spec: SubmissionField, value: Value, choices: Choices) -> str:
    return as_text(spec, value, choices) or NOTHING
