"""Controlled vocabularies."""

from django.contrib import admin

from catalogue.admin.counts import ClusterCounts
from catalogue.admin.search import FoldedSearch
from catalogue.models import Term
from workplace.staff_admin import StaffAdmin


@admin.register(Term)
class TermAdmin(FoldedSearch, ClusterCounts, StaffAdmin):
    """The terms that clusters are described with."""

    cluster_lookup = "terms__id__exact"
    list_display = ["name", "vocabulary", "clusters_known", "clusters_published", "other_names"]
    # Explicit, since counting makes Django forget the order of the model.
    ordering = ("vocabulary", "sort_name", "slug")
    list_filter = ["vocabulary"]
    search_fields = ["name", "other_names"]
    other_columns = ("other_names", "vocabulary")
    prepopulated_fields = {"slug": ["name"]}
    fields = ["vocabulary", "name", "slug", "other_names"]

    def view_on_site(self, term: Term) -> str:
        """Lead to the public list of the clusters with this term."""
        return term.get_absolute_url()
