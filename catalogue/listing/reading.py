"""What a list says about its search text: how it was read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.http import QueryDict

from catalogue.listing.declared import BY_NAME
from catalogue.listing.filters import ClusterFilter
from catalogue.search.reading import Reading, without_words

if TYPE_CHECKING:
    from catalogue.listing.page import ClusterListing


@dataclass(frozen=True)
class Chip:
    """One active filter with the address of the list without it."""

    name: str
    label: str
    value: str
    remove_query: str
    is_read: bool = False  # in the search text


@dataclass(frozen=True)
class ReadPart:
    """One part of the text: its chip, and what it was read as."""

    chip: Chip
    label: str


class PageReading:
    """What the search text of ``listing`` was read as."""

    def __init__(self, listing: ClusterListing) -> None:
        self.listing = listing
        self.reading: Reading = listing.filterset.interpretation  # type: ignore[assignment]  # made only where there is one

    @cached_property
    def read_as(self) -> list[ReadPart]:
        """The parts that became filters, each with a chip that takes it out of the text."""
        parts = []
        for phrase in self.reading.phrases:
            if not phrase.meaning.filter:
                continue
            label = f"not {phrase.meaning.label}" if phrase.is_excluded else phrase.meaning.label
            parts.append(self._part(phrase.meaning.filter, label, phrase.text))
        typed = dict.fromkeys(text for _name, text, _value in self.reading.numbers)
        parts += [self._part(self._number_filter(text), text, text) for text in typed]
        if self.reading.near and not self.listing.filterset.value("near"):
            parts.append(self._part("near", self.reading.near.name, self.reading.near_text))
        return parts

    def _number_filter(self, text: str) -> str:
        return next(name for name, typed, _value in self.reading.numbers if typed == text)

    def _part(self, name: str, label: str, typed: str) -> ReadPart:
        return ReadPart(
            Chip(name, BY_NAME[name].label, label, self.query_with(without_words(self.reading.text, typed)), True),
            label,
        )

    def query_with(self, text: str) -> str:
        """Return the query string of the list for another search text."""
        query = self.listing.base_query()
        if text.strip():
            query["q"] = text
        else:
            query.pop("q", None)
            query.pop("read", None)
        return self.listing.encode(query)

    @property
    def words(self) -> list[str]:
        """The words that are looked for beside what was read."""
        return [term.word for term in self.reading.terms]

    @property
    def as_words(self) -> tuple[str, int] | None:
        """The query string of the list for the words alone, with its number; ``None`` where nothing else was read."""
        if not self.reading.can_be_words or self.reading.is_literal:
            return None
        query = self.listing.base_query()
        query["read"] = "words"
        count = self._count(query)
        return (self.listing.encode(query), count) if count else None

    @property
    def as_meaning(self) -> tuple[str, int] | None:
        """The query string of the list for the other reading, where words are looked for or a name came first."""
        query = self.listing.base_query()
        if self.reading.is_literal and self.reading.can_be_words:
            query["read"] = "meaning"  # a name came first
        elif self.listing.filterset.value("read"):
            query.pop("read", None)
        else:
            return None
        return self.listing.encode(query), self._count(query)

    def _count(self, query: QueryDict) -> int:
        return len(ClusterFilter(query, snapshot=self.listing.filterset.snapshot).found)
