"""Merging two clusters: choose, compare field by field, merge, undo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from catalogue.admin.decisions import clusters_of
from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster
from duplicates.finder import DuplicateFinder
from duplicates.merging.comparison import Comparison
from duplicates.merging.exceptions import MergeNotPossible, UndoNotPossible
from duplicates.merging.providers import Provider, providers
from duplicates.merging.services import merge
from duplicates.merging.undo import undo, undo_blockers
from duplicates.models import ClusterMerge
from duplicates.profiles import Candidate
from workplace.extensions import Action, PageExtension
from workplace.read_only_admin import ReadOnlyAdmin

PERMISSIONS = ["catalogue.view_cluster", "catalogue.change_cluster", "catalogue.publish_cluster"]
OFFERED = 12  # clusters to choose from


def may_merge(request: HttpRequest) -> bool:
    """Return whether the user may merge clusters."""
    return bool(request.user.has_perms(PERMISSIONS))


def merge_two(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse | None:
    """Lead to the comparison of the two clusters that are ticked."""
    # The published one stays unless staff says otherwise: its address is the one that people know.
    is_public = Case(When(status=Cluster.Status.PUBLISHED, then=0), default=1)
    keys = list(queryset.order_by(is_public, "pk").values_list("pk", flat=True)[:3])
    if len(keys) != 2:
        messages.error(request, "Tick exactly two clusters to merge them.")
        return None
    return HttpResponseRedirect(f"{reverse('admin:catalogue_cluster_merge')}?ids={keys[0]},{keys[1]}")


def merge_buttons(request: HttpRequest, cluster: Cluster) -> list[tuple[str, str]]:
    """Return address and label of the buttons about merging ``cluster``, for those who may."""
    if not may_merge(request):
        return []
    merges = ClusterMerge.objects.filter(undone_at=None, target=cluster).select_related("source")
    buttons = [
        (reverse("admin:duplicates_clustermerge_change", args=[merge.pk]), f"Merged with {merge.source.name} …")
        for merge in merges[:3]
    ]
    if cluster.status != Cluster.Status.ARCHIVED:
        buttons.insert(0, (f"{reverse('admin:catalogue_cluster_merge')}?ids={cluster.pk}", "Merge …"))
    return buttons


@require_http_methods(["GET", "POST"])
def merge_clusters(request: HttpRequest, *, admin_site: AdminSite) -> HttpResponse:
    """Compare the two clusters in ``ids`` (GET; one alone: choose the other), or merge them (POST).

    The first of ``ids`` stays.
    """
    if not may_merge(request):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    rows = _in_order(given.get("ids", ""))
    if len(rows) > 2:
        raise Http404
    if len(rows) == 1:
        return _choose(admin_site, request, rows[0])
    target, source = rows
    if request.method == "GET":
        return _compare(admin_site, request, target, source)
    choices = {name.removeprefix("field-"): value for name, value in given.items() if name.startswith("field-")}
    reason = given.get("reason", "")
    try:
        log = merge(
            target=target, source=source, by=request.user, reason=reason, choices=choices, shown=given.get("seen", "")
        )
    except MergeNotPossible as error:
        return _compare(admin_site, request, target, source, problems=error.problems, choices=choices, reason=reason)
    messages.success(request, f"{source.name} was merged into {target.name}.")
    return HttpResponseRedirect(reverse("admin:duplicates_clustermerge_change", args=[log.pk]))


def _in_order(ids: str) -> list[Cluster]:
    found = {str(row.pk): row for row in clusters_of(ids)}
    keys = dict.fromkeys(str(int(key)) for key in ids.split(",") if key)  # digits, or nothing would have been found
    return [found[key] for key in keys if key in found]


def _choose(admin_site: AdminSite, request: HttpRequest, cluster: Cluster) -> HttpResponse:
    """Show clusters that may be the same: likely duplicates, or what a search finds."""
    query = request.GET.get("q", "").replace("\x00", " ").strip()
    others = Cluster.objects.exclude(pk=cluster.pk).exclude(status=Cluster.Status.ARCHIVED)
    others = others.select_related("country", "region")
    if query:
        rows = ClusterFilter({"q": query}, others).rows(others, stop=OFFERED)
        reasons: dict[int, str] = {}
    else:
        rows, reasons = _likely_duplicates(cluster, others)
    base = reverse("admin:catalogue_cluster_merge")
    return _page(
        admin_site, request, "admin/duplicates/clustermerge/choose.html", f"Merge {cluster.name} with …",
        cluster=cluster, query=query, action_url=base, rows=[
            (row, f"{base}?{urlencode({'ids': f'{cluster.pk},{row.pk}'})}", reasons.get(row.pk, "")) for row in rows
        ],
    )  # fmt: skip


def _likely_duplicates(cluster: Cluster, others: QuerySet[Cluster]) -> tuple[list[Cluster], dict[int, str]]:
    """Return the clusters that ``cluster`` may be, best first, and the reasons as text by key."""
    matches = DuplicateFinder(others).matches(Candidate.of_cluster(cluster), limit=OFFERED)
    rows = others.in_bulk([match.cluster_id for match in matches])
    return [rows[match.cluster_id] for match in matches], {
        match.cluster_id: "; ".join(match.reasons) for match in matches
    }


def _compare(
    admin_site: AdminSite,
    request: HttpRequest,
    target: Cluster,
    source: Cluster,
    *,
    problems: list[str] | None = None,
    choices: dict[str, str] | None = None,
    reason: str = "",
) -> HttpResponse:
    comparison = Comparison.of(target, source, choices or {})
    base = reverse("admin:catalogue_cluster_merge")
    return _page(
        admin_site, request, "admin/duplicates/clustermerge/compare.html", "Merge two clusters", comparison=comparison, target=target, source=source,
        problems=problems if problems is not None else comparison.problems, reason=reason,
        ids=f"{target.pk},{source.pk}", action_url=base, swap_url=f"{base}?{urlencode({'ids': f'{source.pk},{target.pk}'})}",
    )  # fmt: skip


def _page(admin_site: AdminSite, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    request.current_app = admin_site.name
    everywhere = {**admin_site.each_context(request), "title": title, "opts": Cluster._meta}
    return TemplateResponse(request, name, {**everywhere, **context})


@dataclass(frozen=True)
class MovedPart:
    """What one provider moved, for the page of a merge."""

    label: str
    #: What moved, with the address of its page if it has one that the user may see.
    lines: list[tuple[str, str]]


@admin.register(ClusterMerge)
class ClusterMergeAdmin(ReadOnlyAdmin):
    """Every merge with what it moved, and the button that takes it back while that is possible."""

    change_form_template = "admin/duplicates/clustermerge/change_form.html"
    list_display = ["title", "target_page", "merged_at", "merged_by", "undone_at"]
    list_display_links = ["title"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter), "merged_at"]
    list_select_related = ["target", "source", "merged_by"]
    search_fields = ["target__name", "source__name", "reason"]
    fields = ["source_page", "target_page", "reason", "merged_by", "merged_at", "undone_at"]
    readonly_fields = ["source_page", "target_page"]
    when_empty = (
        "No two clusters were merged yet. Tick two in the list of clusters and choose “Merge two …”, "
        "or use the button “Merge …” on the page of one."
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the button that undoes."""
        undo = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", undo, name="duplicates_clustermerge_undo"), *super().get_urls()]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a merge back (POST)."""
        if not may_merge(request):
            raise PermissionDenied
        merge = get_object_or_404(ClusterMerge, pk=pk)
        if request.method == "POST":
            try:
                undo(merge=merge, by=request.user, reason=request.POST.get("reason", ""))
            except UndoNotPossible as error:
                messages.error(request, str(error))
            else:
                messages.success(request, f"Undone: {merge.target} and {merge.source} are two clusters again.")
        return HttpResponseRedirect(reverse("admin:duplicates_clustermerge_change", args=[pk]))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add what moved, and what prevents undoing."""
        merge = kwargs["obj"]
        known = {provider.name: provider for provider in providers}
        context |= {
            "merge": merge,
            "may_undo": may_merge(request) and merge.undone_at is None,
            "obstacles": undo_blockers(merge) if merge.undone_at is None else [],
            "moved": [_moved(request, part, known.get(part["provider"])) for part in merge.moved],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="merge", ordering="merged_at")
    def title(self, merge: ClusterMerge) -> str:
        """Name both."""
        return f"{merge.source.name} → {merge.target.name}"

    @admin.display(description="stayed", ordering="target__sort_name")
    def target_page(self, merge: ClusterMerge) -> SafeString:
        """Lead to the one that stayed."""
        return _link(merge.target)

    @admin.display(description="was merged into it")
    def source_page(self, merge: ClusterMerge) -> SafeString:
        """Lead to the archived one."""
        return _link(merge.source)


def _moved(request: HttpRequest, part: dict[str, Any], provider: Provider | None) -> MovedPart:
    records = part["records"]
    model = getattr(provider, "model", None)
    pages: dict[str, str] = {}
    if model in admin.site._registry and admin.site._registry[model].has_view_permission(request):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        there = model._default_manager.filter(pk__in=[record["pk"] for record in records])
        pages = {str(pk): reverse(name, args=[pk]) for pk in there.values_list("pk", flat=True)}
    return MovedPart(
        provider.label if provider else part["provider"],
        [(str(record.get("words", "")), pages.get(str(record["pk"]), "")) for record in records],
    )


def _link(cluster: Cluster) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:catalogue_cluster_change", args=[cluster.pk]), cluster)


def _urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view(partial(merge_clusters, admin_site=site))
    return [path("merge/", view, name="catalogue_cluster_merge")]


ON_CLUSTERS = PageExtension(
    "merging", "catalogue.Cluster", order=20, buttons=merge_buttons, urls=_urls,
    actions=(Action("merge_two", "Merge two …", merge_two, may_merge),),
)  # fmt: skip
