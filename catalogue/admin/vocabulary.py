"""Controlled vocabularies."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalogue.admin.counts import ClusterCounts
from catalogue.admin.search import FoldedSearch
from catalogue.models import Cluster, Term
from catalogue.search.index import refresh_search
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

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep the search text of the clusters true."""
        super().save_related(request, form, formsets, change)
        if change and form.has_changed():
            refresh_search(clusters=form.instance.clusters.all())

    def delete_model(self, request: HttpRequest, obj: Term) -> None:
        """Delete the term; its clusters are no longer found by it."""
        self._delete([obj.pk], obj.delete)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        """Delete the terms; their clusters are no longer found by them."""
        keys = list(queryset.values_list("pk", flat=True))
        self._delete(keys, Term.objects.filter(pk__in=keys).delete)

    def view_on_site(self, term: Term) -> str:
        """Lead to the public list of the clusters with this term."""
        return term.get_absolute_url()

    @staticmethod
    def _delete(keys: Iterable[int], delete: Any) -> None:
        touched = list(Cluster.objects.filter(terms__in=keys).distinct().values_list("pk", flat=True))
        delete()
        refresh_search(clusters=Cluster.objects.filter(pk__in=touched))
