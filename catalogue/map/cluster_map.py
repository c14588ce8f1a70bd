"""The map of a filtered list: shaded countries, markers grouped where they would overlap, and a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import Any, ClassVar

from django.db.models import Aggregate, Count, Max, Min, Q
from django.urls import reverse

from catalogue.listing.filters import ClusterFilter
from catalogue.managers import ClusterQuerySet
from catalogue.map.markers import SINGLE_RADIUS, Marker
from catalogue.map.outlines import CANARIES, EUROPE, Box, Outline, outline_of, outlines
from catalogue.map.projection import project
from catalogue.models import Country, Region

#: Credit that CC BY 4.0 asks for wherever the coordinates go (fixtures/places.LICENCE.txt).
PLACE_CREDIT = "Place coordinates © GeoNames (geonames.org), CC BY 4.0"
SHADES = 5
#: Distances on the whole map in map units; a zoomed map divides them by its zoom.
GROUP_DISTANCE, GROUP_RADIUS, LARGE_GROUP_RADIUS = 24.0, 9.5, 11.5
LARGE_GROUP = 10


@dataclass(frozen=True)
class MapCountry:
    """One country of the map."""

    outline: Outline
    count: int
    priority: int
    shade: int  # 0 for none, 1 to SHADES
    url: str
    is_coarse: bool  # on the whole map

    @property
    def path(self) -> str:
        """Its shape, as fine as the size of the map needs."""
        return self.outline.coarse_path if self.is_coarse else self.outline.path

    @property
    def label(self) -> str:
        """What the tooltip and screen readers say."""
        priority = f", {self.priority} of them priority" if self.priority else ""
        return f"{self.outline.name}: {self.count:,} cluster{'' if self.count == 1 else 's'}{priority}"


@dataclass(frozen=True)
class TableRow:
    """One line of the table that says the same as the map."""

    code: str  # of the country
    country: str
    region: str
    count: int
    priority: int
    url: str


class ClusterMap:
    """The map of the clusters that ``filterset`` finds; templates read its properties.

    Four queries whatever the number of clusters: places, numbers by country and region, and the names of both.
    ``link_query`` is the query string of the filters without ``country`` and ``region``; ``path`` is the
    address of the map itself, ``list_path`` of the list behind a number.
    """

    credit = PLACE_CREDIT
    marks_staff = False  # loyal and potential collaborators are for staff's map only

    extra_columns: ClassVar[dict[str, Aggregate]] = {}

    def __init__(
        self, clusters: ClusterQuerySet, *, zoom: str = "", link_query: str = "", path: str = "", list_path: str = ""
    ) -> None:
        self.clusters = clusters.order_by()
        self.path = path or reverse("catalogue:cluster_map")
        self.list_path = list_path or reverse("catalogue:cluster_list")
        self.link_query = link_query
        self.zoomed = outline_of(zoom) if zoom else None

    @classmethod
    def of_filter(cls, filterset: ClusterFilter) -> ClusterMap:
        """Return the map of a filtered list, zoomed if exactly one country is chosen."""
        chosen = list(dict.fromkeys([*filterset.selected("country"), *filterset.read_values("country")]))
        query = filterset.query_string(leave_out=("country", "region", "sort"))
        return cls(filterset.qs, zoom=chosen[0] if len(chosen) == 1 else "", link_query=query)

    @cached_property
    def box(self) -> Box:
        """The part of the world that is shown."""
        if self.zoomed is None:
            return EUROPE
        return self.zoomed.main_box.padded(0.12, least=170, ratio=EUROPE.width / EUROPE.height)

    @property
    def zoom(self) -> float:
        """How many times larger than the whole map."""
        return EUROPE.width / self.box.width

    @property
    def view_box(self) -> str:
        """The SVG attribute."""
        return self.box.view_box

    # --- numbers ---

    @cached_property
    def rows(self) -> list[TableRow]:
        """Countries and regions with their numbers, in the order of their names."""
        # Counted by keys; joining and sorting by name every single cluster took most of the time.
        counted = {
            (row["country_id"], row["region_id"]): row
            for row in self.clusters.values("country_id", "region_id").annotate(
                number=Count("pk"), number_priority=Count("pk", filter=Q(is_priority=True))
            )
        }
        countries = {c.code: c for c in Country.objects.filter(code__in={code for code, _key in counted})}
        regions = {r.pk: r for r in Region.objects.filter(pk__in={key for _code, key in counted if key})}
        lines = [(countries[code], regions.get(key), row) for (code, key), row in counted.items()]
        # Clusters of no region come last.
        lines.sort(key=lambda line: (
            line[0].sort_name, line[0].code, line[1] is None, line[1].sort_name if line[1] else "", line[1].slug if line[1] else "",
        ))  # fmt: skip
        return [
            TableRow(
                country.code,
                country.name,
                region.name if region else "",
                row["number"],
                row["number_priority"],
                self._list_url(country=country.code, region=region.slug if region else ""),
            )
            for country, region, row in lines
        ]

    @cached_property
    def country_rows(self) -> list[tuple[TableRow, list[TableRow]]]:
        """The table: each country with its total and the lines of its regions."""
        by_country: dict[str, list[TableRow]] = defaultdict(list)
        for row in self.rows:
            by_country[row.code].append(row)
        result = []
        for code, rows in by_country.items():
            count, priority = sum(row.count for row in rows), sum(row.priority for row in rows)
            total = TableRow(code, rows[0].country, "", count, priority, self._list_url(code))
            result.append((total, [row for row in rows if row.region]))
        return result

    @property
    def total(self) -> int:
        """How many clusters the map is about, with those that it cannot draw."""
        return sum(row.count for row in self.rows)

    @property
    def without_region(self) -> int:
        """How many of them have no region, so that no line of a region counts them."""
        return sum(row.count for row in self.rows if not row.region)

    @property
    def total_priority(self) -> int:
        """How many of them have priority."""
        return sum(row.priority for row in self.rows)

    @cached_property
    def countries(self) -> list[MapCountry]:
        """The countries to draw, those without clusters first."""
        numbers = {row.code: (row.count, row.priority) for row, _regions in self.country_rows}
        largest = max((numbers.get(outline.code, (0, 0))[0] for outline in outlines()), default=0)
        result = []
        for outline in outlines():
            if not outline.box.touches(self.box) and not (outline.code == "ES" and self.shows_canaries):
                continue
            count, priority = (0, 0) if outline.is_context else numbers.get(outline.code, (0, 0))
            url = ""
            if count:
                is_shown = self.zoomed is not None and self.zoomed.code == outline.code
                url = self._list_url(outline.code) if is_shown else self._map_url(outline.code)
            # A single country needs no comparison by shade, and a light one lets its marks stand out.
            step = shade(count, largest) if self.zoomed is None else min(2, count)
            result.append(MapCountry(outline, count, priority, step, url, self.zoomed is None))
        return sorted(result, key=lambda country: country.count > 0)

    @cached_property
    def legend(self) -> list[tuple[int, str]]:
        """The shades in use with the numbers that they mean; none on a single country."""
        if self.zoomed is not None:
            return []
        largest = max((country.count for country in self.countries), default=0)
        spans: dict[int, list[int]] = defaultdict(list)
        for count in range(1, largest + 1) if largest <= 500 else sorted({c.count for c in self.countries if c.count}):
            spans[shade(count, largest)].append(count)
        return [
            (step, f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,}–{counts[-1]:,}")
            for step, counts in sorted(spans.items())
        ]

    # --- markers ---

    @cached_property
    def _places(self) -> list[dict[str, Any]]:
        rows: Iterable[Any] = (
            self.clusters.filter(latitude__isnull=False)
            .values("latitude", "longitude", "precision", "country_id")
            .annotate(
                number=Count("pk"),
                number_priority=Count("pk", filter=Q(is_priority=True)),
                first_name=Min("name"),
                last_name=Max("name"),
                any_slug=Min("slug"),
                **self.extra_columns,
            )
            .order_by("-number", "latitude", "longitude", "precision", "country_id")
        )
        return [dict(row) for row in rows]

    @cached_property
    def markers(self) -> list[Marker]:
        """The marks inside the map, small ones last so that they stay on top."""
        return self._group([(place, point) for place, point in self._points if self.box.holds(*point)], self.zoom)

    @property
    def shows_canaries(self) -> bool:
        """Whether the window with the Canary Islands is drawn: on the whole map and on Spain."""
        return self.zoomed is None or self.zoomed.code == "ES"

    @cached_property
    def canary_markers(self) -> list[Marker]:
        """The marks in the window of the Canary Islands."""
        return (
            self._group([(place, point) for place, point in self._points if CANARIES.holds(*point)], 1)
            if self.shows_canaries
            else []
        )

    @cached_property
    def canary_window(self) -> dict[str, str | float]:
        """Where the window is placed and what it shows."""
        scale = 1 / self.zoom
        left = self.box.left + 10 * scale
        bottom = self.box.bottom - 10 * scale
        return {
            "view_box": CANARIES.view_box,
            "x": f"{left:.1f}",
            "y": f"{bottom - CANARIES.height * scale:.1f}",
            "width": f"{CANARIES.width * scale:.1f}",
            "height": f"{CANARIES.height * scale:.1f}",
        }

    @cached_property
    def not_drawn(self) -> int:
        """How many clusters have no place, or one outside the map."""
        drawn = sum(marker.count for marker in (*self.markers, *self.canary_markers))
        return self.total - drawn

    @cached_property
    def _points(self) -> list[tuple[dict[str, Any], tuple[float, float]]]:
        return [(place, project(float(place["latitude"]), float(place["longitude"]))) for place in self._places]

    def _group(self, points: list[tuple[dict[str, Any], tuple[float, float]]], zoom: float) -> list[Marker]:
        """Join what would overlap: each place goes to the nearest centre close by, or becomes one."""
        distance = GROUP_DISTANCE / zoom
        cells: dict[tuple[int, int], list[Marker]] = defaultdict(list)
        markers: list[Marker] = []
        for place, (x, y) in points:
            cell = (int(x // distance), int(y // distance))
            near = [
                marker
                for dx in (-1, 0, 1)
                for dy in (-1, 0, 1)
                for marker in cells.get((cell[0] + dx, cell[1] + dy), ())
            ]
            close = [marker for marker in near if hypot(marker.x - x, marker.y - y) < distance]
            if close:
                marker = min(close, key=lambda other: hypot(other.x - x, other.y - y))
            else:
                marker = Marker(x, y)
                markers.append(marker)
                cells[cell].append(marker)
            self._add(marker, place)
        for marker in markers:
            self._finish(marker, zoom)
        return sorted(markers, key=lambda marker: -marker.count)

    def _add(self, marker: Marker, place: dict[str, Any]) -> None:
        marker.count += place["number"]
        marker.priority += place["number_priority"]
        marker.vague += place["number"] if place["precision"] == "country" else 0
        marker.names += [place["first_name"], *([place["last_name"]] if place["number"] > 1 else [])]
        marker.countries[place["country_id"]] += place["number"]
        marker.slug = place["any_slug"]

    def _finish(self, marker: Marker, zoom: float) -> None:
        size = (
            SINGLE_RADIUS
            if not marker.is_group
            else (LARGE_GROUP_RADIUS if marker.count >= LARGE_GROUP else GROUP_RADIUS)
        )
        marker.radius = size / zoom
        country = max(marker.countries, key=lambda code: (marker.countries[code], code))
        if not marker.is_group:
            marker.url = self._single_url(marker.slug)
        elif self.zoomed is not None or outline_of(country) is None:
            marker.url = self._list_url(country)
        else:
            marker.url = self._map_url(country)

    # --- links ---

    def _single_url(self, slug: str) -> str:
        return reverse("catalogue:cluster_detail", args=[slug])

    def _list_url(self, country: str, region: str = "") -> str:
        parts = [self.link_query, f"region={region}" if region else f"country={country}"]
        return f"{self.list_path}?{'&'.join(filter(None, parts))}"

    def _map_url(self, country: str) -> str:
        return f"{self.path}?{'&'.join(filter(None, [self.link_query, f'country={country}']))}"


def shade(count: int, largest: int) -> int:
    """Return the shade of a country with ``count`` clusters: 0 for none, else 1 to ``SHADES``.

    Steps grow with the square root, so that a few large countries do not make all others look alike.
    """
    if count <= 0 or largest <= 0:
        return 0
    return max(1, min(SHADES, round(SHADES * (count / largest) ** 0.5)))
