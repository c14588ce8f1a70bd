"""The staff's workplace."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

from portal.background import problems
from portal.sections import as_sections, mark_current
from workplace.extensions import figures_for


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name, with what waits for staff on its first page."""

    site_header = "Cluster Portal"
    site_title = "Cluster Portal"
    index_title = "Workplace"
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what of the background work is late, what waits, then the sections."""
        context = {"figures": figures_for(request), "late_work": problems(), **(extra_context or {})}
        return super().index(request, context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the apps as sections (:mod:`portal.sections`)."""
        found = as_sections(super().get_app_list(request))
        if app_label:
            found = [section for section in found if app_label in section.get("app_labels", [section["app_label"]])]
        mark_current(request.path, [model for app in found for model in app["models"]])
        return found
