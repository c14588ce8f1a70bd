"""What a list offers where it finds nothing: the reason, what is nearest, and what can be left away."""

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
from catalogue.search.reading import without_words
from catalogue.search.text import words
from catalogue.search.towns import Place

if TYPE_CHECKING:
    from catalogue.listing.page import ClusterListing

MOST_WAYS = 6  # parts that are tried one by one
NEAREST = 3  # clusters that are named beside an empty list


@dataclass(frozen=True)
class Way:
    """A way out of an empty result: what is left away, the address, and the number of clusters there."""

    text: str
    count: int
    query: str


class NothingFound:
    """What an empty list offers instead."""

    def __init__(self, filterset: ClusterFilter) -> None:
        self.filterset = filterset
        self.reading = self.filterset.interpretation

    @property
    def unknown(self) -> list[str]:
        """The words that no profile has."""
        return list(self.reading.unknown) if self.reading else []

    @cached_property
    def place(self) -> str:
        """The place that is known and has no published cluster; empty if that is not the reason."""
        town = self.filterset.value("town")
        if town and not BY_NAME["town"].found(self.filterset.index, town).intersect(self.filterset.scope):
            return str(town)
        for phrase in self.reading.phrases if self.reading else ():
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
        rows = Cluster.objects.published().select_related("country").in_order_of(list(best))
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

    def ways(self, listing: ClusterListing) -> list[Way]:
        """Return what can be left away of the address of ``listing``, the most fruitful first."""
        filterset = self.filterset
        ways = [
            Way(f"without the filter “{BY_NAME[name].label}”", count, listing.query_without(name))
            for name, count in loosened(filterset).items()
            if name != "q"
        ]
        if listing.reading and self.reading and len(self.unknown) > 1:
            text = self.reading.text
            for word in self.unknown:
                text = without_words(text, word)
            if words(text):
                query = QueryDict(filterset.query_string(leave_out=("q",)), mutable=True)
                query["q"] = text
                count = len(ClusterFilter(query, snapshot=filterset.snapshot).found)
                ways.append(Way("without these words", count, listing.reading.query_with(text)))
        if "q" in filterset.errors or ("q" in filterset.active and len(filterset.active) > 1):
            ways.append(Way("without the search text", len(filterset.without("q")), listing.query_without("q")))
        if listing.reading and self.reading:
            parts = [phrase.text for phrase in self.reading.phrases if phrase.meaning.filter]
            # Beside several unknown words, leaving one part away never helps.
            terms = [] if len(self.unknown) > 1 else [term.word for term in self.reading.terms]
            for part in list(dict.fromkeys([*parts, *terms]))[:MOST_WAYS]:
                text = without_words(self.reading.text, part)
                if text != self.reading.text and words(text):
                    query = QueryDict(filterset.query_string(leave_out=("q",)), mutable=True)
                    query["q"] = text
                    ways.append(
                        Way(
                            f"without “{part}”",
                            len(ClusterFilter(query, snapshot=filterset.snapshot).found),
                            listing.reading.query_with(text),
                        )
                    )
        return sorted((way for way in ways if way.count), key=lambda way: -way.count)
