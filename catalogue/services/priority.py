"""Where staff's decision on priority and the rules differ, and what is left to do in the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from catalogue.models import Cluster, PriorityRule
from catalogue.priority import active_rules, rules_condition


def priority_without_rule(rules: Iterable[PriorityRule]) -> Q:
    """Return the condition that a cluster has priority though no rule is met."""
    return Q(is_priority=True) & ~rules_condition(rules)


def rule_without_priority(rules: Iterable[PriorityRule]) -> Q:
    """Return the condition that a rule is met though the cluster has no priority."""
    return Q(is_priority=False) & rules_condition(rules)


def rules_disagree(rules: Iterable[PriorityRule]) -> Q:
    """Return the condition that the decision is not what the rules would suggest."""
    rules = list(rules)
    return priority_without_rule(rules) | rule_without_priority(rules)


def not_confirmed_recently() -> Q:
    """Return the condition that nobody confirmed a profile within the last 365 days."""
    limit = timezone.localdate() - timedelta(days=365)
    return Q(confirmed_on__isnull=True) | Q(confirmed_on__lt=limit)


@dataclass(frozen=True)
class Workload:
    """How many clusters wait for staff."""

    published: int
    priority_not_published: int
    rules_disagree: int
    published_not_confirmed: int


def workload() -> Workload:
    """Count what waits for staff, in four queries."""
    is_published = Q(status=Cluster.Status.PUBLISHED)
    counts = Cluster.objects.aggregate(
        published=Count("pk", filter=is_published),
        priority_not_published=Count("pk", filter=Q(is_priority=True) & ~is_published),
        rules_disagree=Count("pk", filter=rules_disagree(active_rules())),
        published_not_confirmed=Count("pk", filter=is_published & not_confirmed_recently()),
    )
    return Workload(**counts)
