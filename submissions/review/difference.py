"""What a submission proposes against what the live row says now, field by field in the order of the form."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from submissions.fields.choices import Choices
from submissions.fields.definitions import FIELDS, Kind, Step, SubmissionField
from submissions.fields.values import Value, Values, as_text, read_values
from submissions.models import Submission
from workplace.history import compare

#: (kind, text) with the kinds "same", "gone" and "new", in reading order.
Pieces = tuple[tuple[str, str], ...]

STEPS = {
    Step.WHO: "Who it is",
    Step.WHAT: "What it does",
    Step.MEMBERS: "Members and reach",
    Step.CONTACT: "Contact",
    Step.OFFICE: "Added by the office",
}
_TEXTS = (Kind.LONG, Kind.MARKDOWN)
_ENOUGH_STAYS = 0.35


@dataclass(frozen=True)
class FieldRow:
    """One field of the form. Texts are as a reader sees them, empty for nothing.

    ``was`` is what the live row said when the submission was sent; it differs from ``live`` if somebody
    changed the profile meanwhile.
    """

    spec: SubmissionField
    live: str
    proposed: str
    was: str
    pieces: Pieces
    is_proposed: bool
    is_different: bool
    is_meanwhile: bool
    proposed_value: Value = None

    @property
    def name(self) -> str:
        """Return the name of the field."""
        return self.spec.name

    @property
    def is_list(self) -> bool:
        """Whether it holds terms, countries or networks."""
        return self.spec.is_list

    @property
    def is_long(self) -> bool:
        """Whether it is a text of several lines."""
        return self.spec.kind in _TEXTS

    @property
    def is_logo(self) -> bool:
        """Whether it is a picture."""
        return self.spec.kind == Kind.LOGO

    @property
    def is_settled(self) -> bool:
        """Whether the live row says already what is proposed."""
        return self.is_proposed and not self.is_different

    @property
    def is_emptied(self) -> bool:
        """Whether the proposal takes something away and gives nothing instead."""
        return self.is_different and not self.proposed and bool(self.live)

    @property
    def link(self) -> str:
        """Return the proposed web address, if it is one that a browser should be sent to."""
        text = self.proposed
        return text if self.spec.kind == Kind.URL and text.startswith(("https://", "http://")) else ""


@dataclass(frozen=True)
class Section:
    """The rows of one step of the form."""

    label: str
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True)
class Difference:
    """All fields of a submission against the live row."""

    rows: tuple[FieldRow, ...]
    is_new: bool

    @property
    def changed(self) -> list[FieldRow]:
        """Return the rows on which a decision is needed."""
        return [row for row in self.rows if row.is_different]

    @property
    def settled(self) -> list[FieldRow]:
        """Return what was proposed and is so already."""
        return [row for row in self.rows if row.is_settled]

    @property
    def others(self) -> list[FieldRow]:
        """Return what is not proposed to change."""
        return [row for row in self.rows if not row.is_different]

    @property
    def meanwhile(self) -> list[FieldRow]:
        """Return the proposed fields that changed on the live row since the submission was sent."""
        return [row for row in self.rows if row.is_meanwhile]

    @property
    def sections(self) -> list[Section]:
        """Return the rows by the steps of the form."""
        found = []
        for step, label in STEPS.items():
            rows = tuple(row for row in self.rows if row.spec.step == step)
            if any(row.is_different or row.live for row in rows):
                found.append(Section(label, rows))
        return found


def difference(submission: Submission, choices: Choices) -> Difference:
    """Return the difference of ``submission`` to its target as it is now; to nothing for a new cluster.

    A decided submission is compared with what it was decided against: its target holds the outcome by now.
    """
    live = _live(submission)
    rows = tuple(_row(spec, submission, live, choices) for spec in FIELDS)
    return Difference(rows, submission.kind == Submission.Kind.NEW)


def _live(submission: Submission) -> Values:
    if submission.kind == Submission.Kind.NEW or submission.target is None:
        return {}
    return (
        {**submission.base, **submission.decided_against} if submission.is_decided else read_values(submission.target)
    )


def _row(spec: SubmissionField, submission: Submission, live_values: Values, choices: Choices) -> FieldRow:
    live = live_values.get(spec.name, spec.empty)
    is_proposed = spec.name in submission.payload
    proposed = submission.payload.get(spec.name, spec.empty) if is_proposed else live
    was = submission.base.get(spec.name, spec.empty) if submission.kind == Submission.Kind.UPDATE else live
    is_different = is_proposed and proposed != live
    return FieldRow(
        spec=spec,
        live=_as_text(spec, live, choices),
        proposed=_as_text(spec, proposed, choices),
        was=_as_text(spec, was, choices),
        pieces=pieces(spec, live, proposed, choices) if is_different else (),
        is_proposed=is_proposed,
        is_different=is_different,
        is_meanwhile=is_proposed and was != live,
        proposed_value=proposed,
    )


def _as_text(spec: SubmissionField, value: Value, choices: Choices) -> str:
    try:
        return as_text(spec, value, choices)
    except (TypeError, ValueError):
        # A value of another shape than its field has today: shown as it is stored, refused when it is written.
        return str(value)


def pieces(spec: SubmissionField, live: Value, proposed: Value, choices: Choices) -> Pieces:
    """Return what goes, comes and stays: item by item for lists, word by word for texts."""
    if spec.is_list:
        return _pieces_of_list(spec, live, proposed, choices)
    old, new = _as_text(spec, live, choices), _as_text(spec, proposed, choices)
    if spec.kind in _TEXTS and old and new and _share_words(old, new):
        return compare(old, new)
    if spec.kind == Kind.TEXT and old and new and _are_alike(old, new):
        return compare(old, new)
    return tuple((kind, text) for kind, text in (("gone", old), ("new", new)) if text)


def _are_alike(old: str, new: str) -> bool:
    return SequenceMatcher(None, old, new, autojunk=False).ratio() > 0.5


def _share_words(old: str, new: str) -> bool:
    """Return whether enough words stay that marking the others is easier to read than the two texts."""
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio() > _ENOUGH_STAYS


def _pieces_of_list(spec: SubmissionField, live: Value, proposed: Value, choices: Choices) -> Pieces:
    before = set(live if isinstance(live, list) else [])
    after = set(proposed if isinstance(proposed, list) else [])
    labels = choices.of(spec)
    found = [
        (labels.get(item, item), "same" if item in before & after else "new" if item in after else "gone")
        for item in before | after
    ]
    return tuple((kind, label) for label, kind in sorted(found, key=lambda pair: pair[0].casefold()))
