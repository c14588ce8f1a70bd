"""The staff's workplace."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from catalogue.services.priority import workload


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
    Section("consortium", "Consortium", "The project, its partners and the plain pages."),
    Section("auth", "Access", "Who works here, and what each may do."),
    Section("axes", "Sign-in", "Sign-ins that failed."),
)


@dataclass(frozen=True)
class Figure:
    """A number that waits for staff, and the list behind it."""

    number: int
    label: str
    url: str
    is_priority: bool = False


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name, with what waits for staff on its first page."""

    site_header = "Cluster Portal"
    site_title = "Cluster Portal"
    index_title = "Workplace"
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what waits, then the sections."""
        return super().index(request, {"figures": _figures(request), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the apps as sections, in the order of ``SECTIONS``, with the priority view among them."""
        places = {section.app_label: place for place, section in enumerate(SECTIONS)}
        apps = super().get_app_list(request, app_label)
        for app in apps:
            place = places.get(app["app_label"])
            if place is not None:
                app.update(name=SECTIONS[place].name, purpose=SECTIONS[place].purpose)
            if app["app_label"] == "catalogue":
                app["models"] = _with_priority_view(app["models"])
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(SECTIONS)))


def _with_priority_view(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the link to the priority view behind the clusters, for those who may see these."""
    found = []
    for model in models:
        found.append(model)
        if model["object_name"] == "Cluster":
            url = reverse("admin:catalogue_cluster_priority")
            found.append(
                {
                    "name": "Priority view",
                    "object_name": "PriorityView",
                    "admin_url": url,
                    "add_url": None,
                    "view_only": True,
                }
            )
    return found


def _figures(request: HttpRequest) -> list[Figure]:
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
    ]
