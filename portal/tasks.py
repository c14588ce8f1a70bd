"""Scheduled work of the project."""

from axes.models import AccessAttempt
from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone


@shared_task
def clear_expired() -> None:
    """Delete expired sessions and failed sign-ins that no longer count; safe to repeat."""
    call_command("clearsessions")
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()
