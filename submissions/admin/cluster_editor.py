"""The people known to speak for a cluster."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from outbox.addresses import normalised, validate_mailbox
from submissions.models import ClusterEditor
from submissions.services.erasure import forget_in_log


@admin.register(ClusterEditor)
class ClusterEditorAdmin(admin.ModelAdmin):
    """Who speaks for which cluster: reviewers see that the sender is known, and the plan asks them whether it is right."""

    list_display = ["address", "name", "cluster", "is_active", "note", "created_at"]
    list_filter = ["is_active"]
    list_select_related = ["cluster"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["email", "name", "cluster__name"]
    autocomplete_fields = ["cluster"]
    fields = ["cluster", "email", "name", "is_active", "note"]
    when_empty = (
        "No cluster has a known editor yet. Who submitted a new profile that is approved becomes one; "
        "add others whom you know to speak for a cluster."
    )

    def delete_model(self, request: HttpRequest, obj: ClusterEditor) -> None:
        """Forget somebody, in the log of the workplace too."""
        forget_in_log([obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ClusterEditor]) -> None:
        """Forget several, in the log of the workplace too."""
        forget_in_log(queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take addresses in the form in which they are compared, and only such to which mail can go."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "email":
            field.validators.append(validate_mailbox)
            clean = field.clean
            field.clean = lambda value: normalised(clean(value))  # type: ignore[method-assign]
            field.label = "E-mail"
        return field

    @admin.display(description="e-mail", ordering="email")
    def address(self, editor: ClusterEditor) -> str:
        """Show the address."""
        return editor.email
