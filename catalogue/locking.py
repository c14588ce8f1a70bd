"""The one order in which rows are locked, so that no two transactions wait for each other.

1. What a job works on (an import, the freshness plan) or takes back (the log of a merge);
2. submissions by their keys;
3. clusters by their keys, and after them the settings' row that new clusters wait at;
4. what depends on them: links, freshness requests, findings, rows of files, networks.

A merge and its undoing hold to this by asking what apps registered (``duplicates.merging.providers``): first every ``lock()`` of
a provider, by ``order``, for 2; then the clusters; then every ``move()`` or ``undo()``, by ``order`` again, for 4.

Who needs an earlier one while holding a later one lets go of it first (:func:`settled`). Rows inserted in the
same transaction belong to nobody else yet, so they may come at any point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction

from catalogue.models import Cluster
from catalogue.succession import ends_of_succession

T = TypeVar("T")


class LookAgain(Exception):
    """What was locked is not what is needed any more: others were faster."""


def settled(attempt: Callable[[], T]) -> T:
    """Return what ``attempt`` locked, tried anew for as long as it raises :class:`LookAgain`.

    Going back to a savepoint gives back the locks that were taken since.
    """
    while True:
        try:
            with transaction.atomic():
                return attempt()
        except LookAgain:
            continue


def locked_clusters(keys: Iterable[int]) -> dict[int, Cluster]:
    """Return the stored clusters ``keys``, locked until the transaction ends; those deleted meanwhile are left out.

    Rows that refer to them can still be added: checking a foreign key waits for no decision.
    """
    rows = Cluster.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(keys)).order_by("pk")
    return {row.pk: row for row in rows}


def locked_ends_of(keys: Iterable[int]) -> dict[int, Cluster]:
    """Return, for each of the clusters ``keys``, the one to which it leads today, all locked.

    That is itself, or the last one of its successors: archived only where nothing took its place. Those deleted
    meanwhile are left out.
    """
    wanted = set(keys)
    ends: dict[int, int] = {}

    def attempt() -> dict[int, Cluster]:
        nonlocal ends
        found = locked_clusters({*wanted, *ends.values()})
        archived = [key for key in wanted if key in found and found[key].status == Cluster.Status.ARCHIVED]
        now = ends_of_succession(archived) if archived else {}
        if not {*now.values()} <= found.keys():
            ends = now
            raise LookAgain
        return {key: found[now.get(key, key)] for key in wanted if key in found}

    return settled(attempt)


def locked_end_of(key: int) -> Cluster:
    """Return the cluster to which ``key`` leads today, as :func:`locked_ends_of` does.

    Raises ``Cluster.DoesNotExist``.
    """
    found = locked_ends_of([key])
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
