"""Networks of clusters."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from catalogue.admin.search import FoldedSearch
from catalogue.models import Network
from consortium.staff_admin import StaffAdmin


@admin.register(Network)
class NetworkAdmin(FoldedSearch, StaffAdmin):
    """Umbrellas of clusters with their facilitator."""

    list_display = ["name", "facilitator", "stated_members", "clusters_known", "clusters_published"]
    # Explicit, since counting makes Django forget the order of the model.
    ordering = ("sort_name", "slug")
    list_select_related = ["facilitator"]
    search_fields = ["name", "description", "note"]
    other_columns = ("description", "note")
    autocomplete_fields = ["clusters", "facilitator"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "website", "description"]}),
        ("Clusters", {"fields": ["facilitator", "clusters", "stated_members"]}),
        ("For staff only", {"fields": ["note"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Network]:
        """Count the clusters of each network."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                known_count=Count("clusters"),
                published_count=Count("clusters", filter=Q(clusters__status="published")),
            )
        )

    def view_on_site(self, network: Network) -> str:
        """Lead to the network's public page."""
        return network.get_absolute_url()

    @admin.display(description="clusters here", ordering="known_count")
    def clusters_known(self, network: Any) -> int:
        """Count the clusters."""
        return network.known_count

    @admin.display(description="published", ordering="published_count")
    def clusters_published(self, network: Any) -> int:
        """Count the published clusters."""
        return network.published_count
