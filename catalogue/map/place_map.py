"""The small map of a profile."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.map.markers import Marker
from catalogue.map.outlines import CANARIES, EUROPE, Box, Outline, outlines
from catalogue.map.projection import project
from catalogue.models import Cluster

PLACE_MAP_WIDTH = 240.0  # map units, about 1,050 km


@dataclass(frozen=True)
class PlaceMap:
    """The small map of a profile: one mark and the countries around it."""

    outlines: list[Outline]
    view_box: str
    marker: Marker

    @classmethod
    def of(cls, cluster: Cluster) -> PlaceMap | None:
        """Return the map around a cluster; ``None`` without a place or with one outside the map."""
        if cluster.latitude is None or cluster.longitude is None:
            return None
        x, y = project(float(cluster.latitude), float(cluster.longitude))
        if not EUROPE.holds(x, y) and not CANARIES.holds(x, y):
            return None
        box = Box(x, y, x, y).padded(0, least=PLACE_MAP_WIDTH, ratio=4 / 3)
        marker = Marker(x, y, 1, int(cluster.is_priority), int(cluster.precision == "country"), [cluster.name])
        marker.radius = PLACE_MAP_WIDTH / 34
        return cls([outline for outline in outlines() if outline.box.touches(box)], box.view_box, marker)
