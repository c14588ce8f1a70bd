"""The staff's workplace."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from catalogue.models import Submission
from catalogue.services.findings import clusters_with_findings, last_look, next_look_at
from catalogue.services.priority import workload
from outbox.services.figures import needs_a_person
from portal.sections import as_sections, mark_current


@dataclass(frozen=True)
class Figure:
    """A number that waits for staff, and the list behind it."""

    number: int
    label: str
    url: str
    is_priority: bool = False
    is_late: bool = False


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name, with what waits for staff on its first page."""

    site_header = "Cluster Portal"
    site_title = "Cluster Portal"
    index_title = "Workplace"
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what waits, then the sections."""
        return super().index(request, {"figures": _figures(request), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the apps as sections (:mod:`portal.sections`)."""
        found = as_sections(super().get_app_list(request, app_label))
        mark_current(request.path, [model for app in found for model in app["models"]])
        return found


def _figures_of_the_queue(request: HttpRequest) -> list[Figure]:
    """Return what waits for review; what waits for the user only if they may decide."""
    if not request.user.has_perm("catalogue.view_submission"):
        return []
    counts = Submission.objects.workload(request.user)  # type: ignore[arg-type]  # who has a permission is signed in
    queue = reverse("admin:catalogue_submission_changelist")
    figures = [Figure(counts["pending"], "submissions wait for review", queue)]
    if request.user.has_perm("catalogue.review_submission"):
        figures.append(Figure(counts["mine"], "of them assigned to you", f"{queue}?assigned=me"))
    return [*figures, Figure(counts["late"], "of them late", f"{queue}?age=late", is_late=counts["late"] > 0)]


def _figures(request: HttpRequest) -> list[Figure]:
    return [*_figures_of_the_queue(request), *_figures_of_the_catalogue(request), *_figures_of_the_outbox(request)]


def _figures_of_the_outbox(request: HttpRequest) -> list[Figure]:
    """Return what a person has to settle, where there is something."""
    if not request.user.has_perm("outbox.view_message"):
        return []
    mails, counts = reverse("admin:outbox_message_changelist"), needs_a_person()
    return [
        figure
        for figure in (
            Figure(counts["uncertain"], "mails with unknown outcome", f"{mails}?status=uncertain"),
            Figure(counts["failed"], "mails given up", f"{mails}?status=failed"),
        )
        if figure.number
    ]


def _figures_of_the_catalogue(request: HttpRequest) -> list[Figure]:
    if not request.user.has_perm("catalogue.view_cluster"):
        return []
    counts = workload()
    clusters, priority = (
        reverse("admin:catalogue_cluster_changelist"),
        reverse("admin:catalogue_cluster_priority"),
    )
    return [
        Figure(counts.published, "published clusters", f"{clusters}?status=published"),
        Figure(
            counts.priority_not_published,
            "priority clusters not published",
            f"{clusters}?status=unpublished&priority=true",
            is_priority=True,
        ),
        Figure(
            counts.rules_disagree,
            "clusters where the rules disagree with the decision",
            f"{priority}?rules=disagree",
        ),
        Figure(
            counts.published_not_confirmed,
            "published profiles not confirmed within a year",
            f"{clusters}?status=published&confirmed=overdue",
        ),
        _findings(f"{clusters}?findings=any"),
    ]


def _findings(url: str) -> Figure:
    if last_look() is None:
        return Figure(0, f"profiles with findings: not looked yet, next look at {next_look_at()}", url)
    return Figure(clusters_with_findings(), "profiles with findings", url)
