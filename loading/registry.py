"""What is loaded: every app registers its kinds of data files in its ``AppConfig.ready()``.

A kind says from which file its records come, how its lines become records, where these are stored and which fields
are compared. Beside the kinds there are imports, which happen once in a way of their own, and checks afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet

from loading.fields import Field, Key
from loading.files import Row
from loading.report import Report


@dataclass(frozen=True)
class Entry:
    """One record of a file.

    ``identity`` are the attributes that a new object gets and that are never compared again (staff may
    change a slug); ``values`` hold one value per field of its kind. ``notes`` are for the hooks of the kind.
    """

    key: Key
    row: Row
    identity: dict[str, Any]
    values: dict[str, Any]
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Source:
    """The folder that is read, with the records of the kinds that were read already, by their labels."""

    folder: Path
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def of(self, label: str) -> list[Entry]:
        """Return the records of a kind that comes before."""
        return self.entries[label]

    def keys(self, label: str) -> set[Key]:
        """Return the keys of these records."""
        return {entry.key for entry in self.of(label)}


@dataclass(frozen=True)
class Kind:
    """A kind of records, made afresh for every load.

    ``read`` returns the records of its file, names resolved and checked, before the database is touched; it raises
    ``LoadError`` for the first mistake. ``by_key`` returns the primary keys of the objects that have the natural keys
    given, for records that the portal knows without having loaded them. ``after`` are the labels of the kinds that are
    read and loaded before, since this one refers to them.

    ``loaded`` is called for every record that is there after a load, with its entry, the names of the fields that say
    what the file says, and of those among them that were written by this load.

    ``lock`` takes the locks that have to be there before the first record of any kind is written. ``finish`` is called
    when the records of the kind are stored, ``finish_all`` at the end with the primary keys of the rows that were there
    and changed, by label.
    """

    label: str
    model: type[Model]
    fields: Sequence[Field]
    rows: Callable[[], QuerySet[Any]]
    by_key: Callable[[Iterable[Key]], dict[Key, Any]]
    read: Callable[[Source], list[Entry]]
    after: tuple[str, ...] = ()
    loaded: Callable[[Any, Entry, set[str], set[str]], None] | None = None
    lock: Callable[[], None] | None = None
    finish: Callable[[Report], None] | None = None
    finish_all: Callable[[dict[str, list[Any]]], None] | None = None

    @property
    def source_label(self) -> str:
        """The name under which source records are stored."""
        return self.model._meta.label_lower


#: An import of its own: takes the folder, returns what to print, or ``None`` if there was nothing to do.
Import = Callable[[Path], object | None]
#: What is looked at when all is stored: returns the line to print.
Check = Callable[[], str]

_kinds: dict[str, Callable[[], Kind]] = {}
_imports: dict[str, Import] = {}
_checks: dict[str, Check] = {}


def register(label: str, make: Callable[[], Kind]) -> None:
    """Make the kind ``label`` known; ``make`` is called for every load. Safe to repeat.

    Raises ValueError when another one has that label.
    """
    _add(_kinds, label, make)


def unregister(label: str) -> None:
    """Take a kind out again, for tests that add one. Raises KeyError if there is none."""
    del _kinds[label]


def register_import(label: str, run: Import) -> None:
    """Let a load call ``run`` after all kinds, within its transaction; as :func:`register` otherwise."""
    _add(_imports, label, run)


def register_check(label: str, run: Check) -> None:
    """Let a load call ``run`` when its transaction is over; as :func:`register` otherwise."""
    _add(_checks, label, run)


def kinds() -> list[Kind]:
    """Return the kinds in the order in which they were registered, but each after those that it refers to.

    Raises ImproperlyConfigured if one refers to a kind that nobody registered, or if they refer to each other.
    """
    made = {label: make() for label, make in _kinds.items()}
    ordered: dict[str, Kind] = {}

    def add(label: str, needed_by: tuple[str, ...] = ()) -> None:
        if label in ordered:
            return
        if label not in made or label in needed_by:
            raise ImproperlyConfigured(f"Kinds of data files cannot be ordered: {' → '.join((*needed_by, label))}.")
        for other in made[label].after:
            add(other, (*needed_by, label))
        ordered[label] = made[label]

    for label in made:
        add(label)
    return list(ordered.values())


def imports() -> list[Import]:
    """Return the imports in the order in which they were registered."""
    return list(_imports.values())


def checks() -> list[Check]:
    """Return the checks in the order in which they were registered."""
    return list(_checks.values())


def primary_keys_by(model: type[Model], attribute: str) -> Callable[[Iterable[Key]], dict[Key, Any]]:
    """Return the look-up of primary keys by a unique column."""

    def find(keys: Iterable[Key]) -> dict[Key, Any]:
        pairs = model._default_manager.filter(**{f"{attribute}__in": list(keys)}).values_list(attribute, "pk")
        return dict(pairs)

    return find


def add_entry(entries: list[Entry], entry: Entry, column: str) -> None:
    """Add ``entry``; raises ``LoadError`` for ``column`` if an earlier line has its key already."""
    for other in entries:
        if other.key == entry.key:
            raise entry.row.error(
                column, f"“{entry.key}” is in line {other.row.line} already.", "Keep one of the lines."
            )
    entries.append(entry)


def known(row: Row, column: str, value: str, values: Iterable[str], file: str) -> str:
    """Return ``value``; raises ``LoadError`` for ``column`` of ``row`` if ``file``, which has ``values``, lacks it."""
    if value not in values:
        raise row.error(column, f"“{value}” is not in {file}.", "Add it there, or correct the spelling here.")
    return value


def _add(registry: dict[str, Any], label: str, item: Any) -> None:
    if registry.setdefault(label, item) != item:
        raise ValueError(f"Two things of loading are named {label}.")
