"""Scheduled work on findings and freshness."""

from celery import shared_task

from quality.findings.data import check_data
from quality.findings.websites import check_websites
from quality.freshness import run_plan
from workplace import nightly


@shared_task
def ask_for_freshness() -> dict[str, int]:
    """Ask clusters whether their profile is still right, as the plan says; a second run asks nobody twice."""
    return run_plan()


@shared_task
def check_findings() -> dict[str, int]:
    """Open and close what follows from the data; safe to repeat at any time."""
    return check_data()


@shared_task
def check_cluster_websites() -> dict[str, int]:
    """Ask a slice of the websites that are left for this day; the next run goes on where this one ends."""
    return check_websites()


@shared_task
def forget_freshness_addresses() -> dict[str, int]:
    """Remove the addresses of those who were asked whether a profile is still right."""
    return nightly.run("freshness requests")
