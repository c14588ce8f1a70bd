"""Keeping the search columns true when what they are made of changes."""

from collections.abc import Iterable
from itertools import islice

from django.db import transaction

from catalogue.managers import ClusterQuerySet
from catalogue.models import Cluster, SearchWord

BATCH = 500  # rows held in memory at once
_COLUMNS = ["sort_name", "search_name", "search_text"]


def refresh_search(*, clusters: ClusterQuerySet) -> int:
    """Recompute the search columns of ``clusters`` and return how many rows were wrong.

    To be called after a change of a country, region or term, and after terms were set. Only rows that
    differ are written; history and ``updated_at`` stay as they are.
    """
    changed = 0
    rows = clusters.for_search_refresh().order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        wrong = []
        for cluster in batch:
            before = [getattr(cluster, column) for column in _COLUMNS]
            cluster.set_search_columns()
            if before != [getattr(cluster, column) for column in _COLUMNS]:
                wrong.append(cluster)
        if wrong:
            with transaction.atomic():
                Cluster.objects.bulk_update(wrong, _COLUMNS, batch_size=100)
                SearchWord.remember(*[cluster.search_text for cluster in wrong])
            changed += len(wrong)
    return changed


def rebuild_words() -> int:
    """Drop words that no cluster has any more, add missing ones, and return how many words there are."""
    words: set[str] = set()
    for line in Cluster.objects.values_list("search_text", flat=True).iterator():
        words.update(_long_enough(line.split()))
    with transaction.atomic():
        stored = set(SearchWord.objects.values_list("word", flat=True))
        unused = sorted(stored - words)
        for start in range(0, len(unused), BATCH):
            SearchWord.objects.filter(word__in=unused[start : start + BATCH]).delete()
        SearchWord.remember(" ".join(words - stored))
    return len(words)


def _long_enough(words: Iterable[str]) -> Iterable[str]:
    return (word for word in words if SearchWord.MIN_LENGTH <= len(word) <= SearchWord.MAX_LENGTH)
