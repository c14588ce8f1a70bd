"""Where a profile lives now, for old slugs and for archived clusters."""

from collections.abc import Iterable

from catalogue.models import Cluster, OldSlug


def public_cluster(cluster: Cluster) -> Cluster | None:
    """Return the published cluster to which ``cluster`` leads: itself, or the end of its successors.

    Only an archived profile leads on: an identified cluster was never public.
    """
    seen: set[int] = set()
    target: Cluster | None = cluster
    while target is not None and target.pk not in seen:
        if target.status == Cluster.Status.PUBLISHED:
            return target
        seen.add(target.pk)
        target = target.successor if target.status == Cluster.Status.ARCHIVED else None
    return None


def cluster_behind(slug: str) -> Cluster | None:
    """Return the published cluster that a slug of today or of old leads to; ``None`` if nothing public does."""
    old = OldSlug.objects.select_related("cluster__successor").filter(slug=slug).first()
    cluster = old.cluster if old else Cluster.objects.select_related("successor").filter(slug=slug).first()
    return public_cluster(cluster) if cluster else None


def ends_of_succession(keys: Iterable[int]) -> dict[int, int]:
    """Return, for each archived cluster of ``keys`` that has a successor, the key of the last one in line.

    For staff: the last one need not be public. The others of ``keys`` are left out. One query for each step of
    the longest line, mostly one.
    """
    line: dict[int, int] = {}
    asked = set(keys)
    wanted = asked
    while wanted:
        rows = Cluster.objects.filter(pk__in=wanted, status=Cluster.Status.ARCHIVED, successor__isnull=False)
        found = dict(rows.values_list("pk", "successor_id"))
        line |= found
        wanted = set(found.values()) - set(line)
    ends = {}
    for key in asked & set(line):
        end = key
        passed: set[int] = set()
        while end in line and end not in passed:
            passed.add(end)
            end = line[end]
        ends[key] = end
    return ends
