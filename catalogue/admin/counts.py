"""Columns that count the clusters of a place, term or network; each number leads to the list behind it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


class ClusterCounts:
    """Counts all clusters and the published ones; ``cluster_lookup`` filters the list of clusters by a row."""

    cluster_lookup = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the clusters of each row."""
        return (
            super()
            .get_queryset(request)  # type: ignore[misc]
            .annotate(
                cluster_count=Count("clusters"),
                published_count=Count("clusters", filter=Q(clusters__status="published")),
            )
        )

    @admin.display(description="clusters", ordering="cluster_count")
    def clusters_known(self, row: Any) -> SafeString:
        """Count the clusters."""
        return self._number(row.cluster_count, {self.cluster_lookup: row.pk})

    @admin.display(description="published", ordering="published_count")
    def clusters_published(self, row: Any) -> SafeString:
        """Count the published clusters."""
        return self._number(row.published_count, {self.cluster_lookup: row.pk, "status": "published"})

    @staticmethod
    def _number(count: int, query: dict[str, Any]) -> SafeString:
        if not count:
            return format_html("{}", 0)
        address = f"{reverse('admin:catalogue_cluster_changelist')}?{urlencode(query)}"
        return format_html('<a href="{}">{}</a>', address, f"{count:,}")
