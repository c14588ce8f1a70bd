"""The country outlines of the map as SVG paths, computed once a process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.conf import settings

from catalogue.projection import project

FILE = "europe.geojson"


@dataclass(frozen=True)
class Box:
    """A rectangle in map units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width in map units."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its height in map units."""
        return self.bottom - self.top

    @property
    def view_box(self) -> str:
        """The SVG attribute."""
        return f"{self.left:.0f} {self.top:.0f} {self.width:.0f} {self.height:.0f}"

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def touches(self, other: Box) -> bool:
        """Whether the two rectangles overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def padded(self, share: float, least: float, ratio: float) -> Box:
        """A larger box around it: ``share`` more on each side, ``least`` units wide, with this width to height."""
        width = max(self.width * (1 + 2 * share), least)
        height = max(self.height * (1 + 2 * share), width / ratio)
        width = max(width, height * ratio)
        x, y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


@dataclass(frozen=True)
class Outline:
    """A country's shape. ``is_context`` countries are background only."""

    code: str
    name: str
    is_context: bool
    path: str
    box: Box
    main_box: Box  # of its largest part: overseas islands would make a zoom useless


#: What the whole map shows, in map units: Iceland to Azerbaijan, Crete to the North Cape.
EUROPE = Box(-430, -520, 700, 450)
#: The Canary Islands lie outside it and are drawn in a window of their own.
CANARIES = Box(-642, 478, -502, 530)


@lru_cache(maxsize=1)
def outlines() -> tuple[Outline, ...]:
    """Return all outlines, background first.

    Raises ``FileNotFoundError`` if ``fixtures/europe.geojson`` is missing.
    """
    features = json.loads((settings.FIXTURE_DATA_DIR / FILE).read_text(encoding="utf-8"))["features"]
    found = []
    for feature in features:
        geometry, properties = feature["geometry"], feature["properties"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = [[project(lat, lon) for lon, lat, *_ in ring] for polygon in polygons for ring in polygon]
        path = "".join(filter(None, (_ring_path(ring) for ring in rings)))
        if path:
            largest = max(rings, key=_area)
            found.append(
                Outline(
                    properties["iso_a2"],
                    properties["name"],
                    properties["context"],
                    path,
                    _box([point for ring in rings for point in ring]),
                    _box(largest),
                )
            )
    return tuple(sorted(found, key=lambda outline: not outline.is_context))


def outline_of(code: str) -> Outline | None:
    """Return the outline of a country that has clusters, by its ISO code."""
    return next((outline for outline in outlines() if outline.code == code and not outline.is_context), None)


def _ring_path(ring: list[tuple[float, float]]) -> str:
    """Return the ring in whole units and relative steps, the shortest that SVG can say."""
    points = [(round(x), round(y)) for x, y in ring]
    kept = [points[0]]
    kept += [point for before, point in pairwise(points) if point != before]
    if len(kept) < 3:
        (x, y) = kept[0]
        return f"M{x} {y}h1v1h-1z"  # a small island stays a dot
    steps = [f"{x1 - x0} {y1 - y0}" for (x0, y0), (x1, y1) in pairwise(kept[:-1])]
    text = " ".join(steps).replace(" -", "-")
    return f"M{kept[0][0]} {kept[0][1]}l{text}z"


def _area(ring: list[tuple[float, float]]) -> float:
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))) / 2


def _box(points: list[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))
