"""Merging one cluster (the source) into another (the target)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from catalogue.locking import LockRetry, lock_clusters_for_update, retry_until_stable
from catalogue.models import Cluster
from catalogue.profile.sources import source_field
from catalogue.services.clusters import publishing_blockers
from catalogue.services.sources import LISTED, copy_sources, has_value
from duplicates.merging.exceptions import MergeChanged, MergeNotPossible
from duplicates.merging.fields import BY_NAME, FIELDS, KEEP, TAKE
from duplicates.merging.providers import providers
from duplicates.merging.saving import save_with_lists
from duplicates.merging.snapshots import LISTS, fingerprint, state_of, states_of
from duplicates.models import ClusterMerge
from workplace.versions import describe_version

Status = Cluster.Status


def merge(
    *,
    target: Cluster,
    source: Cluster,
    by: User | None,
    reason: str,
    choices: Mapping[str, str] | None = None,
    shown: str = "",
) -> ClusterMerge:
    """Merge ``source`` into ``target``: values as chosen, and all rows about ``source``; return the log.

    ``choices`` says "keep" or "take" by name of ``FIELDS``; for the others the default applies (what says
    something, before what is empty). ``shown`` is :func:`current_fingerprint` of the page that was decided on.
    ``source`` stays, archived, and its addresses lead to ``target``, which is published if one of the two was. All
    or nothing.

    Raises :class:`MergeNotPossible` with what forbids it, :class:`MergeChanged` if one of the two is
    not what the page showed.
    """
    choices = _checked_choices(choices or {})
    if not reason.strip():
        raise MergeNotPossible(["Say why these two are one: colleagues will read it in a year."])
    with transaction.atomic():
        target, source = _lock_for_update(target, source)
        if problems := merge_blockers(target, source):
            raise MergeNotPossible(problems)
        if shown and shown != current_fingerprint(target, source):
            raise MergeChanged
        before = states_of(target, source)
        from_source = _fields_from_source(target, source, choices)
        _apply(target, source, choices)
        _check_result(target)
        _archive(source, target, by=by, reason=f"Merged into {target.name}: {reason.strip()}")
        change_reason = f"Merged into this: {source.name}. {reason.strip()}"
        moved = [
            {"provider": provider.name, "records": records}
            for provider in providers
            if (records := provider.move(source, target, reason=change_reason))
        ]
        _save(target, source, by=by, reason=change_reason)
        copy_sources(target=target, source=source, fields=from_source)
        after = states_of(target, source)
        return ClusterMerge.objects.create(
            target=target, source=source, moved=moved, before={**before, "after": after}, after=fingerprint(after),
            reason=reason.strip(), merged_by=by,
        )  # fmt: skip


def merge_blockers(target: Cluster, source: Cluster) -> list[str]:
    """Return what forbids merging ``source`` into ``target``, a sentence each; empty if nothing does."""
    if target.pk == source.pk:
        return ["These are one cluster already. Choose two."]
    problems = []
    if target.status == Status.ARCHIVED:
        problems.append(f"{target.name} is archived. Let the other one stay, or publish it first.")
    if ClusterMerge.objects.filter(source=source, undone_at=None).exists():
        problems.append(f"{source.name} was merged into another cluster before. Undo that first.")
    if target.partner_id and source.partner_id:
        problems.append(
            f"The two are two partners of the consortium ({target.partner} and {source.partner}). "
            "Take one of them away first."
        )
    if target.successor_id != source.pk and source.pk in _successors(target):
        problems.append(f"The successors of {target.name} lead to {source.name}. Correct that first.")
    return problems


def current_fingerprint(target: Cluster, source: Cluster) -> str:
    """Return a fingerprint of what a page shows of both, which :func:`merge` compares."""
    return fingerprint(state_of(target), state_of(source))


def rows_to_move(source: Cluster) -> list[tuple[str, int]]:
    """Return label and number of what would move, without what there is none of."""
    counted = [(provider.label, provider.count(source)) for provider in providers]
    return [(label, count) for label, count in counted if count]


def _checked_choices(choices: Mapping[str, str]) -> dict[str, str]:
    wrong = [name for name, choice in choices.items() if name not in BY_NAME or choice not in (KEEP, TAKE)]
    if wrong:
        raise MergeNotPossible([f"There is nothing to choose called “{name[:40]}”." for name in sorted(wrong)])
    return dict(choices)


def _lock_for_update(target: Cluster, source: Cluster) -> tuple[Cluster, Cluster]:
    """Lock what providers lock first, then both clusters and those that ``source`` succeeded."""

    def predecessor_keys() -> set[int]:
        return set(Cluster.objects.filter(successor=source).values_list("pk", flat=True))

    def attempt() -> dict[int, Cluster]:
        locked: dict[str, set[Any]] = {}
        for provider in providers:
            locked[provider.name] = provider.keys_to_lock(source)
            provider.lock(locked[provider.name])
        predecessors = predecessor_keys()
        found = lock_clusters_for_update({target.pk, source.pk, *predecessors})
        if any(provider.keys_to_lock(source) - locked[provider.name] for provider in providers):
            raise LockRetry  # one came before the clusters were locked
        if predecessor_keys() - predecessors:
            raise LockRetry
        return found

    found = retry_until_stable(attempt)
    if target.pk not in found or source.pk not in found:
        raise MergeNotPossible(["One of the two was deleted meanwhile."])
    return found[target.pk], found[source.pk]


def _successors(cluster: Cluster) -> set[int]:
    passed: set[int] = set()
    key = cluster.successor_id
    while key is not None and key not in passed:
        passed.add(key)
        key = Cluster.objects.filter(pk=key).values_list("successor_id", flat=True).first()
    return passed


def _apply(target: Cluster, source: Cluster, choices: Mapping[str, str]) -> None:
    """Write into ``target``, without saving, what is chosen and what follows."""
    names = [target.name, *target.former_name_list, source.name, *source.former_name_list]
    for field in FIELDS:
        if choices.get(field.name, field.default(target, source)) == TAKE:
            field.take(target, source)
    target.former_names = "\n".join(name for name in dict.fromkeys(names) if name != target.name)
    target.note = _combined_note(target, source)
    positions = [row.loyal_position for row in (target, source) if row.loyal_position]
    target.loyal_position = min(positions, default=None)
    target.partner_id = target.partner_id or source.partner_id
    if target.successor_id == source.pk:
        # The target is no longer succeeded by what was merged into it.
        target.successor_id = source.successor_id if source.successor_id != target.pk else None
    if Status.PUBLISHED in (target.status, source.status):
        target.status = Status.PUBLISHED
        known = [row.published_at for row in (target, source) if row.published_at]
        target.published_at = min(known, default=timezone.now())


def _fields_from_source(target: Cluster, source: Cluster, choices: Mapping[str, str]) -> set[str]:
    """Return the fields whose source is that of ``source`` afterwards: those taken, and lists that only it has."""
    columns = {
        column
        for field in FIELDS
        if choices.get(field.name, field.default(target, source)) == TAKE
        for column in field.columns
    }
    return {source_field(name) for name in columns} | {
        field for field in LISTED if has_value(source, field) and not has_value(target, field)
    }


def _combined_note(target: Cluster, source: Cluster) -> str:
    if not source.note.strip() or source.note == target.note:
        return target.note
    return "\n\n".join(part for part in (target.note.strip(), f"From {source.name}: {source.note.strip()}") if part)


def _check_result(target: Cluster) -> None:
    if target.status == Status.PUBLISHED and publishing_blockers(target):
        raise MergeNotPossible(["A published cluster needs a summary: take the one that is not empty."])
    try:
        target.clean()
        target.validate_constraints(exclude=["loyal_position", "partner", "slug", "public_id"])
    except ValidationError as error:
        raise MergeNotPossible(error.messages) from error


def _archive(source: Cluster, target: Cluster, *, by: User | None, reason: str) -> None:
    """Archive ``source`` before ``target`` takes what only one cluster can have."""
    source.status = Status.ARCHIVED
    source.successor = target
    # It counts nowhere any more: what staff thinks of the organisation is on the target.
    source.is_priority = source.is_collaborator = False
    source.loyal_position = source.partner = None
    describe_version(source, reason=reason, by=by).save()


def _save(target: Cluster, source: Cluster, *, by: User | None, reason: str) -> None:
    """Save ``target`` and its lists as one version of the history."""
    describe_version(target, reason=reason, by=by)
    lists = {name: set(getattr(source, name).values_list("pk", flat=True)) for name in LISTS if name != "networks"}
    save_with_lists(
        target, {name: keys | set(getattr(target, name).values_list("pk", flat=True)) for name, keys in lists.items()}
    )
