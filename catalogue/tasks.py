"""Scheduled work of the catalogue."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from catalogue.index.changes import join_changes
from catalogue.models import UnansweredWord
from catalogue.search.unanswered import DAYS_KEPT


@shared_task
def join_catalogue_changes() -> int:
    """Put the rows that say what changed into one; readers notice nothing. Return how many there were."""
    return join_changes()


@shared_task
def delete_unanswered_words() -> int:
    """Delete the words of searches without result that are older than staff sees them."""
    before = timezone.localdate() - timedelta(days=DAYS_KEPT)
    return UnansweredWord.objects.filter(day__lt=before).delete()[0]
