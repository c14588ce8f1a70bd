"""What staff does with clusters: publishing, archiving, priority.

The status of a cluster is also set by accepted submissions, by merges and by the first load of a data file;
``tests/test_contracts.py`` lists the modules.
"""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.locking import lock_clusters_for_update
from catalogue.models import Cluster
from workplace.versions import describe_version


class ClusterNotPublishable(Exception):
    """A cluster lacks what a public profile must have; the message says what, for whom."""


class ReasonMissing(Exception):
    """A decision came without its reason."""


def publishing_blockers(cluster: Cluster) -> list[str]:
    """Return as text what ``cluster`` lacks for being published; empty if nothing."""
    lacks = []
    if not cluster.summary.strip():
        lacks.append("a summary")
    return lacks


def publish_clusters(
    *, clusters: Iterable[Cluster], reason: str = "Published", user: User | None = None
) -> list[Cluster]:
    """Make ``clusters`` public, all or none, and return those whose status changed.

    ``reason`` and ``user`` go into the history. Raises :class:`ClusterNotPublishable` if one of them has no summary.
    """
    with transaction.atomic():
        rows = _lock(clusters)
        refused = [f"{row.name} lacks {' and '.join(lacks)}" for row in rows if (lacks := publishing_blockers(row))]
        if refused:
            raise ClusterNotPublishable("Not published: " + "; ".join(refused) + ". Add it and try again.")
        changed = [row for row in rows if row.status != Cluster.Status.PUBLISHED]
        for row in changed:
            row.status = Cluster.Status.PUBLISHED
            row.published_at = row.published_at or timezone.now()
            _save(row, "status", "published_at", reason=reason, user=user)
    return changed


def archive_clusters(
    *, clusters: Iterable[Cluster], reason: str = "Archived", user: User | None = None
) -> list[Cluster]:
    """Take ``clusters`` out of the catalogue for good, and return those whose status changed.

    The profile of an archived cluster leads to its successor, if that one is published.
    """
    with transaction.atomic():
        changed = [row for row in _lock(clusters) if row.status != Cluster.Status.ARCHIVED]
        for row in changed:
            row.status = Cluster.Status.ARCHIVED
            _save(row, "status", reason=reason, user=user)
    return changed


def set_priority(*, clusters: Iterable[Cluster], is_priority: bool, reason: str) -> list[Cluster]:
    """Store staff's decision on the priority of ``clusters`` with its reason, and return those changed.

    The rules are not consulted: they explain, staff decides. Raises :class:`ReasonMissing` without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing("A decision needs its reason: colleagues will read it in a year.")
    with transaction.atomic():
        rows = _lock(clusters)
        changed = [row for row in rows if (row.is_priority, row.priority_reason) != (is_priority, reason)]
        for row in changed:
            change = "Priority given" if is_priority else "Priority removed"
            if row.is_priority == is_priority:
                change = "Reason for the decision changed"
            row.is_priority = is_priority
            row.priority_reason = reason
            _save(row, "is_priority", "priority_reason", reason=change)
    return changed


def _lock(clusters: Iterable[Cluster]) -> list[Cluster]:
    return list(lock_clusters_for_update(cluster.pk for cluster in clusters).values())


def _save(row: Cluster, *fields: str, reason: str, user: User | None = None) -> None:
    describe_version(row, reason=reason, by=user).save(update_fields=fields)
