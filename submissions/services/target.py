"""The cluster that a submission is about, when it becomes part of another one or gets a successor."""

from __future__ import annotations

from catalogue.locking import lock_final_successor, lock_for_update
from catalogue.models import Cluster
from catalogue.succession import ends_of_succession
from submissions.models import Submission
from submissions.services.sender_trust import trust_of
from submissions.services.state_machine import store, tell

Status, Trust = Cluster.Status, Submission.Trust
#: What happens to a submission that waits while its cluster goes elsewhere; see :func:`point_to`.
MERGED, PARTED, SUCCEEDED = "moved_by_merge", "returned_by_undo", "moved_to_successor"
MOVES = frozenset({MERGED, PARTED, SUCCEEDED})


def waits(submission: Submission) -> bool:
    """Return whether nothing is decided yet, so that it matters which cluster it is about."""
    return submission.status == Submission.Status.UNCONFIRMED or submission.is_open


def trust_in(submission: Submission, cluster: Cluster) -> str:
    """Return what speaks for the sender of ``submission``, if it is about ``cluster``."""
    if submission.trust in (Trust.PARTNER, Trust.STAFF) or not submission.email_confirmed_at:
        return submission.trust
    return trust_of(submission.submitter_email, cluster)


def point_to(row: Submission, cluster: Cluster, kind: str, *, text: str, trust: str | None = None) -> None:
    """Let a locked submission that waits be about ``cluster``, as a new version: who had it open looks again.

    Its name stays as it was sent. ``text`` names both clusters; ``trust`` is what is known of the sender already.
    """
    before = row.target_id
    row.target = cluster
    row.trust = trust_in(row, cluster) if trust is None else trust
    tell(row, kind, text=text, clusters=[before, cluster.pk])
    store(row)


def led_on(cluster: Cluster, end: Cluster) -> str:
    """Say that ``end`` took the place of ``cluster``."""
    return f"{cluster.name} is archived, and {end.name} took its place."


def lock_target(row: Submission) -> bool:
    """Lock the cluster that a locked submission is about; if it was archived and leads on, follow.

    Return whether it led on: ``row`` is about the successor then, and a version further. The news that a cluster
    is no more stays where it is: it is no news about the successor.
    """
    if row.target is None or row.target_id is None:
        return False
    if row.kind == Submission.Kind.CLOSURE:
        row.target = lock_for_update([row.target_id])[row.target_id]
        return False
    before, end = row.target, lock_final_successor(row.target_id)
    if end.pk == before.pk:
        row.target = end
        return False
    point_to(row, end, SUCCEEDED, text=led_on(before, end))
    return True


def what_is_gone(row: Submission) -> str:
    """Say why nothing can be sent about the cluster of ``row`` any more; empty if it can."""
    target = row.target
    if target is None or target.status != Status.ARCHIVED:
        return ""
    if row.kind == Submission.Kind.CLOSURE:
        return f"{row.name} is not in the catalogue any more: there is nothing left to tell us. Thank you all the same."
    end = ends_of_succession([target.pk]).get(target.pk)
    if end is not None and Cluster.objects.filter(pk=end).exclude(status=Status.ARCHIVED).exists():
        return ""  # sending it leads on
    return no_longer_there(row.name)


def no_longer_there(name: str) -> str:
    """Say that a profile was taken out of the catalogue, and what to do if that is wrong."""
    return (
        f"{name} is no longer in the catalogue, so its profile cannot be corrected. If it should be there, tell us in "
        "a new submission, and say in the message that it was there before."
    )


def nobody_would_see(cluster: Cluster) -> str:
    """Say why nothing is accepted for an archived ``cluster``, and what to do."""
    return (
        f"{cluster.name} is archived: nobody would see the update. Publish it first, "
        "or choose the cluster that took its place."
    )
