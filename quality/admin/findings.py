"""Findings: their list, the filter of the clusters, and the lines on a cluster's page."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalogue.models import Cluster
from quality.findings.data import clusters_with_findings, last_run, next_run_time
from quality.models import QualityFinding, WebsiteCheck
from workplace.extensions import Figure, FigureSource, PageExtension, Panel
from workplace.read_only_admin import ReadOnlyAdmin

Choices = list[tuple[str, str]]
Kind = QualityFinding.Kind
#: Kinds whose text says more than their name.
SAYS_MORE = frozenset({Kind.DEAD_WEBSITE, Kind.OLD_CONFIRMATION, Kind.LABEL_EXPIRED})


class FindingsFilter(admin.SimpleListFilter):
    """Clusters by what is not well with them now."""

    title = "findings"
    parameter_name = "findings"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer any, none and each kind."""
        return [("any", "Any finding"), ("none", "No finding"), *QualityFinding.Kind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters with an open finding of that kind; "none" keeps published ones without any."""
        rows = QualityFinding.objects.filter(closed_at=None)
        if self.value() == "none":
            return queryset.filter(status=Cluster.Status.PUBLISHED).exclude(pk__in=rows.values("cluster"))
        if self.value() in QualityFinding.Kind.values:
            rows = rows.filter(kind=self.value())
        elif self.value() != "any":
            return queryset
        return queryset.filter(pk__in=rows.values("cluster"))


class StateFilter(admin.SimpleListFilter):
    """Open findings, unless the closed ones are chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer both and all; without a choice the open ones are shown."""
        return [("closed", "Closed"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Call the state without a choice what it is."""
        first, *others = super().choices(changelist)
        return [{**first, "display": "Open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[QualityFinding]) -> QuerySet[QualityFinding]:
        """Keep those of that state."""
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() != "closed")


@admin.register(QualityFinding)
class QualityFindingAdmin(ReadOnlyAdmin):
    """What the nightly job found, with the numbers on top."""

    change_list_template = "admin/quality/qualityfinding/change_list.html"
    list_display = ["cluster_page", "what", "open_since", "last_seen", "closed_at"]
    list_display_links = None
    as_cards = True  # on a phone
    list_filter = [StateFilter, "kind", ("cluster__country", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["cluster"]
    search_fields = ["cluster__name", "cluster__acronym", "text"]
    ordering = ["kind", "cluster__sort_name", "-opened_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Count the open ones by kind above the list, and say when the last check was."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        run = last_run()
        message = (
            f"Nothing was found at the last check, {_moment(run)}. The next check is at {next_run_time()}."
            if run
            else f"Nothing was checked yet; the first check is at {next_run_time()}."
        )
        context = {"kinds": _counts(), "last_run": run, "next_run": next_run_time(), "when_empty": message}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Show the day of closing where closed ones are shown."""
        is_open = request.GET.get(StateFilter.parameter_name) not in ("closed", "all")
        return [name for name in self.list_display if not (is_open and name == "closed_at")]

    @admin.display(description="cluster", ordering="cluster__sort_name")
    def cluster_page(self, finding: QualityFinding) -> SafeString:
        """Lead to the cluster, where the data can be corrected."""
        address = reverse("admin:catalogue_cluster_change", args=[finding.cluster_id])
        return format_html('<a href="{}">{}</a>', address, finding.cluster.name)

    @admin.display(description="finding", ordering="kind")
    def what(self, finding: QualityFinding) -> SafeString | str:
        """Name the kind, with the text where that says more."""
        kind = str(finding.get_kind_display())
        if finding.kind not in SAYS_MORE:
            return kind
        return format_html('{}<span class="under">{}</span>', kind, finding.text)

    @admin.display(description="since", ordering="opened_at")
    def open_since(self, finding: QualityFinding) -> str:
        """Show the day on which it was found first."""
        return _day(finding.opened_at)

    @admin.display(description="last found", ordering="seen_at")
    def last_seen(self, finding: QualityFinding) -> str:
        """Show the last check that found it, and how many did, if several."""
        checks = f", {finding.failures} checks in a row" if finding.failures > 1 else ""
        return f"{_day(finding.seen_at)}{checks}"


def _counts() -> list[tuple[str, str, int]]:
    """Return address, name and number of open findings for each kind: one query."""
    kinds = QualityFinding.Kind
    counts = QualityFinding.objects.filter(closed_at=None).aggregate(
        **{kind: Count("pk", filter=Q(kind=kind)) for kind in kinds.values}
    )
    return [(f"?kind__exact={kind}", str(label), counts[kind]) for kind, label in kinds.choices]


def findings_of(cluster: Cluster) -> SafeString | str:
    """Return the open findings of ``cluster`` as a list, and say if its website cannot be checked."""
    if cluster.status != Cluster.Status.PUBLISHED:
        return "Only published profiles are checked."
    run = last_run()
    if run is None or (cluster.published_at and cluster.published_at > run):
        return f"Not checked yet; the next check is at {next_run_time()}."
    rows = cluster.findings.filter(closed_at=None).order_by("opened_at", "kind")
    lines = ((row.get_kind_display(), row.text, _day(row.opened_at)) for row in rows)
    items = format_html_join(
        "", '<li class="finding"><strong>{}</strong> {}<span class="under">since {}</span></li>', lines
    )
    found = (
        format_html('<ul class="findings">{}</ul>', items)
        if items
        else f"Nothing was found at the last check, {_moment(run)}."
    )
    check = WebsiteCheck.objects.filter(cluster=cluster, outcome=WebsiteCheck.Outcome.UNCHECKED).first()
    if check and check.url == cluster.website:
        return format_html("{} The portal cannot check whether the website answers: {}", found, check.error)
    return found


def _day(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "j M Y")


def _moment(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "j M Y, H:i")


def findings_panel(request: HttpRequest, cluster: Cluster) -> SafeString | str:
    """Return the findings of ``cluster`` for those who may see findings."""
    return findings_of(cluster) if request.user.has_perm("quality.view_qualityfinding") else ""


def figures(request: HttpRequest) -> list[Figure]:
    """Return how many profiles have findings, for those who may see clusters."""
    if not request.user.has_perm("catalogue.view_cluster"):
        return []
    url = f"{reverse('admin:catalogue_cluster_changelist')}?findings=any"
    if last_run() is None:
        return [Figure(0, f"profiles with findings: not checked yet, next check at {next_run_time()}", url)]
    return [Figure(clusters_with_findings(), "profiles with findings", url)]


ON_CLUSTERS = PageExtension(
    "findings", "catalogue.Cluster", order=15, filters=(FindingsFilter,), filters_after="asking",
    panels=(Panel("Findings", findings_panel, "What the portal's nightly check says about the profile."),),
)  # fmt: skip
FIGURES = FigureSource("findings", figures, order=30)
