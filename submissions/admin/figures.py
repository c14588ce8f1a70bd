"""What waits for review, on the first page of the workplace."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from submissions.managers import LATE_DAYS
from submissions.models import Submission
from workplace.extensions import DaySource, Figure, FigureSource, Task


def figures(request: HttpRequest) -> list[Figure]:
    """Return what waits, for those who may see submissions; what waits for the user only if they may decide."""
    if not request.user.has_perm("submissions.view_submission"):
        return []
    counts = Submission.objects.workload(request.user)  # type: ignore[arg-type]  # who has a permission is signed in
    queue = reverse("admin:submissions_submission_changelist")
    found = [Figure(counts["pending"], "submissions wait for review", queue)]
    if request.user.has_perm("submissions.review_submission"):
        found.append(Figure(counts["mine"], "of them assigned to you", f"{queue}?assigned=me"))
    return [*found, Figure(counts["late"], "of them late", f"{queue}?age=late", is_late=counts["late"] > 0)]


def tasks(request: HttpRequest, most: int) -> list[Task]:
    """Return the submissions assigned to the user that wait for a decision, the longest waiting first."""
    if not request.user.has_perm("submissions.review_submission"):
        return []
    rows = Submission.objects.filter(status=Submission.Status.PENDING, assigned_to=request.user)
    return [
        Task(
            title=row.name,
            url=reverse("admin:submissions_submission_change", args=[row.pk]),
            remark=f"Submission, {row.get_kind_display().lower()}",
            due=timezone.localdate(row.confirmed_at + timedelta(days=LATE_DAYS)) if row.confirmed_at else None,
        )
        for row in rows.order_by("confirmed_at", "pk")[:most]
    ]


FIGURES = FigureSource("submissions", figures, order=10)
DAY = DaySource("submissions", tasks, order=10)
