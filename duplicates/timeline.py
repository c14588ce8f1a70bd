"""Merges on the timelines of both clusters."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalogue.models import Cluster
from duplicates.models import ClusterMerge
from workplace.timeline import Entry, TimelineSource, name_of


def merges(request: HttpRequest, cluster: Cluster) -> QuerySet[ClusterMerge] | None:
    """Return the merges in which ``cluster`` is target or source, for those who may see merges."""
    if not request.user.has_perm("duplicates.view_clustermerge"):
        return None
    return (
        ClusterMerge.objects.filter(Q(target=cluster) | Q(source=cluster))
        .select_related("target", "source", "merged_by")
        .only(
            "merged_at", "undone_at", "reason", "target__name", "source__name",
            "merged_by__username", "merged_by__first_name", "merged_by__last_name",
        )
    )  # fmt: skip


def merge(row: ClusterMerge) -> Entry:
    """Say which cluster was merged into which."""
    return Entry(
        at=row.merged_at, title=f"{row.source.name} was merged into {row.target.name}", url=_page(row), text=row.reason,
        by=name_of(row.merged_by),
    )  # fmt: skip


def undone_merge(row: Any) -> Entry:
    """Say which merge was undone; who did it is in the versions of the two profiles."""
    return Entry(row.undone_at, f"The merge of {row.source.name} into {row.target.name} was undone", _page(row))


def _page(row: ClusterMerge) -> str:
    return reverse("admin:duplicates_clustermerge_change", args=[row.pk])


MERGES = TimelineSource("merge", "Merge", "catalogue.Cluster", merges, "merged_at", merge, order=20)
UNDONE_MERGES = TimelineSource(
    "merge-undone", "Merge undone", "catalogue.Cluster", merges, "undone_at", undone_merge, order=21
)
