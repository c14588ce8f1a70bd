"""What changed between the versions of a record, as text for staff.

django-simple-history compares two versions with several queries each and leaves out fields that no
form shows (a cluster's status). Here all versions of a page are compared with a fixed number of queries.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from simple_history.utils import get_history_model_for_model, get_m2m_reverse_field_name

LONG_FROM = 60  # characters from which a text is compared word by word
WORDS_COMPARED = 4000  # comparing takes quadratic time; longer texts are shown as a whole
CONTEXT = 12  # words and spaces shown on both sides of a change


@dataclass(frozen=True)
class Change:
    """One field that differs between two versions.

    ``pieces`` are (kind, text) with the kinds "same", "gone" and "new", in reading order.
    """

    label: str
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FieldValue:
    """A field of one version with its value as text."""

    label: str
    value: str


class Versions:
    """Versions of records of one model, with the names of all that they refer to."""

    def __init__(self, model: type[models.Model], records: Sequence[models.Model]) -> None:
        """Read what ``records`` (rows of the history of ``model``) refer to: one query per relation."""
        history = get_history_model_for_model(model)
        hidden = {model._meta.pk.name}
        self.records = list(records)
        self.fields = [field for field in history.tracked_fields if field.name not in hidden]
        self.m2m_fields = list(history._history_m2m_fields)
        self._related = {field: self._names(field, self._ids(field)) for field in self.fields if field.is_relation}
        self._m2m = {field: self._m2m_names(field) for field in self.m2m_fields}

    def changes(self, record: models.Model, older: models.Model) -> list[Change]:
        """Return what differs in ``record`` from the version before it, in the order of the fields."""
        found = []
        for field in self.fields:
            if getattr(record, field.attname) != getattr(older, field.attname):
                pieces = compare(self.text(field, older), self.text(field, record))
                found.append(Change(capfirst(field.verbose_name), pieces))
        for field in self.m2m_fields:
            before, after = (self._m2m[field].get(row.pk, {}) for row in (older, record))
            if before.keys() != after.keys():
                gone = sorted(before[key] for key in before.keys() - after.keys())
                new = sorted(after[key] for key in after.keys() - before.keys())
                pieces = tuple([("gone", name) for name in gone] + [("new", name) for name in new])
                found.append(Change(capfirst(field.verbose_name), pieces))
        return found

    def values(self, record: models.Model) -> list[FieldValue]:
        """Return every field of ``record`` that has a value."""
        found = [FieldValue(capfirst(field.verbose_name), self.text(field, record)) for field in self.fields]
        found += [
            FieldValue(capfirst(field.verbose_name), ", ".join(sorted(self._m2m[field].get(record.pk, {}).values())))
            for field in self.m2m_fields
        ]
        return [entry for entry in found if entry.value]

    def text(self, field: models.Field, record: models.Model) -> str:
        """Return the value of ``field`` in ``record`` as staff reads it; empty for none."""
        value = getattr(record, field.attname)
        if value is None or value == "":
            return ""
        if field.is_relation:
            return self._related[field].get(value, f"deleted ({value})")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime):
            return formats.date_format(timezone.localtime(value), "j F Y, H:i")
        if isinstance(value, date):
            return formats.date_format(value, "j F Y")
        return str(value)

    def _ids(self, field: models.Field) -> set[Any]:
        return {getattr(record, field.attname) for record in self.records} - {None}

    def _names(self, field: models.Field, ids: set[Any]) -> dict[Any, str]:
        if not ids:
            return {}
        return {pk: str(row) for pk, row in field.related_model._base_manager.in_bulk(ids).items()}

    def _m2m_names(self, field: models.Field) -> dict[int, dict[Any, str]]:
        """Return for every version the related rows as ``{version: {key: name}}``."""
        if not self.records:
            return {}
        rows = getattr(self.records[0], field.name).model._base_manager
        column = f"{get_m2m_reverse_field_name(field)}_id"
        pairs = list(rows.filter(history__in=[row.pk for row in self.records]).values_list("history_id", column))
        names = self._names(field, {key for _version, key in pairs})
        found: dict[int, dict[Any, str]] = {}
        for version, key in pairs:
            found.setdefault(version, {})[key] = names.get(key, f"deleted ({key})")
        return found


def compare(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Return the difference of two texts as pieces; long texts word by word, with long equal parts cut.

    >>> compare("Bronze", "Gold")
    (('gone', 'Bronze'), ('new', 'Gold'))
    """
    before, after = re.findall(r"\S+|\s+", old), re.findall(r"\S+|\s+", new)
    is_short = max(len(old), len(new)) < LONG_FROM or not old or not new
    if is_short or len(before) + len(after) > WORDS_COMPARED:
        return tuple((kind, text) for kind, text in (("gone", old), ("new", new)) if text)
    pieces: list[tuple[str, str]] = []
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for position, (tag, i1, i2, j1, j2) in enumerate(steps):
        if tag == "equal":
            pieces.append(("same", _shortened(before[i1:i2], position == 0, position == len(steps) - 1)))
        else:
            pieces += [("gone", "".join(before[i1:i2]))] if i2 > i1 else []
            pieces += [("new", "".join(after[j1:j2]))] if j2 > j1 else []
    return tuple(pieces)


def _shortened(words: list[str], is_first: bool, is_last: bool) -> str:
    if len(words) <= 2 * CONTEXT:
        return "".join(words)
    head = "" if is_first else "".join(words[:CONTEXT])
    tail = "" if is_last else "".join(words[-CONTEXT:])
    return f"{head.rstrip()} … {tail.lstrip()}"
