"""Networks of clusters."""

from django.contrib import admin

from catalogue.admin.counts import ClusterCounts
from catalogue.admin.search import FoldedSearch
from catalogue.models import Network
from workplace.staff_admin import StaffAdmin


@admin.register(Network)
class NetworkAdmin(FoldedSearch, ClusterCounts, StaffAdmin):
    """Umbrellas of clusters with their facilitator."""

    cluster_lookup = "networks__id__exact"
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

    def view_on_site(self, network: Network) -> str:
        """Lead to the network's public page."""
        return network.get_absolute_url()
