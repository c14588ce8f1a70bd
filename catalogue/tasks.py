"""Scheduled work of the catalogue."""

from celery import shared_task

from catalogue.models import Cluster
from catalogue.services.checks import lost_checks, run_checks
from catalogue.services.digest import send_digests
from catalogue.services.findings import check_data, check_websites
from catalogue.services.freshness import run_plan
from catalogue.services.imports import jobs
from catalogue.services.imports.retention import delete_old_files
from catalogue.services.search import rebuild_words, refresh_search
from catalogue.services.submissions import retention


@shared_task
def rebuild_search() -> dict[str, int]:
    """Set right every search column that fell behind; safe to repeat at any time."""
    return {"corrected": refresh_search(clusters=Cluster.objects.all()), "words": rebuild_words()}


@shared_task
def check_submission(pk: int) -> bool:
    """Run the automatic checks of one submission; safe to repeat, and ``False`` if it is gone."""
    return run_checks(pk)


@shared_task
def check_lost_submissions() -> int:
    """Order the checks of submissions whose task got lost; return how many. Safe to repeat."""
    lost = lost_checks()
    for pk in lost:
        check_submission.delay(pk)
    return len(lost)


@shared_task
def send_review_digests() -> int:
    """Send today's digest to every reviewer with something to do, once a day; return how many have one."""
    return send_digests()


@shared_task
def tidy_submissions() -> dict[str, int]:
    """Delete what was never confirmed, remove what is kept no longer; safe to repeat at any time."""
    return {
        "deleted": retention.delete_unconfirmed(),
        "anonymised": retention.anonymise(),
        "links": retention.purge_links(),
        "spreadsheets": delete_old_files(),
    }


@shared_task(acks_late=False, ignore_result=True)
def run_import(pk: int) -> None:
    """Work on one import for some seconds, then queue the rest; may be lost, repeated or run side by side."""
    if jobs.run(pk):
        run_import.apply_async((pk,), retry=False)


@shared_task(acks_late=False, ignore_result=True)
def resume_imports() -> None:
    """Queue every import on which nobody works any more, such as after a worker was killed."""
    for pk in jobs.waiting():
        run_import.apply_async((pk,), retry=False)


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
    """Ask a slice of the websites that are left for this night; the next run goes on where this one ends."""
    return check_websites()
