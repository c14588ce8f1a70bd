"""Scheduled work on questions."""

from celery import shared_task

from workplace import nightly


@shared_task
def delete_old_questions() -> dict[str, int]:
    """Delete old questions, and empty the mails with them."""
    return nightly.run("questions")
