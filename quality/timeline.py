"""Findings, and requests whether the profile is still right, on the timeline of their cluster."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from catalogue.models import Cluster
from quality.models import FreshnessRequest, QualityFinding
from workplace.timeline import Entry, TimelineSource, name_of


def findings(request: HttpRequest, cluster: Cluster) -> QuerySet[QualityFinding] | None:
    """Return the findings on ``cluster``, open or closed, for those who may see findings."""
    if not request.user.has_perm("quality.view_qualityfinding"):
        return None
    return QualityFinding.objects.filter(cluster=cluster)


def opened_finding(row: QualityFinding) -> Entry:
    """Say what was found."""
    return Entry(row.opened_at, row.get_kind_display(), text=row.text, by="the portal")


def closed_finding(row: Any) -> Entry:
    """Say what is in order again."""
    return Entry(row.closed_at, f"No longer: {row.get_kind_display()}", by="the portal")


def requests(request: HttpRequest, cluster: Cluster) -> QuerySet[FreshnessRequest] | None:
    """Return how often ``cluster`` was asked whether its profile is right, for those who may see it.

    The address that was asked is not read: the mail names it for those who may see mails.
    """
    if not request.user.has_perm("quality.view_freshnessrequest"):
        return None
    return (
        FreshnessRequest.objects.filter(cluster=cluster)
        .select_related("asked_by")
        .only(
            "asked_at", "answer", "answered_at", "asked_by__username", "asked_by__first_name", "asked_by__last_name"
        )
    )  # fmt: skip


def asked(row: FreshnessRequest) -> Entry:
    """Say that the cluster was asked."""
    return Entry(
        at=row.asked_at, title="Asked whether the profile is still right", url=_page(row),
        by=name_of(row.asked_by),
    )  # fmt: skip


def answered(row: Any) -> Entry:
    """Say what the cluster answered."""
    return Entry(row.answered_at, f"The cluster answered: {row.get_answer_display().lower()}", url=_page(row))


def _page(row: FreshnessRequest) -> str:
    return reverse("admin:quality_freshnessrequest_change", args=[row.pk])


OPENED_FINDINGS = TimelineSource(
    "finding-opened", "Finding opened", "catalogue.Cluster", findings, "opened_at", opened_finding, order=50
)
CLOSED_FINDINGS = TimelineSource(
    "finding-closed", "Finding closed", "catalogue.Cluster", findings, "closed_at", closed_finding, order=51
)
REQUESTS = TimelineSource(
    "freshness-request", "Freshness request", "catalogue.Cluster", requests, "asked_at", asked, order=60
)
ANSWERS = TimelineSource(
    "freshness-answer", "Freshness answer", "catalogue.Cluster", requests, "answered_at", answered, order=61
)
