"""Scheduled work on submissions."""

from celery import shared_task

from submissions.services.checks import lost_checks, run_checks
from submissions.services.digest import send_digests
from workplace import nightly


@shared_task
def check_submission(pk: int) -> bool:
    """Run the automatic checks of one submission; safe to repeat, and ``False`` if it was deleted."""
    return run_checks(pk)


@shared_task
def check_lost_submissions() -> int:
    """Schedule the checks of submissions whose task got lost again; return how many. Safe to repeat."""
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
    """Delete what was never confirmed; safe to repeat at any time, as the three below."""
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
