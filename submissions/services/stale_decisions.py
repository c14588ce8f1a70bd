"""What a reviewer had before their eyes, and what is different from it now: a stale decision is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.models import Cluster
from duplicates.finder import DuplicateFinder
from submissions.exceptions import SubmissionChanged
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS
from submissions.fields.values import Value, Values, changed_names, fingerprint, in_words, read_values
from submissions.models import Submission
from submissions.review.duplicates import namesakes, possible_now
from submissions.services.target import MOVES

Kind = Submission.Kind


@dataclass(frozen=True)
class Seen:
    """What the reviewer had before their eyes: the submission, the live row, and what it may be a duplicate of."""

    version: int
    #: Mark of the live values, from :func:`live_mark`.
    live: str
    #: Keys of the clusters that were shown as possible duplicates.
    alike: frozenset[int] = frozenset()


def live_values(submission: Submission) -> Values:
    """Return what the target says now in the fields that ``submission`` proposes; empty without target."""
    if submission.target is None:
        return {}
    return read_values(submission.target, [spec.name for spec in FIELDS if spec.name in submission.payload])


def live_mark(submission: Submission) -> str:
    """Return a mark that differs when the target says something else in what the decision is about.

    A closure is about the whole profile, and about whether it is in the catalogue at all.
    """
    target = submission.target
    if submission.kind != Kind.CLOSURE or target is None:
        return fingerprint(live_values(submission))
    return fingerprint({**read_values(target), "": f"{target.pk} {target.status}"})


def names_to_decide(submission: Submission, live: Mapping[str, Value]) -> list[str]:
    """Return the fields on which a decision is needed: those that differ from the live row now."""
    if submission.kind == Kind.CLOSURE:
        return []
    return changed_names(submission.payload, live)
    # The name of a stored file differs from the mark of a proposed one in any case.


def seen_now(submission: Submission, finder: DuplicateFinder | None = None) -> Seen:
    """Return what a reviewer sees who opens ``submission`` now; ``finder`` spares a search where many are asked for."""
    alike = possible_now(submission, finder) if submission.is_open else []
    return Seen(submission.version, live_mark(submission), frozenset(match.cluster_id for match in alike))


def require_seen(row: Submission, seen: Seen) -> None:
    """Raise :class:`SubmissionChanged` with what is different from what the reviewer saw."""
    changes = []
    if row.version != seen.version:
        last = row.events.last()
        if last and last.kind in MOVES:
            changes.append(last.text)
        else:
            changes.append(f"The submission itself: it is {row.get_status_display().lower()} now.")
        if last and last.actor:
            changes.append(f"{last.actor.get_full_name() or last.actor} did that.")
    if row.target and live_mark(row) != seen.live:
        changes += _differences(row) or ["The live profile is what it was when the submission was sent."]
    if changes:
        raise SubmissionChanged(changes)


def _differences(row: Submission) -> list[str]:
    """Say in which fields the live profile is not what the submission was compared with."""
    target = row.target
    if target is None:
        return []
    is_closure = row.kind == Kind.CLOSURE
    live = read_values(target) if is_closure else live_values(row)
    moved = [BY_NAME[name] for name in live if live[name] != row.base.get(name, BY_NAME[name].empty)]
    choices = Choices.load()
    lines = [
        f"{spec.label} of the live profile is now: {in_words(spec, live[spec.name], choices) or 'empty'}."
        for spec in moved
    ]
    if is_closure and target.status != Cluster.Status.PUBLISHED:
        lines.append(f"{target.name} is {target.get_status_display().lower()} now.")
    return lines


def require_no_newcomer(row: Submission, seen: Seen, finder: DuplicateFinder | None = None) -> None:
    """Raise :class:`SubmissionChanged` if ``row`` may be a cluster that the reviewer was not shown.

    Another reviewer may have approved the same one a minute ago, or the same file was imported twice.
    ``finder`` spares a search where the caller holds one that knows all that came since.
    """
    known = {match.cluster_id: match for match in [*namesakes(row), *possible_now(row, finder)]}
    newcomers = [match for match in known.values() if match.cluster_id not in seen.alike]
    if not newcomers:
        return
    rows = Cluster.objects.in_bulk([match.cluster_id for match in newcomers])
    raise SubmissionChanged(
        [
            f"“{rows[match.cluster_id].name}”{_source(rows[match.cluster_id])} may be the same cluster "
            f"({'; '.join(match.reasons).lower()}): compare the two in the review queue, then make this an update "
            "of it, or decide again if it is another one."
            for match in newcomers
            if match.cluster_id in rows
        ]
    )


def _source(cluster: Cluster) -> str:
    return f" ({cluster.found_via})" if cluster.found_via else ""
