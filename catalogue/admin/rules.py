"""The rules that explain priority."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalogue.models import PriorityRule
from workplace.staff_admin import StaffAdmin

#: The parameters that each kind of rule reads; the others would do nothing.
PARAMETERS: dict[str, list[str]] = {
    PriorityRule.Kind.LARGE_ICT: ["more_than_members", "terms"],
    PriorityRule.Kind.GREECE: ["countries"],
    PriorityRule.Kind.LOW_H2020: ["countries"],
}


@admin.register(PriorityRule)
class PriorityRuleAdmin(StaffAdmin):
    """The five rules: their parameters can be changed, their kinds and number cannot."""

    list_display = ["kind_name", "description", "parameters", "is_active"]
    autocomplete_fields = ["terms", "countries"]
    readonly_fields = ["kind_name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriorityRule]:
        """Read the parameters of all rules at once."""
        return super().get_queryset(request).prefetch_related("terms", "countries")

    def get_fieldsets(self, request: HttpRequest, obj: PriorityRule | None = None) -> list[Any]:
        """Show the parameters that the rule reads."""
        about = (None, {"fields": ["kind_name", "description", "rationale", "is_active"]})
        parameters = PARAMETERS.get(obj.kind, []) if obj else []
        return [about, ("Parameters", {"fields": parameters})] if parameters else [about]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a new rule needs a condition in code."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PriorityRule | None = None) -> bool:
        """Refuse: a rule is switched off instead."""
        return False

    @admin.display(description="rule", ordering="pk")
    def kind_name(self, rule: PriorityRule) -> str:
        """Name the rule."""
        return rule.get_kind_display()

    @admin.display(description="parameters")
    def parameters(self, rule: PriorityRule) -> str:
        """Return the parameters that the rule reads, as text."""
        if rule.kind == PriorityRule.Kind.LARGE_ICT:
            names = ", ".join(term.name for term in rule.terms.all())
            return f"more than {rule.more_than_members or 0:,} members; one of: {names}"
        if rule.kind in PARAMETERS:
            return ", ".join(country.name for country in rule.countries.all())
        return ""
