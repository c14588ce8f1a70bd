"""Where a profile lives now, for old slugs and for archived clusters."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.models import Cluster, OldSlug


def public_cluster(cluster: Cluster) -> Cluster | None:
    """Return the published cluster to which ``cluster`` leads: itself, or the end of its successors.

    Only an archived profile leads on: an identified cluster was never public.
    """
    visited: set[int] = set()
    target: Cluster | None = cluster
    while target is not None and target.pk not in visited:
        if target.status == Cluster.Status.PUBLISHED:
            return target
        visited.add(target.pk)
        target = target.successor if target.status == Cluster.Status.ARCHIVED else None
    return None


def cluster_behind(slug: str) -> Cluster | None:
    """Return the published cluster that a slug of today or of old leads to; ``None`` if nothing public does.

    A slug that nobody has in these letters is looked for in lower case too, as people write names.
    """
    old = OldSlug.objects.select_related("cluster__successor").filter(slug=slug).first()
    cluster = old.cluster if old else Cluster.objects.select_related("successor").filter(slug=slug).first()
    if cluster is None and slug != slug.lower():
        return cluster_behind(slug.lower())
    return public_cluster(cluster) if cluster else None


@dataclass(frozen=True)
class Trail:
    """Where an archived cluster leads: to the end of its successors."""

    name: str
    former_names: tuple[str, ...]
    end: int
    end_name: str
    is_archived: bool  # the end itself: nothing goes on with its work


def trails_of(keys: Iterable[int]) -> dict[int, Trail]:
    """Return where those of the clusters ``keys`` lead that are archived, to the end of their successors.

    One query, and one for every further step of the longest way.
    """
    rows: dict[int, Cluster] = {}
    wanted = set(keys)
    starts = set(wanted)
    while wanted:
        found = Cluster.objects.filter(pk__in=wanted).only("name", "former_names", "status", "successor_id")
        rows |= {row.pk: row for row in found}
        wanted = {row.successor_id for row in rows.values() if _leads_on(row) and row.successor_id} - rows.keys()
    trails = {}
    for key in starts & rows.keys():
        if rows[key].status != Cluster.Status.ARCHIVED:
            continue
        visited, row = {key}, rows[key]
        while _leads_on(row) and row.successor_id in rows and row.successor_id not in visited:
            visited.add(row.successor_id)
            row = rows[row.successor_id]
        trails[key] = Trail(
            rows[key].name, tuple(rows[key].former_name_list), row.pk, row.name,
            row.status == Cluster.Status.ARCHIVED,
        )  # fmt: skip
    return trails


def _leads_on(row: Cluster) -> bool:
    return row.status == Cluster.Status.ARCHIVED and row.successor_id is not None


def ends_of_succession(keys: Iterable[int]) -> dict[int, int]:
    """Return, for each archived cluster of ``keys`` that has a successor, the key of the last one in line."""
    return {key: trail.end for key, trail in trails_of(keys).items() if trail.end != key}
