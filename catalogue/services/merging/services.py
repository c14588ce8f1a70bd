"""One cluster takes in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from catalogue.models import Cluster, ClusterMerge, Submission
from catalogue.services.clusters import what_keeps_unpublished
from catalogue.services.locking import LookAgain, locked_clusters, settled
from catalogue.services.merging.exceptions import MergeChanged, MergeNotPossible
from catalogue.services.merging.fields import BY_NAME, FIELDS, KEEP, TAKE
from catalogue.services.merging.rows import all_providers
from catalogue.services.merging.snapshots import LISTS, fingerprint, state_of
from catalogue.services.search import refresh_search

Status = Cluster.Status


def merge(
    *,
    kept: Cluster,
    gone: Cluster,
    by: User | None,
    reason: str,
    choices: Mapping[str, str] | None = None,
    seen: str = "",
) -> ClusterMerge:
    """Let ``kept`` take in ``gone``: values as chosen, and all that hangs on ``gone``; return the log.

    ``choices`` says "keep" or "take" by name of ``FIELDS``; for the others the default holds (what says
    something, before what is empty). ``seen`` is :func:`seen_now` of the page that was decided on. ``gone`` stays,
    archived, and its addresses lead to ``kept``, which is published if one of the two was. All or nothing.

    Raises :class:`MergeNotPossible` with what stands against it, :class:`MergeChanged` if one of the two is
    not what was seen.
    """
    choices = _checked(choices or {})
    if not reason.strip():
        raise MergeNotPossible(["Say why these two are one: colleagues will read it in a year."])
    with transaction.atomic():
        kept, gone = _locked(kept, gone)
        if problems := what_stands_against(kept, gone):
            raise MergeNotPossible(problems)
        if seen and seen != seen_now(kept, gone):
            raise MergeChanged
        before = {"kept": state_of(kept), "gone": state_of(gone)}
        _apply(kept, gone, choices)
        _refuse_what_is_wrong(kept)
        _retire(gone, kept, by=by, told=f"Merged into {kept.name}: {reason.strip()}")
        told = f"Merged into this: {gone.name}. {reason.strip()}"
        moved = [
            {"provider": provider.name, "records": records}
            for provider in all_providers()
            if (records := provider.move(gone, kept, told=told))
        ]
        _store(kept, gone, by=by, told=told)
        after = {"kept": state_of(kept), "gone": state_of(gone)}
        return ClusterMerge.objects.create(
            kept=kept, gone=gone, moved=moved, before={**before, "after": after}, after=fingerprint(after),
            reason=reason.strip(), merged_by=by,
        )  # fmt: skip


def what_stands_against(kept: Cluster, gone: Cluster) -> list[str]:
    """Return in words what forbids that ``kept`` takes in ``gone``; empty if nothing."""
    if kept.pk == gone.pk:
        return ["These are one cluster already. Choose two."]
    problems = []
    if kept.status == Status.ARCHIVED:
        problems.append(f"{kept.name} is archived. Let the other one stay, or publish it first.")
    if ClusterMerge.objects.filter(gone=gone, undone_at=None).exists():
        problems.append(f"{gone.name} was merged into another cluster before. Undo that first.")
    if kept.partner_id and gone.partner_id:
        problems.append(
            f"The two stand for two partners of the consortium ({kept.partner} and {gone.partner}). "
            "Take one of them away first."
        )
    if kept.successor_id != gone.pk and gone.pk in _followers(kept):
        problems.append(f"The successors of {kept.name} lead to {gone.name}. Correct that first.")
    return problems


def seen_now(kept: Cluster, gone: Cluster) -> str:
    """Return the mark of what a page shows of both, which :func:`merge` compares."""
    return fingerprint(state_of(kept), state_of(gone))


def what_moves(gone: Cluster) -> list[tuple[str, int]]:
    """Return label and number of what would move, without what there is none of."""
    counted = [(provider.label, provider.count(gone)) for provider in all_providers()]
    return [(label, count) for label, count in counted if count]


def _checked(choices: Mapping[str, str]) -> dict[str, str]:
    wrong = [name for name, choice in choices.items() if name not in BY_NAME or choice not in (KEEP, TAKE)]
    if wrong:
        raise MergeNotPossible([f"There is nothing to choose called “{name[:40]}”." for name in sorted(wrong)])
    return dict(choices)


def _locked(kept: Cluster, gone: Cluster) -> tuple[Cluster, Cluster]:
    """Lock the submissions about ``gone``, then both clusters and those that ``gone`` succeeded."""

    def submissions() -> list[int]:
        about = Submission.objects.select_for_update(of=("self",)).filter(target=gone).order_by("pk")
        return list(about.values_list("pk", flat=True))

    def followers() -> set[int]:
        return set(Cluster.objects.filter(successor=gone).values_list("pk", flat=True))

    def attempt() -> dict[int, Cluster]:
        before, led_here = submissions(), followers()
        found = locked_clusters({kept.pk, gone.pk, *led_here})
        if set(Submission.objects.filter(target=gone).values_list("pk", flat=True)) - set(before):
            raise LookAgain  # one came before the clusters were locked
        if followers() - led_here:
            raise LookAgain
        return found

    found = settled(attempt)
    if kept.pk not in found or gone.pk not in found:
        raise MergeNotPossible(["One of the two was deleted meanwhile."])
    return found[kept.pk], found[gone.pk]


def _followers(cluster: Cluster) -> set[int]:
    seen: set[int] = set()
    key = cluster.successor_id
    while key is not None and key not in seen:
        seen.add(key)
        key = Cluster.objects.filter(pk=key).values_list("successor_id", flat=True).first()
    return seen


def _apply(kept: Cluster, gone: Cluster, choices: Mapping[str, str]) -> None:
    """Write into ``kept``, without saving, what is chosen and what follows."""
    names = [kept.name, *kept.former_name_list, gone.name, *gone.former_name_list]
    for field in FIELDS:
        if choices.get(field.name, field.default(kept, gone)) == TAKE:
            field.take(kept, gone)
    kept.former_names = "\n".join(name for name in dict.fromkeys(names) if name != kept.name)
    kept.note = _joined_note(kept, gone)
    positions = [row.loyal_position for row in (kept, gone) if row.loyal_position]
    kept.loyal_position = min(positions, default=None)
    kept.partner_id = kept.partner_id or gone.partner_id
    if kept.successor_id == gone.pk:
        # What stays is no longer succeeded by what it took in.
        kept.successor_id = gone.successor_id if gone.successor_id != kept.pk else None
    if Status.PUBLISHED in (kept.status, gone.status):
        kept.status = Status.PUBLISHED
        known = [row.published_at for row in (kept, gone) if row.published_at]
        kept.published_at = min(known, default=timezone.now())


def _joined_note(kept: Cluster, gone: Cluster) -> str:
    if not gone.note.strip() or gone.note == kept.note:
        return kept.note
    return "\n\n".join(part for part in (kept.note.strip(), f"From {gone.name}: {gone.note.strip()}") if part)


def _refuse_what_is_wrong(kept: Cluster) -> None:
    if kept.status == Status.PUBLISHED and what_keeps_unpublished(kept):
        raise MergeNotPossible(["A published cluster needs a summary: take the one that is not empty."])
    try:
        kept.clean()
        kept.validate_constraints(exclude=["loyal_position", "partner", "slug", "public_id"])
    except ValidationError as error:
        raise MergeNotPossible(error.messages) from error


def _retire(gone: Cluster, kept: Cluster, *, by: User | None, told: str) -> None:
    """Archive ``gone`` before ``kept`` takes what only one cluster can have."""
    gone.status = Status.ARCHIVED
    gone.successor = kept
    # It counts nowhere any more: what staff thinks of the organisation stands with the one that stays.
    gone.is_priority = gone.is_collaborator = False
    gone.loyal_position = gone.partner = None
    _with_history(gone, by, told)
    gone.save()


def _store(kept: Cluster, gone: Cluster, *, by: User | None, told: str) -> None:
    """Save ``kept`` and its lists as one version of the history."""
    _with_history(kept, by, told)
    lists = {name: set(getattr(gone, name).values_list("pk", flat=True)) for name in LISTS if name != "networks"}
    write(kept, {name: keys | set(getattr(kept, name).values_list("pk", flat=True)) for name, keys in lists.items()})


def write(cluster: Cluster, lists: Mapping[str, Any]) -> None:
    """Save ``cluster`` and set its many-to-many ``lists`` (keys) with a single version of its history."""
    cluster.skip_history_when_saving = True  # type: ignore[attr-defined]  # simple-history reads it
    cluster.save()
    for name, keys in lists.items():
        getattr(cluster, name).set(keys)
    del cluster.skip_history_when_saving  # type: ignore[attr-defined]
    refresh_search(clusters=Cluster.objects.filter(pk=cluster.pk))
    cluster.save(update_fields=["name"])


def _with_history(cluster: Cluster, by: User | None, told: str) -> None:
    if by is not None:
        cluster._history_user = by  # type: ignore[attr-defined]
    cluster._change_reason = told  # type: ignore[attr-defined]
