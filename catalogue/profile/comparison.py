"""Up to four clusters side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from catalogue.listing.filters import TRACKING_PREFIXES
from catalogue.models import Cluster
from catalogue.profile.declaration import ComparisonRow, in_order
from catalogue.profile.fields import FIELDS
from catalogue.succession import cluster_behind

MAX_CLUSTERS = 4


@dataclass(frozen=True)
class Cell:
    """What one cluster has in one row: text, or several lines; ``url`` makes the text a link.

    ``ask`` is who can be asked about the cluster ``slug`` where nothing is known: "cluster" or "consortium".
    """

    lines: tuple[str, ...]
    url: str = ""
    ask: str = ""
    slug: str = ""


@dataclass(frozen=True)
class Row:
    """One property of all clusters."""

    label: str
    cells: list[Cell]

    @property
    def differs(self) -> bool:
        """Whether the clusters are not all alike in it."""
        return len({cell.lines for cell in self.cells}) > 1


class Comparison:
    """The comparison that an address asks for by repeated ``c`` parameters with slugs."""

    def __init__(self, query: QueryDict) -> None:
        wanted = list(dict.fromkeys(slug.strip().replace("\0", "") for slug in query.getlist("c") if slug.strip()))
        found = {
            cluster.slug: cluster for cluster in Cluster.objects.published().for_profile().filter(slug__in=wanted[:50])
        }
        for slug in [slug for slug in wanted[:MAX_CLUSTERS] if slug not in found]:
            moved = cluster_behind(slug)  # a shared comparison outlives the names in it
            if moved is not None:
                there = next((cluster for cluster in found.values() if cluster.pk == moved.pk), None)
                found[slug] = there or Cluster.objects.for_profile().get(pk=moved.pk)
        # Two of old may be one today.
        known = list(dict.fromkeys(found[slug] for slug in wanted if slug in found))
        self.clusters = known[:MAX_CLUSTERS]
        self.notices = [
            f"“{slug[:60]}” is no cluster of the catalogue and was left out." for slug in wanted if slug not in found
        ]
        self.notices += [
            f"“{name[:60]}” means nothing here: clusters are given in the address as c=slug."
            for name in query
            if name != "c" and not name.startswith(TRACKING_PREFIXES)
        ]
        if len(known) > MAX_CLUSTERS:
            names = ", ".join(cluster.name for cluster in known[MAX_CLUSTERS:])
            self.notices.append(f"Up to {MAX_CLUSTERS} clusters can stand side by side. Left out: {names}.")

    @property
    def columns(self) -> list[tuple[Cluster, str]]:
        """Each cluster with the address of the comparison without it."""
        return [(cluster, self._url([c.slug for c in self.clusters if c is not cluster])) for cluster in self.clusters]

    @property
    def is_full(self) -> bool:
        """Whether no further cluster fits."""
        return len(self.clusters) >= MAX_CLUSTERS

    @cached_property
    def rows(self) -> list[Row]:
        """The properties that at least one of the clusters has; and e-mail, if somebody can be asked instead."""
        every = [
            Row(part.label or field.label, [_cell(field.name, part, cluster) for cluster in self.clusters])
            for field, part in in_order((field, field.comparison) for field in FIELDS)
        ]
        return [row for row in every if any(cell.lines or cell.ask for cell in row.cells)]

    @staticmethod
    def _url(slugs: list[str]) -> str:
        query = "&".join(f"c={slug}" for slug in slugs)
        return f"{reverse('catalogue:cluster_compare')}?{query}"


def _cell(name: str, row: ComparisonRow, cluster: Cluster) -> Cell:
    ask = ""
    if name == "email" and cluster.takes_messages:
        ask = "cluster"
    elif name == "email" and not (cluster.website or cluster.email or cluster.phone):
        ask = "consortium"
    return Cell(row.lines(cluster), row.url(cluster) if row.url else "", ask, cluster.slug)
