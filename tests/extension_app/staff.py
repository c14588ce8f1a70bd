"""What visits add to staff pages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from catalogue.models import Cluster
from tests.extension_app.models import Visit
from tests.extension_app.services import ask_to_confirm, note_visit
from workplace.extensions import (
    Action,
    Column,
    DaySource,
    Figure,
    FigureSource,
    PageExtension,
    Panel,
    Task,
    VersionOrigin,
    VersionSource,
)
from workplace.search import Found, Hit, SearchSource
from workplace.timeline import Entry, TimelineSource

VIEW, ADD = "extension_app.view_visit", "extension_app.add_visit"


def page_of(cluster_pk: int) -> str:
    """Return the address of the page with the visits to a cluster."""
    return reverse("admin:extension_app_cluster_visits", args=[cluster_pk])


# --- the pages of clusters ---


def buttons(request: HttpRequest, cluster: Cluster) -> list[tuple[str, str]]:
    """Return the button that leads to the visits."""
    return [(page_of(cluster.pk), "Visits …")] if request.user.has_perm(VIEW) else []


def panel(request: HttpRequest, cluster: Cluster) -> SafeString | str:
    """Return the visits to ``cluster``."""
    if not request.user.has_perm(VIEW):
        return ""
    lines = [(visit, visit.email) for visit in cluster.visits.order_by("-visited_at")]
    return format_html_join("", "<p>{} ({})</p>", lines) or "Nobody was there yet."


def note_visits(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Cluster]) -> None:
    """Note a visit of today to each of the ticked clusters."""
    for cluster in queryset:
        note_visit(cluster, code=f"today-{cluster.pk}", by=request.user)
    messages.success(request, f"{len(queryset)} visits noted.")


class VisitedFilter(admin.SimpleListFilter):
    """Clusters by whether somebody was there."""

    title = "visited"
    parameter_name = "visited"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        return [("yes", "Visited"), ("no", "Never visited")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Return the clusters of that kind."""
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(visits__isnull=self.value() == "no").distinct()


def visits_view(request: HttpRequest, pk: int, *, admin_site: AdminSite) -> HttpResponse:
    """Show the visits to a cluster (GET), or ask everybody who was met to confirm (POST)."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    cluster = get_object_or_404(Cluster, pk=pk)
    if request.method == "POST":
        for visit in cluster.visits.exclude(email=""):
            ask_to_confirm(visit)
    context = {**admin_site.each_context(request), "title": f"Visits to {cluster}", "opts": Cluster._meta}
    return TemplateResponse(request, "workplace/page.html", context)


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of this app below the list of clusters."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return visits_view(request, pk, admin_site=site)

    return [path("<int:pk>/visits/", site.admin_view(view), name="extension_app_cluster_visits")]


ON_CLUSTERS = PageExtension(
    "visits", "catalogue.Cluster", buttons=buttons, urls=urls,
    panels=(Panel("Visits", panel, description="Who of us was there."),),
    actions=(Action("note_visit", "Note a visit", note_visits, lambda request: request.user.has_perm(ADD)),),
    filters=(VisitedFilter,), filters_after="confirmed",
    columns=(
        Column(
            "visits", "visits", value=lambda cluster: cluster.visit_count, ordering="visit_count",
            queryset=lambda rows: rows.annotate(visit_count=Count("visits", distinct=True)),
        ),
    ),
)  # fmt: skip


# --- timeline, history, first page, search ---


def visits_to(request: HttpRequest, cluster: Cluster) -> QuerySet[Visit] | None:
    """Return the visits to ``cluster``, for those who may see them."""
    return cluster.visits.all() if request.user.has_perm(VIEW) else None


VISITS = TimelineSource(
    "visit", "Visit", "catalogue.Cluster", visits_to, "visited_at",
    lambda visit: Entry(visit.visited_at, f"Met {visit.email}", url=page_of(visit.cluster_id)),
)  # fmt: skip


def origins(request: HttpRequest, versions: Sequence[Any]) -> dict[int, VersionOrigin]:
    """Return the visits that ``versions`` name as their reason, for those who may see them."""
    if not request.user.has_perm(VIEW):
        return {}
    codes = {version.pk: (version.history_change_reason or "").removeprefix("Visit ") for version in versions}
    visits = {visit.code: visit for visit in Visit.objects.filter(code__in=codes.values())}
    return {
        pk: VersionOrigin(page_of(visits[code].cluster_id), str(visits[code]), "noted by hand")
        for pk, code in codes.items()
        if code in visits
    }


ORIGINS = VersionSource("visits", origins)


def figures(request: HttpRequest) -> list[Figure]:
    """Return how many visits nobody confirmed, for those who may see them."""
    if not request.user.has_perm(VIEW):
        return []
    clusters = reverse("admin:catalogue_cluster_changelist")
    number = Visit.objects.filter(is_confirmed=False).count()
    return [Figure(number, "visits to confirm", f"{clusters}?visited=yes")]


FIGURES = FigureSource("visits", figures)


def tasks(request: HttpRequest, most: int) -> list[Task]:
    """Return the visits of the user without a note, which is due within a week."""
    rows = Visit.objects.filter(visitor=request.user, note="").order_by("visited_at")[:most]
    week = timedelta(days=7)
    return [
        Task(f"Note on {visit}", page_of(visit.cluster_id), due=timezone.localdate(visit.visited_at + week))
        for visit in rows
    ]


DAY = DaySource("visits", tasks)


def find(request: HttpRequest, text: str, limit: int) -> Found:
    """Find visits by code and by the address of who was met."""
    rows = Visit.objects.filter(Q(code__icontains=text) | Q(email__icontains=text))
    hits = [Hit(page_of(visit.cluster_id), str(visit), visit.email) for visit in rows.order_by("code")[:limit]]
    return Found(hits, rows.count())


SEARCH = SearchSource("visits", "Visits", find, lambda request: request.user.has_perm(VIEW), "code, e-mail")
