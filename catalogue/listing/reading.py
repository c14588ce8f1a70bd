"""What a list says about its search text: how it was read, and the ways on where nothing is found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from django.http import QueryDict

from catalogue.listing.declared import BY_NAME
from catalogue.listing.facets import loosened
from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster, Town
from catalogue.search.query import Reading, without_words
from catalogue.search.towns import Place

if TYPE_CHECKING:
    from catalogue.listing.page import ClusterListing

NEAREST = 3  # clusters that are named beside an empty list


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


@dataclass(frozen=True)
class Way:
    """A way out of an empty result: what is left away, the address, and the number of clusters there."""

    text: str
    count: int
    query: str


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
        return self.listing.encode(query), self._count(query)

    @property
    def as_meaning(self) -> tuple[str, int] | None:
        """The query string of the list for what the words mean, where they are looked for as words."""
        if not self.listing.filterset.value("read"):
            return None
        query = self.listing.base_query()
        query.pop("read", None)
        return self.listing.encode(query), self._count(query)

    @staticmethod
    def _count(query: QueryDict) -> int:
        return len(ClusterFilter(query, beside=frozenset({"all", "view"})).found)


class NothingFound:
    """What an empty list offers instead."""

    def __init__(self, listing: ClusterListing) -> None:
        self.listing, self.filterset = listing, listing.filterset
        self.reading = self.filterset.interpretation

    @property
    def unknown(self) -> list[str]:
        """The words that no profile has."""
        return list(self.reading.unknown) if self.reading else []

    @cached_property
    def place(self) -> str:
        """The place that is known and has no published cluster; empty if that is not the reason."""
        if self.reading is None:
            return ""
        for phrase in self.reading.phrases:
            meaning = phrase.meaning
            if meaning.kind in ("country", "group", "region", "town") and not phrase.is_excluded:
                holders = BY_NAME[meaning.filter].found(self.filterset.index, list(meaning.values))
                if not holders.intersect(self.filterset.scope):
                    return meaning.label
        return ""

    @cached_property
    def nearest(self) -> list[tuple[Cluster, float]]:
        """The published clusters that are nearest to the place, with kilometres."""
        point = self._point
        if not self.place or point is None:
            return []
        index = self.filterset.index
        known = (
            (point.distance_km(entry.point), pk)
            for pk in self.filterset.scope
            if (entry := index.entries[pk]).point and entry.is_in_place
        )
        best = {pk: distance for distance, pk in islice(sorted(known), NEAREST)}
        rows = Cluster.objects.select_related("country").in_order_of(list(best))
        return [(row, best[row.pk]) for row in rows]

    @property
    def _point(self) -> Place | None:
        if self.reading is None:
            return None
        if self.reading.missing_place:
            return self.reading.missing_place
        codes = self.reading.filters.get("country", ())
        town = Town.objects.filter(country_code__in=codes).first() if codes else None
        return Place(town.name, "", town.latitude, town.longitude) if town else None

    @cached_property
    def ways(self) -> list[Way]:
        """What can be left away, the most fruitful first."""
        ways = [
            Way(f"without the filter “{BY_NAME[name].label}”", count, self.listing.query_without(name))
            for name, count in loosened(self.filterset).items()
            if count and (name != "q" or len(self.filterset.active) > 1)
        ]
        reading = self.listing.reading
        if reading:
            typed = [part.text for part in reading.reading.phrases if part.meaning.filter]
            typed += [term.word for term in reading.reading.terms]
            for words in dict.fromkeys(typed):
                text = without_words(reading.reading.text, words)
                if text != reading.reading.text and text.strip():
                    count = len(ClusterFilter(self._with(text)).found)
                    ways.append(Way(f"without “{words}”", count, reading.query_with(text)))
        return sorted((way for way in ways if way.count), key=lambda way: -way.count)

    def _with(self, text: str) -> QueryDict:
        query = self.listing.base_query()
        query.pop("all", None)
        query.pop("view", None)
        query["q"] = text
        return query
