"""A row of a spreadsheet as values that can be proposed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from catalogue.search.text import tidy
from imports.exceptions import CellProblem, UnknownNames
from imports.rows.cells import is_empty, is_nothing, is_placeholder, read_cell, read_members, text_of, unguarded
from imports.rows.headings import ID, IGNORE, SLUG
from imports.rows.vocabulary import Vocabulary
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, Kind, SubmissionField
from submissions.fields.form import check_values
from submissions.fields.values import Value, Values, changed_names

#: A cluster is not a cluster without them, so no empty cell takes them away.
REQUIRED = ("name", "country")
#: Fields that describe one thing: half of the profile's and half of the spreadsheet's would contradict each other.
_TOGETHER = (
    frozenset({"place", "place_local_name", "latitude", "longitude", "precision"}),
    frozenset({"members", "members_qualifier", "members_as_of"}),
    frozenset({"quality_label", "quality_evidence", "quality_expires_on"}),
)
_SPREAD = 200  # characters of a text that a message or a stored faulty cell shows


@dataclass(frozen=True)
class Plan:
    """What the columns mean and how rows meet profiles."""

    targets: Sequence[str]
    names: Sequence[str]  # of the columns, for messages
    fills_only: bool = False
    empty_deletes: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The fields that have a column."""
        return frozenset(target for target in self.targets if target not in (IGNORE, ID, SLUG))


@dataclass
class ParsedRow:
    """What a row says. ``errors`` are messages by field, "" for the row as a whole."""

    number: int
    public_id: UUID | None = None
    slug: str = ""
    values: Values = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)  # the cells of each field that has any
    empty: set[str] = field(default_factory=set)  # fields whose cells are all empty
    errors: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what staff should know, beside mistakes
    unknown: list[tuple[str, str, str]] = field(default_factory=list)  # names that nobody knows: field, text, country

    @property
    def is_identified(self) -> bool:
        """Whether the row names its cluster by id or slug."""
        return self.public_id is not None or bool(self.slug)

    def fail(self, name: str, message: str) -> None:
        """Add a message."""
        self.errors.setdefault(name, []).append(message)


class RowReader:
    """Reads the rows of one spreadsheet."""

    def __init__(self, plan: Plan, vocabulary: Vocabulary) -> None:
        """Remember what the columns mean."""
        self.plan, self.vocabulary = plan, vocabulary
        self._columns: dict[str, list[int]] = {}
        for place, target in enumerate(plan.targets):
            if target != IGNORE:
                self._columns.setdefault(target, []).append(place)

    def read(self, number: int, cells: Sequence[Any]) -> ParsedRow:
        """Return what a row says, but for its region, which may depend on the profile (:meth:`read_region`)."""
        parsed = ParsedRow(number)
        width = len(self.plan.targets)
        if any(not is_nothing(cell) for cell in cells[width:]):
            parsed.fail(
                "",
                f"This row has more cells than the headings ({len(cells)}, not {width}). Put texts that hold the "
                "separator between quotation marks, or give the last columns a heading.",
            )
        passed_over: list[str] = []
        for target, places in self._columns.items():
            filled = [cells[place] for place in places if place < len(cells) and not is_empty(cells[place])]
            raws = [raw for raw in filled if not is_placeholder(raw, target)]
            if target in (ID, SLUG):
                self._identify(parsed, target, raws)
            elif raws:
                parsed.texts[target] = [text_of(raw) for raw in raws]
            elif filled:
                passed_over.append(f"{BY_NAME[target].label} (“{text_of(filled[0])}”)")
            else:
                parsed.empty.add(target)
            if raws and target not in (ID, SLUG, "region", "members"):
                self._read(parsed, BY_NAME[target], raws)
        if passed_over:
            parsed.notes.append(f"These cells say nothing, so the fields stay as they are: {', '.join(passed_over)}.")
        for place in self._columns.get("members", ()):
            # Last, since the cell may say what the number is, as the column of qualifiers does.
            if place < len(cells) and not is_nothing(cells[place]):
                self._read_members(parsed, cells[place])
        if "country" in parsed.errors and "region" in parsed.texts:
            parsed.values.pop("region", None)
        return parsed

    def read_region(self, parsed: ParsedRow, live_country: str = "") -> None:
        """Read the region of ``parsed``, which lies in the country of the row or else in that of the profile."""
        if "region" in parsed.texts and "country" not in parsed.errors:
            country = str(parsed.values.get("country") or live_country)
            self._read(parsed, BY_NAME["region"], parsed.texts["region"], country)

    def _identify(self, parsed: ParsedRow, target: str, raws: list[Any]) -> None:
        if not raws:
            return
        text = unguarded(text_of(raws[0]))
        if target == SLUG:
            parsed.slug = text.strip("/").rpartition("/")[2].lower()[:200]
            return
        try:
            parsed.public_id = UUID(text)
        except ValueError:
            parsed.fail(ID, f"“{text[:60]}” is no id of a cluster. Copy it from an export, or leave the cell empty.")

    def _read(self, parsed: ParsedRow, spec: SubmissionField, raws: list[Any], country: str = "") -> None:
        found: list[Value] = []
        for raw in raws:
            try:
                value = read_cell(spec, raw, self.vocabulary, country=country)
            except CellProblem as problem:
                parsed.fail(spec.name, str(problem))
                if isinstance(problem, UnknownNames):
                    parsed.unknown += [(spec.name, text, where) for text, where in problem.unknown]
            else:
                if value is not None and value not in found:
                    found.append(value)
        parsed.notes += self.vocabulary.pop_notes()
        if len(found) > 1:
            names = " and ".join(f"“{self.plan.names[place]}”" for place in self._columns[spec.name])
            parsed.fail(spec.name, f"The columns {names} contradict each other. Correct one, or empty it.")
        elif found and spec.name not in parsed.errors:
            parsed.values[spec.name] = found[0]

    def _read_members(self, parsed: ParsedRow, raw: Any) -> None:
        try:
            number, qualifier = read_members(raw)
        except CellProblem as problem:
            parsed.fail("members", str(problem))
            return
        parsed.values["members"] = number
        if not qualifier:
            return
        stated = parsed.values.setdefault("members_qualifier", qualifier)
        if stated != qualifier:
            parsed.fail(
                "members_qualifier", "The number of members and its qualifier contradict each other. Correct one."
            )


