"""Places by whose distance a list is sorted: towns of clusters, and larger towns of GeoNames."""

from __future__ import annotations

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, NamedTuple

from pyroaring import BitMap

from catalogue.models import TownName
from catalogue.search.text import sort_key

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

EARTH_RADIUS = 6371.0  # km, the mean of IUGG


class Place(NamedTuple):
    """A town with its coordinates in degrees (WGS 84); ``folded`` is its name as addresses have it."""

    name: str
    folded: str
    latitude: float
    longitude: float
    country: str = ""

    def distance_km(self, point: tuple[float, float]) -> float:
        """Return the kilometres to ``point`` along the surface of the Earth (haversine)."""
        phi, theta = radians(self.latitude), radians(point[0])
        half = sin((theta - phi) / 2) ** 2 + cos(phi) * cos(theta) * sin(radians(point[1] - self.longitude) / 2) ** 2
        return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, half)))


def find_town(lines: Iterable[str]) -> tuple[str, Place] | None:
    """Return the longest of ``lines`` that names a town of GeoNames, and the largest town of that name; one query."""
    names = TownName.objects.filter(folded__in=list(lines)).select_related("town")
    best = max(names, key=lambda name: (len(name.folded.split()), name.town.population), default=None)
    if best is None:
        return None
    town = best.town
    return best.folded, Place(town.name, best.folded, town.latitude, town.longitude, town.country_code)


def place_of_town(folded: str, label: str, index: CatalogueIndex, scope: BitMap) -> Place | None:
    """Return the town called ``folded``: where clusters of ``scope`` are, else where GeoNames has it."""
    for pk in index.having("place", folded) & scope:
        entry = index.entries[pk]
        if entry.point:
            return Place(label, folded, *entry.point, entry.country)
    found = find_town([folded, sort_key(label)])
    return Place(label, folded, found[1].latitude, found[1].longitude, found[1].country) if found else None
