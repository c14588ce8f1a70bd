"""Where a profile lives now, for old slugs and for archived clusters."""

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
