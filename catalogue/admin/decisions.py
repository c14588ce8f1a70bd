"""Publish, archive, priority: one page that says what will happen, then one service call.

Nothing is done before the button on that page is pressed, and then all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalogue.models import Cluster
from catalogue.services import clusters as services
from workplace.confirmation import Back, Confirmation, Line, records_of

MAX_CLUSTERS = 5000  # one field of the form carries all keys


@dataclass(frozen=True)
class Decision:
    """Something that staff decides on clusters."""

    key: str
    permission: str
    verb: str  # for the button: "Publish 3 clusters"
    done: tuple[str, str]  # for the message, of one and of several: "3 clusters are published now."
    consequence: str
    run: Callable[[list[Cluster], str], list[Cluster]]
    is_done: Callable[[Cluster], bool]
    blockers: Callable[[Cluster], list[str]] = field(default=lambda cluster: [])
    asks_reason: bool = False
    is_grave: bool = False


DECISIONS = {
    decision.key: decision
    for decision in (
        Decision(
            key="publish",
            permission="catalogue.publish_cluster",
            verb="Publish",
            done=("is published", "are published"),
            consequence="A published profile is public at once: in list, search, map and API.",
            run=lambda rows, reason: services.publish_clusters(clusters=rows),
            is_done=lambda cluster: cluster.status == Cluster.Status.PUBLISHED,
            blockers=services.publishing_blockers,
        ),
        Decision(
            key="archive",
            permission="catalogue.publish_cluster",
            verb="Archive",
            done=("is archived", "are archived"),
            consequence="An archived profile leaves the catalogue; its address leads to its successor, "
            "if that one is published. Data and history stay, and it can be published again.",
            run=lambda rows, reason: services.archive_clusters(clusters=rows),
            is_done=lambda cluster: cluster.status == Cluster.Status.ARCHIVED,
            is_grave=True,
        ),
        Decision(
            key="make-priority",
            permission="catalogue.change_cluster",
            verb="Give priority to",
            done=("has priority", "have priority"),
            consequence="The decision and its reason are kept in the history. The rules stay as they are.",
            run=lambda rows, reason: services.set_priority(clusters=rows, is_priority=True, reason=reason),
            is_done=lambda cluster: cluster.is_priority,
            asks_reason=True,
        ),
        Decision(
            key="remove-priority",
            permission="catalogue.change_cluster",
            verb="Remove priority from",
            done=("has no priority", "have no priority"),
            consequence="The decision and its reason are kept in the history. The rules stay as they are.",
            run=lambda rows, reason: services.set_priority(clusters=rows, is_priority=False, reason=reason),
            is_done=lambda cluster: not cluster.is_priority,
            asks_reason=True,
        ),
    )
}


def way_back(given: Mapping[str, str], rows: list[Cluster]) -> Back:
    """Return the page that a request names as the one it came from: a list with its filters, or one cluster.

    Only pages of the admin can be named.
    """
    place, query = given.get("back", ""), given.get("query", "")
    if place == "priority":
        url = reverse("admin:catalogue_cluster_priority")
    elif place == "list" or len(rows) != 1:
        place, url = "list", reverse("admin:catalogue_cluster_changelist")
    else:
        place, query, url = "form", "", page_of(rows[0])
    return Back(f"{url}?{query}" if query else url, place, query)


def decisions_for(request: HttpRequest, cluster: Cluster) -> list[tuple[str, str]]:
    """Return address and name of what the user may decide on ``cluster`` now."""
    labels = {
        "publish": "Publish",
        "archive": "Archive",
        "make-priority": "Make priority",
        "remove-priority": "Remove priority",
    }
    return [
        (f"{reverse('admin:catalogue_cluster_decide', args=[key])}?ids={cluster.pk}", f"{label} …")
        for key, label in labels.items()
        if not DECISIONS[key].is_done(cluster) and request.user.has_perm(DECISIONS[key].permission)
    ]


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, key: str, *, admin_site: AdminSite) -> HttpResponse:
    """Show the page that asks (GET), or do it (POST), for the clusters whose keys are in ``ids``."""
    decision = DECISIONS.get(key)
    if decision is None:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    rows = clusters_of(given.get("ids", ""))
    if request.method == "GET":
        return confirmation(admin_site, request, key, rows, way_back(given, rows))
    _check_permission(request, decision)
    reason = given.get("reason", "")
    back = way_back(given, rows)
    try:
        changed = decision.run(rows, reason)
    except (services.ClusterNotPublishable, services.ReasonMissing) as error:
        return confirmation(admin_site, request, key, rows, back, error=str(error), reason=reason)
    messages.success(request, _message(decision, changed))
    return HttpResponseRedirect(back.url)


def confirmation(
    admin_site: AdminSite,
    request: HttpRequest,
    key: str,
    rows: list[Cluster],
    back: Back,
    *,
    error: str = "",
    reason: str = "",
) -> HttpResponse:
    """Return the page that lists ``rows``, says what will happen to each, and asks."""
    decision = DECISIONS[key]
    _check_permission(request, decision)
    possible, refused, unchanged = [], [], []
    for cluster in rows:
        is_done = decision.is_done(cluster)
        if is_done and not decision.asks_reason:
            unchanged.append(line_of(cluster, f"{decision.done[0]} already"))
        elif lacks := [] if is_done else decision.blockers(cluster):
            refused.append(line_of(cluster, f"lacks {' and '.join(lacks)}"))
        else:
            possible.append(line_of(cluster, _remark(cluster)))
    return Confirmation(
        title=f"{decision.verb} {counted(len(rows))}",
        button=f"{decision.verb} {counted(len(possible))}",
        consequence=decision.consequence,
        action_url=reverse("admin:catalogue_cluster_decide", args=[key]),
        back=back,
        possible=possible,
        refused=refused,
        unchanged=unchanged,
        asks_reason=decision.asks_reason,
        is_grave=decision.is_grave,
        reason=reason,
        error=error,
    ).response(admin_site, request, Cluster)


def clusters_of(ids: str) -> list[Cluster]:
    """Return the clusters whose keys are in ``ids``, separated by commas. Raises ``Http404`` for anything else."""
    return records_of(ids, Cluster.objects.select_related("country"), most=MAX_CLUSTERS)


def page_of(cluster: Cluster) -> str:
    """Return the address of the staff's page of ``cluster``."""
    return reverse("admin:catalogue_cluster_change", args=[cluster.pk])


def line_of(cluster: Cluster, remark: str) -> Line:
    """Return ``cluster`` as a line of a page that asks."""
    return Line(cluster.pk, page_of(cluster), str(cluster), remark)


def _remark(cluster: Cluster) -> str:
    parts = [str(cluster.country), cluster.get_status_display(), "Priority" if cluster.is_priority else ""]
    return " · ".join(part for part in parts if part)


def _check_permission(request: HttpRequest, decision: Decision) -> None:
    if not request.user.has_perms([decision.permission, "catalogue.view_cluster"]):
        raise PermissionDenied


def _message(decision: Decision, changed: list[Cluster]) -> str:
    if not changed:
        return "Nothing changed: that was so already."
    if len(changed) == 1:
        return f"{changed[0].name} {decision.done[0]} now."
    return f"{len(changed)} clusters {decision.done[1]} now."


def counted(number: int) -> str:
    """Return "1 cluster" or "3 clusters"."""
    return "1 cluster" if number == 1 else f"{number} clusters"
