"""The rules for priority: one sentence for people and one condition in SQL for each.

Source: the five rules of the D4.5 report (``fixtures/priority_rules.csv``). The published decisions do
not follow from the rules alone, so a rule explains and never decides. "At least 500" members is not
above 500: a lower bound proves only what lies below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from catalogue.models import Cluster, PriorityRule


@dataclass(frozen=True)
class RuleResult:
    """What one rule says of one cluster. ``is_met`` is ``None`` where the facts are not known."""

    kind: str
    label: str
    is_met: bool | None
    reason: str

    @property
    def sentence(self) -> str:
        """The rule and its reason, such as "large ICT: at least 950 members, more than 500"."""
        return f"{self.label}: {self.reason}"


def active_rules() -> list[PriorityRule]:
    """Return the rules that staff has switched on, with their parameters, in three queries."""
    from catalogue.models import PriorityRule

    return list(PriorityRule.objects.filter(is_active=True).prefetch_related("terms", "countries"))


def explain(cluster: Cluster, rules: Iterable[PriorityRule]) -> list[RuleResult]:
    """Return what every rule says of ``cluster``, in the order of ``rules``."""
    return [_evaluate(cluster, rule) for rule in rules]


def suggests_priority(results: Sequence[RuleResult]) -> bool:
    """Return whether at least one rule is met."""
    return any(result.is_met for result in results)


def rules_condition(rules: Iterable[PriorityRule]) -> Q:
    """Return the SQL condition that at least one of ``rules`` is met (nothing, if there are none)."""
    met = Q(pk__in=[])
    for rule in rules:
        met |= _condition(rule)
    return met


def _evaluate(cluster: Cluster, rule: PriorityRule) -> RuleResult:
    kinds = rule.Kind
    is_met: bool | None
    if rule.kind == kinds.CORE_ACTIVITY:
        is_met = cluster.core_cybersecurity
        reason = "cybersecurity is its core activity" if is_met else "cybersecurity is not its core activity"
    elif rule.kind == kinds.LARGE_ICT:
        is_met, reason = _large(cluster, rule)
    elif rule.kind == kinds.COLLABORATOR:
        is_met = cluster.is_collaborator
        reason = "already takes an active part in the project" if is_met else "takes no active part in the project yet"
    else:  # both country rules
        codes = {country.code for country in rule.countries.all()}
        is_met = cluster.country_id in codes
        if is_met:
            reason = f"it is in {cluster.country.name}"
        elif rule.kind == kinds.GREECE:
            reason = f"it is in {cluster.country.name}, not in Greece"
        else:
            names = ", ".join(sorted(country.name for country in rule.countries.all())) or "no country"
            reason = f"{cluster.country.name} is not among the countries of the rule ({names})"
    return RuleResult(rule.kind, rule.get_kind_display(), is_met, reason)


def _large(cluster: Cluster, rule: PriorityRule) -> tuple[bool | None, str]:
    wanted = {term.pk for term in rule.terms.all()}
    if not any(term.pk in wanted for term in cluster.terms.all()):
        names = ", ".join(sorted(term.name for term in rule.terms.all())) or "no term"
        return False, f"it is no ICT cluster (none of: {names})"
    threshold = rule.more_than_members or 0
    if cluster.members is None:
        return None, f"the number of members is not known, more than {threshold:,} are asked for"
    text = f"{cluster.members_text} members"
    if cluster.members > threshold:
        return True, f"{text}, more than {threshold:,}"
    if cluster.members_qualifier == cluster.MembersQualifier.AT_LEAST:
        return None, f"{text}, which is not known to be more than {threshold:,}"
    return False, f"{text}, not more than {threshold:,}"


def _condition(rule: PriorityRule) -> Q:
    from catalogue.models import Cluster

    kinds = rule.Kind
    if rule.kind == kinds.CORE_ACTIVITY:
        return Q(core_cybersecurity=True)
    if rule.kind == kinds.COLLABORATOR:
        return Q(is_collaborator=True)
    if rule.kind == kinds.LARGE_ICT:
        with_term = Cluster.terms.through.objects.filter(term__in=[term.pk for term in rule.terms.all()])
        return Q(members__gt=rule.more_than_members or 0, pk__in=with_term.values("cluster_id"))
    return Q(country__in=[country.pk for country in rule.countries.all()])
