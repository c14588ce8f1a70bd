"""The actions of the staff's lists of clusters; each leads to a page that asks first."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from catalogue.admin.decisions import MAX_CLUSTERS, confirmation, way_back
from catalogue.models import Cluster


class DecisionActions:
    """Publish, archive and priority for the clusters that are ticked."""

    back = "list"

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may publish and archive."""
        return request.user.has_perm("catalogue.publish_cluster")

    @admin.action(description="Publish …", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse | None:
        """Ask, then publish."""
        return self._ask("publish", request, queryset)

    @admin.action(description="Archive …", permissions=["publish"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse | None:
        """Ask, then archive."""
        return self._ask("archive", request, queryset)

    @admin.action(description="Make priority …", permissions=["change"])
    def make_priority(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse | None:
        """Ask for the reason, then give priority."""
        return self._ask("make-priority", request, queryset)

    @admin.action(description="Remove priority …", permissions=["change"])
    def remove_priority(self, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse | None:
        """Ask for the reason, then take priority away."""
        return self._ask("remove-priority", request, queryset)

    def _ask(self, key: str, request: HttpRequest, queryset: QuerySet[Cluster]) -> HttpResponse | None:
        rows = list(queryset[: MAX_CLUSTERS + 1])
        if len(rows) > MAX_CLUSTERS:
            messages.error(request, f"That is too many at once: choose at most {MAX_CLUSTERS:,} clusters.")
            return None  # back to the list
        back = way_back({"back": self.back, "query": request.GET.urlencode()}, rows)
        return confirmation(self.admin_site, request, key, rows, back)  # type: ignore[attr-defined]
