"""The priority view: staff's decision beside the rules and their reasons."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalogue.admin.actions import DecisionActions
from catalogue.admin.filters import PriorityFilter, RulesFilter, StatusFilter
from catalogue.admin.lists import ClusterColumns, decision_badge, disagreement, rules_table
from catalogue.models import Cluster


class PriorityList(ClusterColumns, DecisionActions, admin.ModelAdmin):
    """A second list of the same clusters.

    It is not registered (a model has one registered admin): ``ClusterAdmin`` serves it under
    ``cluster/priority/``.
    """

    change_list_template = "admin/catalogue/cluster/priority.html"
    list_display = ["name_and_country", "status_badge", "decision_with_reason", "rules_with_reasons"]
    list_filter = [RulesFilter, PriorityFilter, StatusFilter, ("country", admin.RelatedOnlyFieldListFilter)]
    actions = ["make_priority", "remove_priority"]
    back = "priority"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: clusters are added in the list of all."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Cluster | None = None) -> bool:
        """Refuse: clusters are deleted in the list of all."""
        return False

    @admin.display(description="cluster", ordering="sort_name")
    def name_and_country(self, cluster: Cluster) -> SafeString:
        """Name the cluster and its country."""
        return format_html('{}<span class="under">{}</span>', cluster.name, cluster.country.name)

    @admin.display(description="decision", ordering="is_priority")
    def decision_with_reason(self, cluster: Cluster) -> SafeString:
        """Show staff's decision with its reason, and whether the rules say otherwise."""
        reason = (
            format_html('<span class="under">{}</span>', cluster.priority_reason) if cluster.priority_reason else ""
        )
        words = disagreement(cluster)
        note = format_html('<span class="disagree">{}</span>', words) if words else ""
        return format_html("{}{}{}", decision_badge(cluster), reason, note)

    @admin.display(description="rules")
    def rules_with_reasons(self, cluster: Any) -> SafeString:
        """Show every rule with its reason."""
        return rules_table(cluster.rule_results)
