"""Baseline (b) of the map: places and numbers by hand-written SQL; the drawing is that of the portal."""
# ruff: noqa: S608 - joined from constants; values are parameters

from __future__ import annotations

from functools import cached_property
from typing import Any

from bench.sql import Statement
from catalogue.map.cluster_map import ClusterMap, TableRow
from catalogue.map.outlines import outline_of

_PLACE = ("latitude", "longitude", "precision", "country_id", "number", "number_priority", "first_name", "last_name",
          "any_slug")  # fmt: skip


def places(everything: Statement) -> Statement:
    """Return each place with its clusters."""
    return Statement(
        "SELECT c.latitude, c.longitude, c.precision, c.country_id, count(*), count(*) FILTER (WHERE c.is_priority),"
        f" min(c.name), max(c.name), min(c.slug) FROM catalogue_cluster c WHERE {everything.sql}"
        " AND c.latitude IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, 1, 2, 3, 4",
        everything.parameters,
    )


def numbers(everything: Statement) -> Statement:
    """Return each country and region with its clusters."""
    return Statement(
        "SELECT n.code, n.name, r.slug, r.name, g.number, g.priority FROM (SELECT c.country_id, c.region_id, count(*) AS"
        " number, count(*) FILTER (WHERE c.is_priority) AS priority FROM catalogue_cluster c WHERE"
        f" {everything.sql} GROUP BY 1, 2) g JOIN catalogue_country n ON n.code = g.country_id LEFT JOIN"
        " catalogue_region r ON r.id = g.region_id"
        " ORDER BY n.sort_name, n.code, r.id IS NULL, r.sort_name, r.slug",
        everything.parameters,
    )


class BareMap(ClusterMap):
    """The map with its two sets of numbers."""

    def __init__(self, everything: Statement, zoom: str, link_query: str) -> None:
        self.everything = everything
        self.zoomed = outline_of(zoom) if zoom else None
        self.path, self.list_path, self.link_query = "/clusters/map/", "/clusters/", link_query

    @cached_property
    def rows(self) -> list[TableRow]:
        """Countries and regions in the order of their names."""
        return [
            TableRow(code, country, region or "", number, priority, self._list_url(code, slug or ""))
            for code, country, slug, region, number, priority in numbers(self.everything).rows()
        ]

    @cached_property
    def _places(self) -> list[dict[str, Any]]:
        return [dict(zip(_PLACE, row, strict=True)) for row in places(self.everything).rows()]
