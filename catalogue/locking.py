"""The one order in which rows are locked, so that no two transactions wait for each other.

1. What a job works on (an import, the freshness plan) or takes back (the log of a merge);
2. submissions by their keys;
3. clusters by their keys, and after them the settings' row that new clusters wait at;
4. what depends on them: links, freshness requests, findings, rows of files, networks.

A merge and its undoing follow it through the registered providers (``duplicates.merging.providers``): first every ``lock()``
of a provider, by ``order``, for 2; then the clusters; then every ``move()`` or ``undo()``, by ``order`` again, for 4.

Who needs an earlier one while holding a later one releases it first (:func:`retry_until_stable`). Rows inserted in the
same transaction are invisible to others, so they may come at any point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction

from catalogue.models import Cluster
from catalogue.succession import ends_of_succession

T = TypeVar("T")


class LockRetry(Exception):
    """The rows that were locked are no longer those that are needed: another transaction changed them first."""


def retry_until_stable(attempt: Callable[[], T]) -> T:
    """Return what ``attempt`` locked, called again for as long as it raises :class:`LockRetry`.

    Each call has a savepoint; rolling back to it releases the locks that were taken since.
    """
    while True:
        try:
            with transaction.atomic():
                return attempt()
        except LockRetry:
            continue


def lock_clusters_for_update(keys: Iterable[int]) -> dict[int, Cluster]:
    """Return the clusters ``keys`` as stored, locked until the transaction ends; those deleted meanwhile are left out.

    Rows that refer to them can still be added: checking a foreign key waits for no decision.
    """
    rows = Cluster.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(keys)).order_by("pk")
    return {row.pk: row for row in rows}


def lock_final_successors(keys: Iterable[int]) -> dict[int, Cluster]:
    """Return, for each of the clusters ``keys``, the last one of its successors (or itself), all locked.

    One that is archived has no successor. Those deleted meanwhile are left out.
    """
    wanted = set(keys)
    ends: dict[int, int] = {}

    def attempt() -> dict[int, Cluster]:
        nonlocal ends
        found = lock_clusters_for_update({*wanted, *ends.values()})
        archived = [key for key in wanted if key in found and found[key].status == Cluster.Status.ARCHIVED]
        now = ends_of_succession(archived) if archived else {}
        if not {*now.values()} <= found.keys():
            ends = now
            raise LockRetry
        return {key: found[now.get(key, key)] for key in wanted if key in found}

    return retry_until_stable(attempt)


def lock_final_successor(key: int) -> Cluster:
    """Return the last successor of ``key`` (or itself), locked, as :func:`lock_final_successors` does.

    Raises ``Cluster.DoesNotExist``.
    """
    found = lock_final_successors([key])
    if key not in found:
        raise Cluster.DoesNotExist
    return found[key]


def lock_clusters(keys: Iterable[int] | None = None) -> None:
    """Lock the clusters ``keys``, or all, without reading them.

    For what goes through many in an order of its own, and for rows about many clusters: the database checks them
    one after the other, and may have to wait in the middle for a merge that moves a place in the list of loyal ones.
    """
    rows = Cluster.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    if keys is not None:
        rows = rows.filter(pk__in=set(keys))
    list(rows.values_list("pk", flat=True))
