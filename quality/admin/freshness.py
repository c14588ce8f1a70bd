"""Freshness: the plan with who is next, the requests so far, and asking by hand."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from catalogue.admin.decisions import MAX_CLUSTERS, clusters_of, counted, line_of, way_back
from catalogue.models import Cluster
from quality import freshness
from quality.findings.data import next_run_time
from quality.models import FreshnessPlan, FreshnessRequest
from workplace.confirmation import Back, Confirmation
from workplace.extensions import Action, PageExtension
from workplace.read_only_admin import ReadOnlyAdmin
from workplace.singleton_admin import SingletonAdmin
from workplace.versions import describe_version

MAY_ASK = "quality.change_freshnessplan"
SHOWN = 20  # clusters in the preview


class DueFilter(admin.SimpleListFilter):
    """Clusters that are due, by whether they can be asked: the lists behind the plan's numbers."""

    title = "freshness"
    parameter_name = "asking"
    #: As :class:`freshness.Outlook` names them.
    WORDS = (
        ("ready", "Due, can be asked now"),
        ("silent", "Due, but without address"),
        ("waiting", "Due, asked already or answered by a submission"),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Offer the three."""
        return self.WORDS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters of that kind."""
        if self.value() not in dict(self.WORDS):
            return queryset
        found = freshness.outlook(FreshnessPlan.current())
        return queryset.filter(pk__in=getattr(found, str(self.value())))


@admin.register(FreshnessPlan)
class FreshnessPlanAdmin(SingletonAdmin):
    """The one plan: how often clusters are asked, who is next, and the button that stops it."""

    change_form_template = "admin/quality/freshnessplan/change_form.html"
    fields = ["cap", "ask_after_days", "again_after_days"]
    service_fields = ("is_on", "last_run_at", "last_run_sent")

    def get_urls(self) -> list[URLPattern]:
        """Add the button that stops and starts."""
        switch = self.admin_site.admin_view(self.switch_view)
        return [path("<int:pk>/switch/", switch, name="quality_freshnessplan_switch"), *super().get_urls()]

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop or start the scheduled mails (POST)."""
        plan = get_object_or_404(FreshnessPlan, pk=pk)
        if not self.has_change_permission(request, plan):
            raise PermissionDenied
        if request.method == "POST":
            plan.is_on = request.POST.get("is_on") == "1"
            describe_version(plan, reason="Started" if plan.is_on else "Stopped").save(update_fields=["is_on"])
            message = (
                "Clusters are asked again from the next run on."
                if plan.is_on
                else "Stopped. Nobody is asked by the portal."
            )
            messages.success(request, message)
        return HttpResponseRedirect(reverse("admin:quality_freshnessplan_change", args=[1]))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Add who is next and what came back."""
        plan = kwargs.get("obj")
        if plan is not None:
            found = freshness.outlook(plan, shown=SHOWN)
            clusters = reverse("admin:catalogue_cluster_changelist")
            context |= {
                "next_run": next_run_time("ask-for-freshness"),
                "plan": plan,
                "outlook": found,
                "outcomes": [
                    (f"{clusters}?{DueFilter.parameter_name}={value}", label, len(getattr(found, value)))
                    for value, label in DueFilter.WORDS
                ],
                "asked_today": freshness.asked_today(),
                "answers": freshness.answer_counts(),
                "requests_url": reverse("admin:quality_freshnessrequest_changelist"),
                "may_switch": self.has_change_permission(request, plan),
            }
        return super().render_change_form(request, context, *args, **kwargs)


class AnswerFilter(admin.SimpleListFilter):
    """By what came back."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer each answer; no answer needs a word of its own in an address."""
        return [("none", "No answer yet"), *(choice for choice in FreshnessRequest.Answer.choices if choice[0])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FreshnessRequest]) -> QuerySet[FreshnessRequest]:
        """Keep those with that answer."""
        if self.value() == "none":
            return queryset.filter(answer="")
        return queryset.filter(answer=self.value()) if self.value() in FreshnessRequest.Answer.values else queryset


