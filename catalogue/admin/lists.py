"""What the two staff lists of clusters (all, and priority) have in common."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalogue.admin.search import ClusterSearch
from catalogue.models import Cluster
from catalogue.priority import RuleResult, active_rules, explain, suggests_priority


class ClusterChangeList(ChangeList):
    """A page of clusters, each with its ``rule_results``, and what the search was taken to mean."""

    def get_results(self, request: HttpRequest) -> None:
        """Explain the clusters of this page; the rules are read once."""
        super().get_results(request)
        rules = active_rules()
        self.result_list = list(self.result_list)
        for cluster in self.result_list:
            cluster.rule_results = explain(cluster, rules)
        self.interpretation = getattr(request, "search_interpretation", None)


def rules_table(results: list[RuleResult]) -> SafeString:
    """Return the rules with their reasons as a list."""
    lines = ((_mark(result.is_met), result.label, result.reason) for result in results)
    rows = format_html_join("", '<li class="rule rule-{}"><span class="rule-name">{}:</span> {}</li>', lines)
    return format_html('<ul class="rules">{}</ul>', rows)


def decision_badge(cluster: Cluster) -> SafeString:
    """Return staff's decision as a badge."""
    if cluster.is_priority:
        return format_html('<span class="badge badge-{}">{}</span>', "priority", "Priority")
    return format_html('<span class="badge badge-{}">{}</span>', "none", "No priority")


def disagreement(cluster: Any) -> str:
    """Return as text how decision and rules differ; empty if they do not."""
    is_suggested = suggests_priority(cluster.rule_results)
    if cluster.is_priority and not is_suggested:
        return "Priority, but no rule is met"
    if is_suggested and not cluster.is_priority:
        return "A rule is met, but no priority"
    return ""


def _mark(is_met: bool | None) -> str:
    return "unknown" if is_met is None else "met" if is_met else "missed"


class ClusterColumns(ClusterSearch):
    """Columns and queries of a staff list of clusters."""

    list_select_related = ["country"]
    list_per_page = 50
    as_cards = True  # on a phone
    show_full_result_count = False
    ordering = ["sort_name", "slug"]
    search_fields = ["name", "acronym", "former_names", "summary"]
    search_help_text = (
        "Name, acronym, former name, text, place, term, e-mail, website. Accents do not matter, typos are forgiven."
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use the list that explains its clusters."""
        return ClusterChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cluster]:
        """Read the terms of all rows at once; the rules read them."""
        rows = super().get_queryset(request)  # type: ignore[misc]
        return rows.prefetch_related("terms")

    @admin.display(description="status", ordering="status")
    def status_badge(self, cluster: Cluster) -> SafeString:
        """Show the status."""
        return format_html('<span class="badge badge-{}">{}</span>', cluster.status, cluster.get_status_display())

    @admin.display(description="priority", ordering="is_priority")
    def decision(self, cluster: Cluster) -> SafeString:
        """Show staff's decision."""
        return decision_badge(cluster)

    @admin.display(description="members", ordering="members")
    def members_known(self, cluster: Cluster) -> str:
        """Show the number of members with its qualifier."""
        return cluster.members_text
