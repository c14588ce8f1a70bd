"""Declared fields of a profile on the staff's form, without naming each."""

from __future__ import annotations

from typing import Any

from catalogue.profile.declaration import ProfileField, Step
from catalogue.profile.fields import FIELDS

Fieldsets = list[tuple[str, dict[str, Any]]]

_HEADINGS = {
    Step.WHO: "Who it is",
    Step.WHAT: "What it does",
    Step.MEMBERS: "Members and staff",
    Step.CONTACT: "How to reach it",
    Step.OFFICE: "Where it is",
}


def with_declared_fields(fieldsets: Fieldsets, declared: tuple[ProfileField, ...] = FIELDS) -> Fieldsets:
    """Return ``fieldsets`` with every proposable column that they do not name, at the end of its step's heading."""
    named = {name for _heading, options in fieldsets for line in options["fields"] for name in _names(line)}
    missing = [field for field in declared if field.form and field.is_own_column and field.name not in named]
    return [
        (heading, {**options, "fields": [*options["fields"], *(f.name for f in missing if _heading(f) == heading)]})
        for heading, options in fieldsets
    ]


def _names(line: str | tuple[str, ...]) -> tuple[str, ...]:
    return (line,) if isinstance(line, str) else line


def _heading(field: ProfileField) -> str:
    return _HEADINGS[field.form.step] if field.form else ""
