"""What waits for review, on the first page of the workplace."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from submissions.models import Submission
from workplace.extensions import Figure, FigureSource


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


FIGURES = FigureSource("submissions", figures, order=10)
