"""Scheduled work of the catalogue."""

from celery import shared_task

from catalogue.models import Cluster
from catalogue.services import nightly
from catalogue.services.checks import lost_checks, run_checks
from catalogue.services.digest import send_digests
from catalogue.services.findings import check_data, check_websites
from catalogue.services.freshness import run_plan
from catalogue.services.imports import jobs
from catalogue.services.search import rebuild_words, refresh_search


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


# Each of these is a task of its own, so that one that is lost or killed costs the others nothing.


@shared_task
def delete_unconfirmed_submissions() -> dict[str, int]:
    """Delete what was never confirmed; safe to repeat at any time, as the five below."""
    return nightly.run("unconfirmed submissions")


@shared_task
def anonymise_submissions() -> dict[str, int]:
    """Remove the personal data of submissions decided long ago."""
    return nightly.run("decided submissions")


@shared_task
def purge_links() -> dict[str, int]:
    """Delete links that do not work any more."""
    return nightly.run("links")


@shared_task
def empty_link_mails() -> dict[str, int]:
    """Empty the mails with links that were asked for."""
    return nightly.run("mails with links")


@shared_task
def forget_freshness_addresses() -> dict[str, int]:
    """Remove the addresses of those who were asked whether a profile is still right."""
    return nightly.run("freshness requests")


@shared_task
def delete_old_spreadsheets() -> dict[str, int]:
    """Delete uploaded spreadsheets and what their rows say."""
    return nightly.run("spreadsheets")


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
