"""Approve several trivial submissions at once: a page that shows every difference first, then one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse

from catalogue.models import Cluster
from submissions.admin.queue import queue_url, review_url, ticked
from submissions.fields.choices import Choices
from submissions.models import Submission
from submissions.review.difference import Difference, difference
from submissions.review.duplicates import finder_for
from submissions.review.reviewers import name_of
from submissions.services.bulk import Result, approval_blockers, approve_each, duplicates_among
from submissions.services.review import ReviewSnapshot, current_snapshot, live_values
from submissions.services.state_machine import is_being_read


@dataclass(frozen=True)
class Item:
    """A submission on the page that asks."""

    submission: Submission
    difference: Difference
    snapshot: ReviewSnapshot
    obstacles: list[str]
    url: str


def approve_several(request: HttpRequest, *, admin_site: AdminSite) -> HttpResponse:
    """Show what would change (GET), or approve what is still ticked (POST)."""
    user: Any = request.user
    if not user.has_perms(["submissions.view_submission", "submissions.review_submission"]):
        raise PermissionDenied
    if request.method == "POST":
        return _approve(request)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    rows = ticked(request.GET.get("ids", "").split(","))
    query = str(request.GET.get("queue", ""))[:1000]
    items = _items(rows, query, user)
    trivial = [item for item in items if not item.obstacles]
    request.current_app = admin_site.name
    context = {
        **admin_site.each_context(request),
        "title": f"Approve {_count(len(trivial))}" if trivial else "Nothing can be approved together",
        "opts": Submission._meta,
        "trivial": trivial,
        "others": [item for item in items if item.obstacles],
        "has_new": any(item.submission.kind == Submission.Kind.NEW for item in trivial),
        "can_publish": user.has_perm("catalogue.publish_cluster"),
        "queue_query": query,
        "queue_url": queue_url(query),
    }
    return TemplateResponse(request, "admin/submissions/submission/approve.html", context)


def _items(rows: list[Submission], query: str, user: Any) -> list[Item]:
    choices = Choices.load()
    targets = [row.target for row in rows if row.target]
    prefetch_related_objects(targets, "country", "region", "terms", "networks", "target_markets")
    prefetch_related_objects(rows, "opened_by")
    items = []
    finder, alike = finder_for(rows), duplicates_among(rows)
    for row in rows:
        live = live_values(row)
        obstacles = approval_blockers(row, live, finder)
        if row.pk in alike:
            obstacles.append(f"It may be the same cluster as “{alike[row.pk]}”, which is ticked too")
        if row.opened_by and row.opened_by_id != user.pk and is_being_read(row):
            obstacles.append(f"{name_of(row.opened_by)} has it open")
        items.append(
            Item(row, difference(row, choices), current_snapshot(row, finder), obstacles, review_url(row.pk, query))
        )
    return items


def _approve(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    rows = ticked(request.POST.getlist("ticked"))
    snapshots = {row.pk: _snapshot(request, row.pk) for row in rows}
    publish = request.POST.get("publish", "yes") == "yes" and user.has_perm("catalogue.publish_cluster")
    # Asked again: a check may have failed since the page was shown.
    finder = finder_for(rows)
    obstacles = {row.pk: approval_blockers(row, live_values(row), finder) for row in rows}
    trivial = [row for row in rows if not obstacles[row.pk]]
    results = list(approve_each(trivial, reviewer=user, snapshots=snapshots, publish=publish))
    results += [
        Result(row, None, "It needs a review of its own: " + "; ".join(obstacles[row.pk]))
        for row in rows
        if obstacles[row.pk]
    ]
    _show_results(request, results)
    return HttpResponseRedirect(queue_url(str(request.POST.get("queue", ""))[:1000]))


def _snapshot(request: HttpRequest, pk: int) -> ReviewSnapshot:
    version, _, live = request.POST.get(f"seen-{pk}", "").partition(":")
    return ReviewSnapshot(int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1, live)


def _show_results(request: HttpRequest, results: list[Result]) -> None:
    if not results:
        messages.warning(request, "Nothing was ticked, so nothing was approved.")
    done = [result for result in results if not result.reason]
    if done:
        public = sum(
            result.cluster is not None and result.cluster.status == Cluster.Status.PUBLISHED for result in done
        )
        messages.success(request, f"{_count(len(done))} approved; {public} of the profiles are public.")
    for result in results:
        if result.reason:
            messages.error(request, f"{result.submission.name}: not approved. {result.reason}")


def _count(number: int) -> str:
    return "1 submission" if number == 1 else f"{number} submissions"
