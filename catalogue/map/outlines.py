"""The country outlines of the map as SVG paths, computed once a process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import hypot

from django.conf import settings

from catalogue.map.projection import project

FILE = "europe.geojson"
TOLERANCE = 1.0  # map units by which a coarse outline may differ; less than a pixel on most screens


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
    coarse_path: str  # for the whole map: half as long, and no eye sees the difference there
    canary_path: str  # the parts in the window of the Canary Islands
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
        drawn = [(_box(ring), _whole_units(ring)) for ring in rings]
        path = "".join(_path(points) for _around, points in drawn)
        if path:
            largest = max(rings, key=_area)
            found.append(
                Outline(
                    properties["iso_a2"],
                    properties["name"],
                    properties["context"],
                    path,
                    "".join(_path(_simplified(points)) for around, points in drawn if around.touches(EUROPE)),
                    "".join(_path(points) for around, points in drawn if around.touches(CANARIES)),
                    _box([point for ring in rings for point in ring]),
                    _box(largest),
                )
            )
    return tuple(sorted(found, key=lambda outline: not outline.is_context))


def outline_of(code: str) -> Outline | None:
    """Return the outline of a country that has clusters, by its ISO code."""
    return next((outline for outline in outlines() if outline.code == code and not outline.is_context), None)


def _whole_units(ring: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return the ring in whole units, each point different from the one before."""
    points = [(round(x), round(y)) for x, y in ring]
    return [points[0], *(point for before, point in pairwise(points) if point != before)]


def _path(points: list[tuple[int, int]]) -> str:
    """Return a closed ring in relative steps, the shortest that SVG can say."""
    (x, y) = points[0]
    if len(points) < 4:
        return f"M{x} {y}h1v1h-1z"  # a small island stays a dot
    steps = [f"{x1 - x0} {y1 - y0}" for (x0, y0), (x1, y1) in pairwise(points[:-1])]
    return f"M{x} {y}l{' '.join(steps).replace(' -', '-')}z"


def _simplified(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a closed ring without points that lie closer than ``TOLERANCE`` to the line without them.

    The way of Douglas and Peucker, from the first point to the one farthest from it and back.
    """
    if len(points) < 4:
        return points
    middle = max(range(len(points)), key=lambda i: hypot(points[i][0] - points[0][0], points[i][1] - points[0][1]))
    chosen = {0, middle, len(points) - 1}
    spans = [(0, middle), (middle, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        distance, farthest = max(
            ((_distance(points[i], points[first], points[last]), i) for i in range(first + 1, last)), default=(0.0, 0)
        )
        if distance > TOLERANCE:
            chosen.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    found = [points[i] for i in sorted(chosen)]
    return found if len(found) > 3 else points  # a narrow island stays an island


def _distance(point: tuple[int, int], start: tuple[int, int], end: tuple[int, int]) -> float:
    """Return how far ``point`` lies from the line from ``start`` to ``end``."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    length = hypot(x1 - x0, y1 - y0)
    if not length:
        return hypot(x - x0, y - y0)
    return abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length


def _area(ring: list[tuple[float, float]]) -> float:
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))) / 2


def _box(points: list[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))