def row_values_to_propose(parsed: ParsedRow, live: Values | None, plan: Plan, choices: Choices) -> Values:
    """Return what is to be proposed: all values of a new cluster (``live`` is ``None``), else those that differ.

    Messages about values and rules are added to ``parsed.errors``.
    """
    stated = dict(parsed.values)
    if live is not None:
        _drop_exported(parsed, stated, live, choices)
        if plan.empty_deletes and not plan.fills_only and parsed.is_identified:
            stated.update(_emptied(parsed.empty, live))
    return values_to_propose(stated, live, choices, fills_only=plan.fills_only, errors=parsed.errors)


def values_to_propose(
    stated: Mapping[str, Value],
    live: Values | None,
    choices: Choices,
    *,
    fills_only: bool,
    errors: dict[str, list[str]],
) -> Values:
    """Return which of the values ``stated`` are to be proposed for a profile that says ``live``."""
    values = dict(stated)
    if live is not None and fills_only:
        values = _gaps(values, live)
    if values.get("members") is not None and "members_qualifier" not in values:
        is_same = live is not None and live.get("members") == values["members"]
        if not is_same:
            values["members_qualifier"] = "exact"
    is_placed = {"latitude", "longitude"} <= values.keys()
    if is_placed and "precision" not in values and not (live or {}).get("precision"):
        values["precision"] = "seat"
    names = changed_names(values, live) if live is not None else list(values)
    wanted = {name: values[name] for name in names}
    if not wanted:
        return {}
    payload, wrong = check_values(wanted, choices=choices, base=live, is_strict=False)
    for name, messages in wrong.items():
        errors.setdefault(name, []).extend(messages)
    return {name: payload[name] for name in changed_names(payload, live)} if live is not None else payload


def _gaps(values: Values, live: Values) -> Values:
    """Return what fills gaps of ``live``: lists are added to, nothing that is said already changes."""
    filled: Values = {}
    for name, value in values.items():
        spec, here = BY_NAME[name], live.get(name)
        if isinstance(value, list):
            filled[name] = sorted({*value, *(here if isinstance(here, list) else [])})
        elif spec.kind != Kind.FLAG and here == spec.empty:
            filled[name] = value
    for group in _TOGETHER:
        if any(live.get(name) != BY_NAME[name].empty for name in group):
            filled = {name: value for name, value in filled.items() if name not in group}
    return filled


def _emptied(empty: Collection[str], live: Values) -> Values:
    """Return the fields that empty cells take away. What our own export leaves out for its readers stays."""
    hidden = set()
    if live.get("precision") == "country":
        hidden |= {"place", "place_local_name"}
    if _is_past(live.get("quality_expires_on")):
        hidden |= {"quality_label", "quality_expires_on"}
    emptied: Values = {name: BY_NAME[name].empty for name in empty if name not in REQUIRED and name not in hidden}
    if "members" in emptied:
        emptied["members_qualifier"] = ""
    return emptied


def _is_past(value: Value) -> bool:
    return isinstance(value, str) and bool(value) and date.fromisoformat(value) < timezone.localdate()


def _drop_exported(parsed: ParsedRow, stated: Values, live: Values, choices: Choices) -> None:
    """Take out what reads just as our own export writes the profile, whatever a cell might mean otherwise."""
    for name, texts in parsed.texts.items():
        value = stated.get(name)
        if isinstance(value, str) and BY_NAME[name].is_text and tidy(value) == live.get(name):
            stated[name] = live[name]
        if name in stated and stated[name] == live.get(name):
            continue
        exported = _exported(BY_NAME[name], live.get(name), choices)
        # Rows of old may hold what is taken out of texts today: their profile is read without it.
        if all(_same(text, exported) or _same(tidy(text), exported) for text in texts):
            stated.pop(name, None)
            parsed.errors.pop(name, None)


def _same(text: str, exported: str) -> bool:
    return exported in (text, unguarded(text)) or sorted(text.split("; ")) == sorted(exported.split("; "))


def _exported(spec: SubmissionField, value: Value, choices: Choices) -> str:
    if isinstance(value, list):
        known = choices.of(spec)
        return "; ".join(known.get(item, item) for item in value)
    if value is None or value == spec.empty:
        return ""
    if spec.name == "former_names":
        return "; ".join(line.strip() for line in str(value).splitlines() if line.strip())
    if spec.kind == Kind.CHOICE and spec.name == "quality_label":
        return choices.of(spec).get(str(value), str(value))
    return str(value).strip()


def shorten(text: str) -> str:
    """Return a cell as lists show it."""
    return text if len(text) <= _SPREAD else f"{text[: _SPREAD - 1]}…"
