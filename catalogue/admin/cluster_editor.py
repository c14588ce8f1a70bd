"""The people known to speak for a cluster."""

from django.contrib import admin

from catalogue.models import ClusterEditor


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
