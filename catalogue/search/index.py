"""Keeping the search columns true when what they are made of changes."""

from collections.abc import Iterable

from django.db import transaction

from catalogue.locking import lock_clusters
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
    keys = list(clusters.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        with transaction.atomic():
            wrong = []
            # Locked: a name that somebody saves in this moment must not be given the words of the old one.
            lock_clusters(keys[start : start + BATCH])
            for cluster in Cluster.objects.filter(pk__in=keys[start : start + BATCH]).for_search_refresh():
                before = [getattr(cluster, column) for column in _COLUMNS]
                cluster.set_search_columns()
                if before != [getattr(cluster, column) for column in _COLUMNS]:
                    wrong.append(cluster)
            if wrong:
                Cluster.objects.bulk_update(wrong, _COLUMNS, batch_size=100)
                SearchWord.remember(*[cluster.search_text for cluster in wrong])
            changed += len(wrong)
    return changed


def rebuild_words() -> int:
    """Drop words that no cluster has any more, add missing ones, and return how many words there are."""
    # Before the texts: a word that is saved while they are read is then in neither, and stays.
    stored = set(SearchWord.objects.values_list("word", flat=True))
    words: set[str] = set()
    for line in Cluster.objects.values_list("search_text", flat=True).iterator():
        words.update(_long_enough(line.split()))
    with transaction.atomic():
        unused = sorted(stored - words)
        for start in range(0, len(unused), BATCH):
            SearchWord.objects.filter(word__in=unused[start : start + BATCH]).delete()
        SearchWord.remember(" ".join(words - stored))
    return len(words)


def _long_enough(words: Iterable[str]) -> Iterable[str]:
    return (word for word in words if SearchWord.MIN_LENGTH <= len(word) <= SearchWord.MAX_LENGTH)
