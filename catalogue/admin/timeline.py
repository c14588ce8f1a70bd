"""Versions of a profile on the timeline of its cluster."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalogue.models import Cluster
from workplace.timeline import Entry, TimelineSource, name_of

_WHAT = {"+": "Created", "~": "Changed", "-": "Deleted"}


def versions(request: HttpRequest, cluster: Cluster) -> QuerySet[Any] | None:
    """Return the versions of the profile, for those who may see clusters."""
    if not request.user.has_perm("catalogue.view_cluster"):
        return None
    rows: QuerySet[Any] = cluster.history.select_related("history_user").only(
        "id", "history_date", "history_type", "history_change_reason", "history_user__username",
        "history_user__first_name", "history_user__last_name",
    )  # fmt: skip
    return rows


def version(row: Any) -> Entry:
    """Say that the profile was changed, by whom and why."""
    return Entry(
        at=row.history_date, title=_WHAT[row.history_type],
        url=reverse("admin:catalogue_cluster_simple_history", args=[row.id, row.pk]),
        text=row.history_change_reason or "",
        by=name_of(row.history_user),
    )  # fmt: skip


VERSIONS = TimelineSource("profile", "Profile", "catalogue.Cluster", versions, "history_date", version, order=10)
