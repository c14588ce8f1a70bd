"""Scheduled work on imports."""

from celery import shared_task

from imports.services import claims, jobs
from workplace import nightly


@shared_task(acks_late=False, ignore_result=True)
def run_import(pk: int) -> None:
    """Work on one import for some seconds, then queue the rest; may be lost, repeated or run side by side."""
    if jobs.run(pk):
        run_import.apply_async((pk,), retry=False)


@shared_task(acks_late=False, ignore_result=True)
def resume_imports() -> None:
    """Queue every import on which nobody works any more, such as after a worker was killed."""
    for pk in claims.waiting():
        run_import.apply_async((pk,), retry=False)


@shared_task
def delete_old_spreadsheets() -> dict[str, int]:
    """Delete uploaded spreadsheets and what their rows say."""
    return nightly.run("spreadsheets")
