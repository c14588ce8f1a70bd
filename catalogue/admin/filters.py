"""Filters of the staff's lists of clusters."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from catalogue.models import Cluster, Term
from catalogue.priority import active_rules
from catalogue.services.priority import (
    not_confirmed_recently,
    priority_without_rule,
    rule_without_priority,
    rules_disagree,
)

Choices = list[tuple[str, str]]


class StatusFilter(admin.SimpleListFilter):
    """By status; "not published" and "not archived" each take two together."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer each status and what is not public."""
        return [*Cluster.Status.choices, ("unpublished", "Not published"), ("known", "Not archived")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters of that status."""
        if self.value() == "unpublished":
            return queryset.exclude(status=Cluster.Status.PUBLISHED)
        if self.value() == "known":
            return queryset.exclude(status=Cluster.Status.ARCHIVED)
        return queryset.filter(status=self.value()) if self.value() in Cluster.Status.values else queryset


class PriorityFilter(admin.SimpleListFilter):
    """By staff's decision."""

    title = "priority"
    parameter_name = "priority"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer both decisions."""
        return [("true", "Priority"), ("false", "No priority")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters with that decision."""
        decisions = {"true": True, "false": False}
        decision = decisions.get(self.value() or "")
        return queryset if decision is None else queryset.filter(is_priority=decision)


class RulesFilter(admin.SimpleListFilter):
    """By whether the decision is what the rules would suggest."""

    title = "decision and rules"
    parameter_name = "rules"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the ways in which decision and rules can agree or differ."""
        return [
            ("disagree", "Rules disagree"),
            ("no_rule", "Priority, but no rule is met"),
            ("no_priority", "A rule is met, but no priority"),
            ("agree", "Rules agree"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters where decision and rules agree or differ like that."""
        conditions = {
            "disagree": rules_disagree,
            "no_rule": priority_without_rule,
            "no_priority": rule_without_priority,
            "agree": lambda rules: ~rules_disagree(rules),
        }
        condition = conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition(active_rules()))


class VerticalFilter(admin.SimpleListFilter):
    """By a vertical market that the cluster serves."""

    title = "vertical"
    parameter_name = "vertical"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer every vertical."""
        rows = Term.objects.filter(vocabulary=Term.Vocabulary.VERTICAL).order_by("sort_name")
        return list(rows.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters with that vertical, each once."""
        if not self.value():
            return queryset
        terms = Term.objects.filter(vocabulary=Term.Vocabulary.VERTICAL, slug=self.value())
        return queryset.filter(pk__in=Cluster.terms.through.objects.filter(term__in=terms).values("cluster_id"))


class LoyalFilter(admin.SimpleListFilter):
    """By whether the cluster is one of the closest collaborators."""

    title = "loyal"
    parameter_name = "loyal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer both."""
        return [("true", "Loyal"), ("false", "Not loyal")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep those on the list, or those that are not."""
        if self.value() not in ("true", "false"):
            return queryset
        return queryset.filter(loyal_position__isnull=self.value() == "false")


class ConfirmedFilter(admin.SimpleListFilter):
    """By when the profile was last confirmed."""

    title = "confirmed"
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer the last year, before, and never."""
        return [("recently", "Within a year"), ("overdue", "Longer ago or never"), ("never", "Never")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> QuerySet[Cluster]:
        """Keep the clusters confirmed in that time."""
        conditions = {
            "recently": ~not_confirmed_recently(),
            "overdue": not_confirmed_recently(),
            "never": Q(confirmed_on__isnull=True),
        }
        condition = conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)
