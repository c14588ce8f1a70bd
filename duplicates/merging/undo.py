"""Undoing a merge, as long as nobody changed its result."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalogue.locking import lock_clusters_for_update
from catalogue.models import Cluster
from catalogue.services.sources import restore_sources
from duplicates.merging.catalogue_rows import PREDECESSORS
from duplicates.merging.exceptions import UndoNotPossible
from duplicates.merging.providers import Provider, Record, providers
from duplicates.merging.saving import save_with_lists
from duplicates.merging.snapshots import LISTS, SOURCE, SOURCES, TARGET, differing, fingerprint, restore, states_of
from duplicates.models import ClusterMerge
from workplace.versions import describe_version


def undo_blockers(merge: ClusterMerge) -> list[str]:
    """Return what changed since ``merge``, so that it cannot be undone; empty if nothing did."""
    if merge.undone_at:
        return ["It was undone already."]
    after = states_of(merge.target, merge.source)
    lines = []
    if fingerprint(after) != merge.after:
        for which, cluster in ((TARGET, merge.target), (SOURCE, merge.source)):
            if names := differing(merge.before["after"][which], after[which]):
                lines.append(f"{cluster.name} was changed since: {', '.join(names)}.")
    known = {provider.name for provider in providers}
    unknown = [part["provider"] for part in merge.moved if part["provider"] not in known]
    lines += [f"Nothing here knows how to move {name} back." for name in unknown]
    for provider, records in _moved(merge):
        lines += provider.changed(records)
    return lines + _taken_meanwhile(merge)


def undo(*, merge: ClusterMerge, by: User | None, reason: str = "") -> ClusterMerge:
    """Make two clusters of one again, each as it was, and return the log.

    Rows that the target got after the merge stay with it. Raises :class:`UndoNotPossible` with what
    changed since.
    """
    with transaction.atomic():
        merge = ClusterMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        found = _lock_for_update(merge)
        merge.target, merge.source = target, source = found[merge.target_id], found[merge.source_id]
        if changes := undo_blockers(merge):
            raise UndoNotPossible(changes)
        change_reason = f"Merge of {source.name} into {target.name} undone. {reason.strip()}".strip()
        for provider, records in _moved(merge):
            provider.undo(records, reason=change_reason)
        # The target first: it gives back what only one cluster can have.
        for which, cluster in ((TARGET, target), (SOURCE, source)):
            before = merge.before[which]
            restore(cluster, before, merge.before["after"][which])
            describe_version(cluster, reason=change_reason, by=by)
            save_with_lists(cluster, {name: before[name] for name in LISTS if name != "networks"})
            restore_sources(cluster, before[SOURCES])
        merge.undone_at = timezone.now()
        merge.save(update_fields=["undone_at"])
    return merge


def _moved(merge: ClusterMerge) -> list[tuple[Provider, list[Record]]]:
    """Return the records that ``merge`` moved by their providers, in the order of the merge: that of the locks."""
    moved = {part["provider"]: part["records"] for part in merge.moved}
    return [(provider, moved[provider.name]) for provider in providers if provider.name in moved]


def _lock_for_update(merge: ClusterMerge) -> dict[int, Cluster]:
    """Lock what providers lock first, then both clusters and those that one of them succeeded."""
    predecessors: list[int] = []
    for provider, records in _moved(merge):
        keys = [record["pk"] for record in records]
        provider.lock(keys)
        if provider.name == PREDECESSORS:
            predecessors = [int(key) for key in keys]
    return lock_clusters_for_update([merge.target_id, merge.source_id, *predecessors])


def _taken_meanwhile(merge: ClusterMerge) -> list[str]:
    """Say what a third cluster has got that one of the two would get back."""
    others = Cluster.objects.exclude(pk__in=[merge.target_id, merge.source_id])
    lines = []
    for which in (TARGET, SOURCE):
        before = merge.before[which]
        for column, words in (("loyal_position", "place in the list of loyal clusters"), ("partner_id", "partner")):
            if before[column] is not None and (other := others.filter(**{column: before[column]}).first()):
                lines.append(f"{other.name} has got the {words} that would be given back.")
    return lines
