"""Countries and regions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalogue.admin.counts import ClusterCounts
from catalogue.admin.search import FoldedSearch
from catalogue.models import Country, Region
from workplace.staff_admin import StaffAdmin


class PlaceAdmin(FoldedSearch, ClusterCounts, StaffAdmin):
    """What countries and regions share: clusters are found under their names."""

    # Explicit, since counting makes Django forget the order of the model.
    ordering = ("sort_name", "pk")

    def view_on_site(self, place: Any) -> str:
        """Lead to the public list of the place's clusters."""
        return place.get_absolute_url()


@admin.register(Country)
class CountryAdmin(PlaceAdmin):
    """Countries with their part in Horizon 2020."""

    cluster_lookup = "country__code__exact"
    list_display = [
        "name", "code", "clusters_known", "clusters_published", "h2020_contribution", "h2020_participations",
    ]  # fmt: skip
    search_fields = ["name", "code", "other_names"]
    other_columns = ("other_names", "code")
    fieldsets = [
        (None, {"fields": ["code", "name", "other_names"]}),
        ("Horizon 2020", {"fields": ["h2020_contribution", "h2020_participations"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Country | None = None) -> list[str]:
        """Keep the code once it is stored: it is the country's key."""
        return ["code"] if obj else []


@admin.register(Region)
class RegionAdmin(PlaceAdmin):
    """Regions with their codes."""

    cluster_lookup = "region__id__exact"
    list_display = ["name", "local_name", "nuts", "country", "clusters_known", "clusters_published"]
    list_select_related = ["country"]
    list_filter = [("country", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "local_name", "nuts", "other_names", "source_spelling"]
    other_columns = ("local_name", "nuts", "other_names", "source_spelling", "country__name")
    autocomplete_fields = ["country"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["country", "name", "local_name", "nuts", "slug"]}),
        ("Other spellings", {"fields": ["source_spelling", "other_names"]}),
    ]
