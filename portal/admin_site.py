"""The staff's workplace."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse

from catalogue.models import Submission
from catalogue.services.findings import clusters_with_findings
from catalogue.services.priority import workload
from outbox.services.figures import needs_a_person


@dataclass(frozen=True)
class Section:
    """How an app is called in the workplace, and what it is for."""

    app_label: str
    name: str
    purpose: str


#: In this order; an app that is not named here comes last, under its own name.
SECTIONS = (
    Section("catalogue", "Catalogue", "Clusters, and the places, words and rules that describe them."),
    Section("engagement", "Engagement", "Contacts, campaigns, events and reports."),
    Section("scoring", "Scoring", "Guides, rounds and assessments."),
    Section("outbox", "Outbox", "Mails that went out or wait, their wordings, addresses that get none."),
    Section("consortium", "Consortium", "The project, its partners and the plain pages."),
    Section("auth", "Access", "Who works here, and what each may do."),
)


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
        """Return the apps as sections, in the order of ``SECTIONS``, with the priority view among them."""
        sections = {section.app_label: section for section in SECTIONS}
        places = {label: place for place, label in enumerate(sections)}
        apps = {app["app_label"]: app for app in super().get_app_list(request, app_label)}
        if "auth" in apps and "axes" in apps:
            apps["auth"]["models"] += [{**model, "name": "Failed sign-ins"} for model in apps.pop("axes")["models"]]
        for label, app in apps.items():
            if section := sections.get(label):
                app.update(name=section.name, purpose=section.purpose)
            if label == "catalogue":
                app["models"] = _with_priority_view(app["models"])
        found = sorted(apps.values(), key=lambda app: places.get(app["app_label"], len(places)))
        _mark_current(request.path, [model for app in found for model in app["models"]])
        return found


def _with_priority_view(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the links to the priority view and the map behind the clusters, for those who may see these."""
    found = []
    for model in models:
        found.append(model)
        if model["object_name"] == "Cluster":
            for name, label in (("priority", "Priority view"), ("map", "Map of priority clusters")):
                url = reverse(f"admin:catalogue_cluster_{name}")
                found.append({"name": label, "object_name": label, "admin_url": url})
    return found


def _mark_current(path: str, models: list[dict[str, Any]]) -> None:
    """Mark the entry whose page this is: the one with the longest address that the path begins with."""
    holders = [model for model in models if model.get("admin_url") and path.startswith(model["admin_url"])]
    if holders:
        max(holders, key=lambda model: len(model["admin_url"]))["is_current"] = True


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
        Figure(clusters_with_findings(), "profiles with findings", f"{clusters}?findings=any"),
    ]
