"""A named, ordered list that apps fill while Django starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

#: The place of entries that have no ``order`` of their own.
DEFAULT_ORDER = 100


class Extension(Protocol):
    """What can be registered. An integer ``order`` is its place, the lower first; equal ones follow by name."""

    @property
    def name(self) -> str:
        """The key; two different extensions of one registry never share it."""


E = TypeVar("E", bound=Extension)


class Registry(Generic[E]):
    """Extensions of one kind. Apps register theirs in ``AppConfig.ready()``, so that no app imports one above it."""

    def __init__(self, what: str) -> None:
        """Keep ``what`` is registered, in the plural, for the message of an error."""
        self.what = what
        self._entries: dict[str, E] = {}

    def register(self, *entries: E) -> None:
        """Add ``entries``; safe to repeat with equal ones.

        Raises ValueError when a different entry has the same name: one of the two would silently be lost.
        """
        for entry in entries:
            if self._entries.setdefault(entry.name, entry) != entry:
                raise ValueError(f"Two {self.what} have the name {entry.name!r}.")

    def unregister(self, name: str) -> None:
        """Take an entry out again, for tests that add one. Raises KeyError if there is none."""
        del self._entries[name]

    def get(self, name: str) -> E | None:
        """Return the entry called ``name``, if there is one."""
        return self._entries.get(name)

    def __iter__(self) -> Iterator[E]:
        """Go through all entries in their order."""
        return iter(sorted(self._entries.values(), key=lambda e: (getattr(e, "order", DEFAULT_ORDER), e.name)))
