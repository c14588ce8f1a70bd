"""Staff's map: every priority cluster, published or not, with the loyal and the potential ones marked."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Aggregate, Count, Q
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from catalogue.map.cluster_map import ClusterMap, Marker
from catalogue.models import Cluster


class StaffMap(ClusterMap):
    """The map of the public pages with staff's marks and with links into the workplace.

    Loyal clusters have a place in the ordered list of closest collaborators; potential ones take an
    active part in the project and have none yet.
    """

    marks_staff = True
    extra_columns: ClassVar[dict[str, Aggregate]] = {
        "loyal": Count("loyal_position"),
        "collaborators": Count("pk", filter=Q(is_collaborator=True)),
    }

    @classmethod
    def of_request(cls, request: HttpRequest) -> StaffMap:
        """Return the map, zoomed to ``country`` if the address names one."""
        clusters = Cluster.objects.exclude(status=Cluster.Status.ARCHIVED).filter(is_priority=True)
        country = request.GET.get("country", "").upper()
        return cls(
            clusters.filter(country=country) if country else clusters,
            zoom=country,
            path=reverse("admin:catalogue_cluster_map"),
            list_path=reverse("admin:catalogue_cluster_changelist"),
        )

    def _add(self, marker: Marker, place: dict[str, Any]) -> None:
        super()._add(marker, place)
        if place["loyal"]:
            marker.highlight = "loyal"
        elif place["collaborators"] and not marker.highlight:
            marker.highlight = "potential"

    def _single_url(self, slug: str) -> str:
        return reverse("admin:catalogue_cluster_by_slug", args=[slug])

    def _list_url(self, country: str, region: str = "") -> str:
        # The workplace has no filter by region; a link must show just the clusters that its number counts.
        return "" if region else f"{self.list_path}?status=known&priority=true&country__code__exact={country}"


def cluster_by_slug(request: HttpRequest, slug: str) -> HttpResponseRedirect:
    """Lead from a mark of the map, which knows slugs, to the cluster's page in the workplace."""
    cluster = get_object_or_404(Cluster, slug=slug)
    return HttpResponseRedirect(reverse("admin:catalogue_cluster_change", args=[cluster.pk]))


def staff_map(request: HttpRequest, admin_site: AdminSite) -> TemplateResponse:
    """Show staff's map; needs the permission to view clusters."""
    if not request.user.has_perm("catalogue.view_cluster"):
        raise PermissionDenied
    context = {
        **admin_site.each_context(request),
        "title": "Map of priority clusters",
        "map": StaffMap.of_request(request),
        "loyal": Cluster.objects.filter(loyal_position__isnull=False).order_by("loyal_position"),
        "potential": Cluster.objects.filter(is_collaborator=True, loyal_position=None).order_by("sort_name"),
        "opts": Cluster._meta,
    }
    return TemplateResponse(request, "admin/catalogue/cluster/map.html", context)
