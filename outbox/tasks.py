"""What Celery does for the outbox: each task is one call of a service.

All three may be lost, repeated or run side by side. They are acknowledged before they run: a task that dies with
its worker must not come back, beat sends the next within 20 seconds.
"""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from outbox.services.posting import forget_old
from outbox.services.sending import run_slice
from outbox.services.sweeping import has_waiting, purge_secrets, sweep


@shared_task(acks_late=False, ignore_result=True)
def send_mail() -> None:
    """Send what is due, for less than a minute."""
    if run_slice().is_unfinished:
        send_mail.apply_async(retry=False)


@shared_task(acks_late=False, ignore_result=True)
def sweep_mail() -> None:
    """Settle what a crash left, and wake a worker if that brought something back."""
    if any(sweep().values()) and has_waiting():
        send_mail.apply_async(retry=False)


@shared_task(acks_late=False, ignore_result=True)
def purge_mail() -> None:
    """Erase secret values, texts and addresses whose time of storage is over."""
    purge_secrets()
    if settings.MAIL_KEEP_DAYS:
        forget_old(before=timezone.now() - timedelta(days=settings.MAIL_KEEP_DAYS))
