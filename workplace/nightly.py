"""Nightly jobs that delete or empty old records: each run leaves a row that staff can read."""

from __future__ import annotations

from django.db.models import Sum
from django.utils import timezone

from workplace.erasure import run_job
from workplace.models import NightlyRun

#: Lines about failed rows that are stored; the log has all.
LINES = 20


def run(name: str) -> dict[str, int]:
    """Run the nightly job ``name``, store the result, and return how many rows were finished and how many failed.

    Never raises for what goes wrong in the job itself; ``KeyError`` for an unknown name.
    """
    result = run_job(name)
    NightlyRun.objects.update_or_create(
        name=name,
        defaults={
            "finished_at": timezone.now(),
            "count": result.count,
            "failed": len(result.failed),
            "problem": "\n".join(result.failed[:LINES]),
        },
    )
    return {"finished": result.count, "failed": len(result.failed)}


def failed_rows() -> int:
    """Return how many rows failed in the last runs of all jobs."""
    return NightlyRun.objects.aggregate(all=Sum("failed"))["all"] or 0