@admin.register(FreshnessRequest)
class FreshnessRequestAdmin(ReadOnlyAdmin):
    """Every time that a cluster was asked, and what came back."""

    list_display = ["cluster_page", "address", "asked_at", "answer_text", "answered_at", "asked_by"]
    list_display_links = None
    as_cards = True  # on a phone
    list_filter = [AnswerFilter, "asked_at"]
    list_select_related = ["cluster", "asked_by"]
    search_fields = ["cluster__name", "email"]
    fields = ["cluster", "address", "asked_at", "asked_by", "answer", "answered_at", "submission"]
    readonly_fields = ["address"]

    @property
    def when_empty(self) -> SafeString:
        """Say what a list without rows waits for."""
        return format_html(
            'No cluster was asked yet. The portal asks by itself as the <a href="{}">freshness plan</a> says; '
            "to ask one that is not due, tick it in the list of clusters.",
            reverse("admin:quality_freshnessplan_changelist"),
        )

    @admin.display(description="cluster", ordering="cluster__sort_name")
    def cluster_page(self, request: FreshnessRequest) -> SafeString:
        """Lead to the cluster."""
        address = reverse("admin:catalogue_cluster_change", args=[request.cluster_id])
        return format_html('<a href="{}">{}</a>', address, request.cluster.name)

    @admin.display(description="e-mail", ordering="email")
    def address(self, request: FreshnessRequest) -> str:
        """Show where it went."""
        return request.email

    @admin.display(description="answer", ordering="answer")
    def answer_text(self, request: FreshnessRequest) -> str:
        """Show what came back."""
        return str(request.get_answer_display())


def may_ask(request: HttpRequest) -> bool:
    """Return whether the user may ask clusters."""
    return request.user.has_perm(MAY_ASK)


def ask_now(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse:
    """Show who of the ticked would be asked, and ask first."""
    rows = list(queryset[:MAX_CLUSTERS])
    back = way_back({"back": "list", "query": request.GET.urlencode()}, rows)
    return _ask_page(model_admin.admin_site, request, rows, back)


def ask_button(request: HttpRequest, cluster: Cluster) -> list[tuple[str, str]]:
    """Return address and name of the button that asks ``cluster``, for those who may."""
    if cluster.status != Cluster.Status.PUBLISHED or not may_ask(request):
        return []
    return [(f"{reverse('admin:catalogue_cluster_ask')}?ids={cluster.pk}", "Still right? …")]


@require_http_methods(["GET", "POST"])
def ask_clusters(request: HttpRequest, *, admin_site: AdminSite) -> HttpResponse:
    """Show who would be asked (GET), or ask them (POST)."""
    given = request.POST if request.method == "POST" else request.GET
    if not request.user.has_perms([MAY_ASK, "catalogue.view_cluster"]):
        raise PermissionDenied
    rows = clusters_of(given.get("ids", ""))
    back = way_back(given, rows)
    if request.method == "GET":
        return _ask_page(admin_site, request, rows, back)
    asked = [row for row in rows if freshness.ask(cluster=row, by=request.user)]
    if asked:
        messages.success(request, f"{counted(len(asked))} asked.")
    if len(asked) < len(rows):
        messages.warning(request, f"{counted(len(rows) - len(asked))} not asked: there was an obstacle.")
    return HttpResponseRedirect(back.url)


def _ask_page(admin_site: AdminSite, request: HttpRequest, rows: list[Cluster], back: Back) -> HttpResponse:
    found = freshness.assess(rows, FreshnessPlan.current(), is_manual=True)
    possible, refused = [], []
    for candidate in found:
        if candidate.obstacle:
            refused.append(line_of(candidate.cluster, candidate.obstacle))
        else:
            editor = " (editor)" if candidate.is_editor else ""
            possible.append(line_of(candidate.cluster, f"{candidate.reason} · {candidate.email}{editor}"))
    return Confirmation(
        title="Ask whether profiles are still right",
        button=f"Ask {counted(len(possible))}",
        consequence="Each gets one mail with three links: still correct, I correct it, it no longer exists. Nothing "
        "changes before they answer.",
        action_url=reverse("admin:catalogue_cluster_ask"),
        back=back,
        possible=possible,
        refused=refused,
        leave="Back, ask nobody",
    ).response(admin_site, request, Cluster)


def _urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view(partial(ask_clusters, admin_site=site))
    return [path("ask/", view, name="catalogue_cluster_ask")]


ON_CLUSTERS = PageExtension(
    "freshness", "catalogue.Cluster", order=10, buttons=ask_button, urls=_urls,
    actions=(Action("ask_now", "Ask whether the profile is still right …", ask_now, may_ask),),
    filters=(DueFilter,), filters_after="confirmed",
)  # fmt: skip
