"""Scheduled work of the catalogue."""

from celery import shared_task

from catalogue.models import Cluster
from catalogue.search.index import rebuild_words, refresh_search


@shared_task
def rebuild_search() -> dict[str, int]:
    """Set right every search column that fell behind; safe to repeat at any time."""
    return {"corrected": refresh_search(clusters=Cluster.objects.all()), "words": rebuild_words()}
