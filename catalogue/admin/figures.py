"""What of the catalogue waits for staff, on the first page of the workplace."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from catalogue.models import FactProposal
from catalogue.services.priority import workload
from workplace.extensions import Figure, FigureSource


def figures(request: HttpRequest) -> list[Figure]:
    """Return the figures for those who may see clusters."""
    if not request.user.has_perm("catalogue.view_cluster"):
        return []
    counts = workload()
    clusters = reverse("admin:catalogue_cluster_changelist")
    priority = reverse("admin:catalogue_cluster_priority")
    return [
        Figure(counts.published, "published clusters", f"{clusters}?status=published"),
        Figure(
            counts.priority_not_published, "priority clusters not published",
            f"{clusters}?status=unpublished&priority=true", is_priority=True,
        ),
        Figure(
            counts.rules_disagree, "clusters where the rules disagree with the decision", f"{priority}?rules=disagree"
        ),
        Figure(
            counts.published_not_confirmed, "published profiles not confirmed within a year",
            f"{clusters}?status=published&confirmed=overdue",
        ),
        *_facts_to_check(request),
    ]  # fmt: skip


def _facts_to_check(request: HttpRequest) -> list[Figure]:
    if not request.user.has_perm("catalogue.view_factproposal"):
        return []
    number = FactProposal.objects.filter(status=FactProposal.Status.OPEN).count()
    return [Figure(number, "facts about clusters to check", reverse("admin:catalogue_factproposal_changelist"))]


FIGURES = FigureSource("catalogue", figures, order=20)
