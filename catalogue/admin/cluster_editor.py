"""The people known to speak for a cluster."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalogue.models import ClusterEditor
from outbox.addresses import validate_mailbox


@admin.register(ClusterEditor)
class ClusterEditorAdmin(admin.ModelAdmin):
    """Whoever stands here gets a link to correct the profile, and reviewers see that the sender is known."""

    list_display = ["email", "name", "cluster", "is_active", "note", "created_at"]
    list_filter = ["is_active"]
    list_select_related = ["cluster"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["email", "name", "cluster__name"]
    autocomplete_fields = ["cluster"]
    fields = ["cluster", "email", "name", "is_active", "note"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take addresses in lower case, as they are compared, and only such to which mail can go."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "email":
            field.validators.append(validate_mailbox)
            clean = field.clean
            field.clean = lambda value: clean(value).lower()  # type: ignore[method-assign]
        return field
