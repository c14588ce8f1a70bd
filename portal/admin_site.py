"""The staff's workplace."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone

from portal.background import problems
from portal.sections import as_sections, mark_current
from workplace.extensions import day_of, figures_for
from workplace.nightly import failed_rows
from workplace.search import cleaned, problem_with, search, sources_for


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name, with what waits for staff on its first page."""

    site_header = "Cluster Portal"
    site_title = "Cluster Portal"
    index_title = "Workplace"
    empty_value_display = "–"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the search over everything."""
        return [path("search/", self.admin_view(self.search_view), name="search"), *super().get_urls()]

    def search_view(self, request: HttpRequest) -> TemplateResponse:
        """Show what the text ``q`` finds, by kind."""
        text = cleaned(request.GET.get("q", ""))
        problem = problem_with(text)
        request.current_app = self.name
        context = {
            **self.each_context(request), "title": "Search", "search_text": text, "problem": problem,
            "results": [] if problem else search(request, text), "sources": sources_for(request),
        }  # fmt: skip
        return TemplateResponse(request, "workplace/search.html", context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what is wrong with the background work, what waits, the user's own tasks, then the sections."""
        may_see_runs = request.user.has_perm("workplace.view_nightlyrun")
        context = {
            "figures": figures_for(request), "day": day_of(request), "today": timezone.localdate(),
            "late_work": problems(), "failed_rows": failed_rows() if may_see_runs else 0, **(extra_context or {}),
        }  # fmt: skip
        return super().index(request, context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the apps as sections (:mod:`portal.sections`)."""
        found = as_sections(super().get_app_list(request))
        if app_label:
            found = [section for section in found if app_label in section.get("app_labels", [section["app_label"]])]
        mark_current(request.path, [model for app in found for model in app["models"]])
        return found
