"""The index of all clusters, and how a process brings it up to the database."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from pyroaring import BitMap

from catalogue.index.changes import (
    EVERYTHING,
    MOST,
    SHARED,
    Change,
    Version,
    current_version,
    joined_token,
    visible_changes,
)
from catalogue.index.entry import Entry, Words, read_entries
from catalogue.index.postings import Postings
from catalogue.index.shared import Shared

#: Below this share of all clusters, those found are sorted; above it, all are walked through in order.
_SPARSE = 20
#: Parts of an entry by which clusters can be found, beside facets.
_KEYS: dict[str, Callable[[Entry], Iterable[str]]] = {
    "status": lambda entry: (entry.status,),
    "title": lambda entry: entry.names,
    "place": lambda entry: entry.places,
    "seat": lambda entry: ("true",) if entry.is_in_place else (),
    "core": lambda entry: ("true",) if entry.core_cybersecurity else (),
    "verticals": lambda entry: (str(sum(1 for kind, _slug in entry.terms if kind == "vertical")),),
}
Pair = tuple[Entry, Words]


class CatalogueIndex:
    """All clusters as the database has them at ``version``; never changed, so that threads can share it.

    ``keys`` gives the clusters by facet and value, and by the parts named in ``_KEYS``. Sets are bitmaps of primary keys.
    """

    def __init__(
        self,
        entries: dict[int, Entry],
        keys: dict[str, Postings],
        names: Postings,
        texts: Postings,
        by_name: list[tuple[str, str, int]],
        shared: Shared,
    ) -> None:
        self.entries, self.keys, self.names, self.texts = entries, keys, names, texts
        self.by_name, self.shared = by_name, shared
        self._orders: dict[str, tuple[list[int], dict[int, int]]] = {}
        self._numbers: dict[str, list[tuple[Any, int]]] = {}

    @classmethod
    def of(cls, pairs: Iterable[Pair], shared: Shared) -> CatalogueIndex:
        """Build the index of clusters with their words."""
        entries: dict[int, Entry] = {}
        names: list[tuple[int, list[str]]] = []

        def texts() -> Iterator[tuple[int, list[str]]]:
            for entry, words in pairs:
                entries[entry.pk] = entry
                names.append((entry.pk, words.names))
                yield entry.pk, words.texts

        every_text = Postings.of(texts())
        keys = {
            name: Postings.of((pk, values(entry)) for pk, entry in entries.items())
            for name, values in _key_functions().items()
        }
        by_name = sorted((entry.sort_name, entry.slug, pk) for pk, entry in entries.items())
        return cls(entries, keys, Postings.of(names), every_text, by_name, shared)

    @classmethod
    def read(cls) -> CatalogueIndex:
        """Build the index of the whole database."""
        return cls.of(read_entries(), Shared.read())

    def updated(self, changed: BitMap, shared: Shared) -> CatalogueIndex:
        """Return the index after the clusters ``changed`` were read again; what they share is ``shared``."""
        if not changed and shared == self.shared:
            return self
        if not changed:
            return CatalogueIndex(self.entries, self.keys, self.names, self.texts, self.by_name, shared)
        pairs = list(read_entries(list(changed)))
        entries, by_name = dict(self.entries), list(self.by_name)
        for pk in changed:
            if old := entries.pop(pk, None):
                del by_name[bisect_left(by_name, (old.sort_name, old.slug, pk))]
        for entry, _words in pairs:
            entries[entry.pk] = entry
            insort(by_name, (entry.sort_name, entry.slug, entry.pk))
        keys = {
            name: self.keys[name].replaced(changed, [(entry.pk, values(entry)) for entry, _words in pairs])
            for name, values in _key_functions().items()
        }
        index = CatalogueIndex(
            entries,
            keys,
            self.names.replaced(changed, [(entry.pk, words.names) for entry, words in pairs]),
            self.texts.replaced(changed, [(entry.pk, words.texts) for entry, words in pairs]),
            by_name,
            shared,
        )
        if shared is self.shared and all(
            _in_lexicon(self.entries.get(pk)) == _in_lexicon(entries.get(pk)) for pk in changed
        ):
            index.__dict__["lexicon"] = self.lexicon.of_index(index)
        return index

    # --- sets ---

    def having(self, name: str, *values: str) -> BitMap:
        """Return the clusters that have any of ``values`` of the facet or part ``name``."""
        holders = self.keys[name]
        if len(values) == 1:
            return holders.whole(values[0])
        return BitMap.union(BitMap(), *(holders.whole(value) for value in values))

    def published(self) -> BitMap:
        """Return the public ones: all that anybody may see starts here."""
        return self.having("status", "published")

    def compared(self, column: str, low: Any = None, high: Any = None) -> BitMap:
        """Return those whose ``column`` is from ``low`` to ``high``, both included; the unknown are none of them."""
        numbers = self._numbers.get(column)
        if numbers is None:
            known = ((getattr(entry, column), pk) for pk, entry in self.entries.items())
            numbers = self._numbers[column] = sorted(pair for pair in known if pair[0] is not None)
        start = 0 if low is None else bisect_left(numbers, (low, 0))
        end = len(numbers) if high is None else bisect_left(numbers, (high, 1 << 62))
        return BitMap(pk for _value, pk in numbers[start:end])

    # --- orders ---

    def in_order(self, found: BitMap, sort: str = "name") -> Iterator[int]:
        """Yield ``found`` in the order ``sort``: a column, with a minus for descending; see ``SORT_FIELDS``.

        Unknown values come last in both directions; the name decides between equals.
        """
        order, places = self._order(sort)
        if len(found) * _SPARSE < len(order):
            return iter(sorted(found, key=places.__getitem__))
        return (pk for pk in order if pk in found)

    def page(self, found: BitMap, sort: str, start: int, stop: int) -> list[int]:
        """Return a part of ``found`` in its order."""
        return list(islice(self.in_order(found, sort), start, stop))

    def _order(self, sort: str) -> tuple[list[int], dict[int, int]]:
        if sort not in self._orders:
            order = [pk for _sort_name, _slug, pk in self.by_name]
            column = sort.removeprefix("-")
            if column != "name" or sort.startswith("-"):
                value = self._sort_value(column)
                known = [pk for pk in order if value(pk) is not None]
                # Sorting keeps the order of equals, which is that of names.
                known.sort(key=value, reverse=sort.startswith("-"))
                order = [*known, *(pk for pk in order if value(pk) is None)]
            self._orders[sort] = order, {pk: place for place, pk in enumerate(order)}
        return self._orders[sort]

    def _sort_value(self, column: str) -> Callable[[int], Any]:
        entries = self.entries
        if column == "country":
            countries = {code: value.sort_name for code, value in self.shared.values["country"].items()}
            return lambda pk: countries.get(entries[pk].country)
        field = {"name": "sort_name", "confirmed": "confirmed_on"}.get(column, column)
        return lambda pk: getattr(entries[pk], field)

    @cached_property
    def lexicon(self) -> Any:
        """What words mean in a search, see :class:`catalogue.search.lexicon.Lexicon`; made when it is asked first."""
        from catalogue.search.lexicon import Lexicon

        return Lexicon.of(self)


def _key_functions() -> dict[str, Callable[[Entry], Iterable[str]]]:
    from catalogue.listing.declared import FACETS

    return {**_KEYS, **{name: facet.values for name, facet in FACETS.items()}}


def _in_lexicon(entry: Entry | None) -> Any:
    """Return what the lexicon has of a cluster."""
    return entry and (entry.status, entry.country, entry.region, entry.terms, entry.places, entry.is_in_place)


class Holder:
    """The index of this process, with the changes that it knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: tuple[Version, dict[int, str], CatalogueIndex] | None = None

    def current(self) -> tuple[Version, CatalogueIndex]:
        """Return the index as this connection sees the database now, and its version."""
        version, state = current_version(), self._state
        if state is None or state[0] != version:
            with self._lock:
                state = self._state
                # Another thread may have done it while this one waited.
                if state is None or state[0] != version:
                    # Read before the clusters: what is committed since then comes with the next version.
                    changes = visible_changes()
                    latest = _version_of(changes)
                    if state is None or state[0] != latest:
                        state = self._state = (latest, dict(changes), self._updated(changes))
        return state[0], state[2]

    def _updated(self, changes: list[Change]) -> CatalogueIndex:
        if self._state is None:
            return CatalogueIndex.read()
        _version, known, index = self._state
        visible = dict(changes)
        # What vanished was rolled back in the transaction that wrote it, or put into one row with others.
        vanished = {token: clusters for token, clusters in known.items() if token not in visible}
        new = {token: clusters for token, clusters in visible.items() if token not in known}
        if vanished and new.pop(joined_token(vanished), None) is not None:
            vanished = {}
        parts = [*vanished.values(), *new.values()]
        if EVERYTHING in parts:
            return CatalogueIndex.read()
        shared = Shared.read() if SHARED in parts else index.shared
        changed = BitMap(int(key) for part in parts for key in part.split(",") if key)
        if len(changed) > MOST or shared.slugs != index.shared.slugs:
            return CatalogueIndex.read()  # entries hold slugs
        return index.updated(changed, shared)

    def forget(self) -> None:
        """Read everything at the next use."""
        self._state = None


def _version_of(changes: list[Change]) -> Version:
    joined = joined_token(change.token for change in changes)
    return Version(joined & ((1 << 31) - 1), joined >> 31)


_holder = Holder()
current_index = _holder.current
forget_index = _holder.forget
