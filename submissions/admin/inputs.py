"""What a reviewer filled in on the review page, as typed, until the decision can be carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.forms import BoundField
from django.http import QueryDict

from submissions.exceptions import DecisionNotPossible
from submissions.fields.choices import Choices
from submissions.fields.definitions import NAMES
from submissions.fields.form import ProfileForm
from submissions.fields.values import Values
from submissions.models import CannedReason, Submission
from submissions.review.difference import Difference, FieldRow
from submissions.services.dependent_fields import leader_of
from submissions.services.review import FieldDecision, ReviewSnapshot

ACCEPT, EDIT, REFUSE = "accept", "edit", "refuse"
MAX_TEXT = 4000
#: So many possible duplicates at the most are read from a page.
MAX_DUPLICATES = 50


@dataclass
class FieldInput:
    """The decision on one field as the page shows it."""

    row: FieldRow
    choice: str = ACCEPT
    reason: str = ""
    editor: BoundField | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the name of the field."""
        return self.row.name

    @property
    def leader(self) -> str:
        """Return the label of the field that this one goes with, if there is one."""
        return leader_of(self.row.name)


class Inputs:
    """Everything that can be filled in on the page; ``data`` is what came back, ``None`` for a fresh page."""

    def __init__(
        self,
        submission: Submission,
        difference: Difference,
        choices: Choices,
        canned: Iterable[CannedReason],
        live: Values,
        data: QueryDict | None = None,
    ) -> None:
        """Read what the reviewer filled in; rows that are new on the page are accepted unless refused."""
        self._data = data
        self._given: QueryDict = data if data is not None else QueryDict()
        self.canned = list(canned)
        self._texts = {str(reason.pk): reason.text for reason in self.canned}
        self.is_closure = submission.kind == Submission.Kind.CLOSURE
        rows = [] if self.is_closure else difference.changed
        editable = [row for row in rows if not row.is_logo]
        self.form = ProfileForm(
            data, names=[row.name for row in editable], choices=choices, base=live, is_strict=False, prefix=EDIT,
            initial={row.name: row.proposed_value for row in editable},
        )  # fmt: skip
        for editor in self.form.fields.values():
            editor.help_text = ""
            # The inputs are beside the values, outside the form's element.
            editor.widget.attrs["form"] = "review"
        bulk = {"accept-all": ACCEPT, "refuse-all": REFUSE}.get(self._given.get("action", ""))
        self.fields = {row.name: self._field(row, bulk) for row in rows}
        # To archive a profile is grave: nothing is chosen until somebody chooses.
        self.closure = self._choice("closure", None) if "field-closure" in self._given else ""
        self.reason = self._text("reason")
        self.reject_reason = self._text("reject_reason", "canned_reject")
        self.changes_text = self._text("changes_text", "canned_changes")
        self.asked = {name for name in self._given.getlist("ask") if name in NAMES}
        self.publish = self._given.get("publish", "yes") == "yes"
        #: Whether the reviewer pressed a button of the rejection.
        self.is_rejection = self._given.get("action", "") in ("reject", "preview:reject")
        #: Whether the reviewer pressed a button of the request for changes.
        self.is_request = self._given.get("action", "") in ("changes", "preview:changes")
        self.errors: dict[str, str] = {}

    # --- reading ---

    def _text(self, name: str, canned: str = "") -> str:
        text = self._given.get(name, "").replace("\r\n", "\n").strip()[:MAX_TEXT]
        chosen = self._texts.get(self._given.get(canned, ""), "") if canned else ""
        return f"{text}\n\n{chosen}".strip() if chosen and chosen not in text else text

    def _choice(self, name: str, bulk: str | None) -> str:
        chosen = bulk or self._given.get(f"field-{name}", ACCEPT)
        return chosen if chosen in (ACCEPT, EDIT, REFUSE) else ACCEPT

    def _field(self, row: FieldRow, bulk: str | None) -> FieldInput:
        choice = self._choice(row.name, bulk)
        if choice == EDIT and row.name not in self.form.fields:
            choice = ACCEPT
        found = FieldInput(row, choice, self._reason_of(row.name))
        if row.name in self.form.fields:
            found.editor = self.form[row.name]
            if choice == EDIT and self._data is not None:
                found.errors = [str(message) for message in self.form.errors.get(row.name, [])]
        return found

    def _reason_of(self, name: str) -> str:
        text = self._text(f"why-{name}", f"canned-{name}")
        return " ".join(text.split())[:1000]

    @property
    def snapshot(self) -> ReviewSnapshot:
        """Return what the reviewer had read; a version that never was, if the page was forged."""
        version = self._given.get("version", "")
        is_number = version.isascii() and version.isdigit() and len(version) < 10
        duplicates = (
            key for key in self._given.get("alike", "").split(",")[:MAX_DUPLICATES] if key.isascii() and key.isdigit()
        )
        return ReviewSnapshot(
            int(version) if is_number else -1,
            self._given.get("live", ""),
            frozenset(int(key[:17]) for key in duplicates),
        )

    def override_reason(self, key: str) -> str:
        """Return why a check shall be set aside."""
        return self._text(f"override-{key}")

    @property
    def counts(self) -> dict[str, int]:
        """Return how many fields are accepted, edited and refused."""
        found = dict.fromkeys((ACCEPT, EDIT, REFUSE), 0)
        for one in self.fields.values():
            found[one.choice] += 1
        return found

    @property
    def verb(self) -> str:
        """Return what the button that decides does."""
        if self.is_closure:
            return "Decide"
        counts = self.counts
        if not counts[REFUSE]:
            return "Approve"
        return "Approve in part" if counts[ACCEPT] + counts[EDIT] else "Refuse everything"

    def of_use(self, use: str) -> list[CannedReason]:
        """Return the canned reasons for ``use``."""
        return [reason for reason in self.canned if reason.use == use]

    # --- deciding ---

    def decisions(self) -> dict[str, FieldDecision]:
        """Return the decision on each field that was answered.

        Raises :class:`DecisionNotPossible` if a value that the reviewer wrote is wrong.
        """
        if self.is_closure:
            if "field-closure" not in self._given:
                return {}
            return {"closure": FieldDecision(self.closure == ACCEPT, self._reason_of("closure"))}
        wrong = {one.name: " ".join(one.errors) for one in self.fields.values() if one.errors}
        if wrong:
            raise DecisionNotPossible(wrong)
        self.form.full_clean()
        written = self.form.json_values()
        found = {}
        for name, one in self.fields.items():
            if f"field-{name}" not in self._given:
                continue  # the service says that it is missing
            is_edited = one.choice == EDIT and written[name] != one.row.proposed_value
            found[name] = FieldDecision(
                is_accepted=one.choice != REFUSE, reason=one.reason, is_edited=is_edited,
                value=written[name] if is_edited else None,
            )  # fmt: skip
        return found

    def show(self, errors: Mapping[str, str]) -> None:
        """Put the messages of a decision that was not possible beside their fields."""
        for name, message in errors.items():
            if name in self.fields:
                if message not in self.fields[name].errors:
                    self.fields[name].errors.append(message)
            else:
                self.errors[name] = message

    @property
    def has_errors(self) -> bool:
        """Whether anything has to be put right."""
        return bool(self.errors) or any(one.errors for one in self.fields.values())

    def listed_errors(self) -> list[tuple[str, str]]:
        """Return all messages, each with the id of the element that it is about."""
        places = {**_PLACES, "reason": "reject-box"} if self.is_rejection else _PLACES
        found = [(places.get(name, "decision"), text) for name, text in self.errors.items()]
        for one in self.fields.values():
            label = one.row.spec.label
            found += [
                (f"field-{one.name}", text if text.startswith(label) else f"{label}: {text}") for text in one.errors
            ]
        return found


_PLACES = {"closure": "field-closure", "reason": "reason-box", "text": "changes-box", "fields": "changes-box"}
