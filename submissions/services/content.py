"""What a submitter writes into a submission, and the cluster that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.locking import lock_final_successor
from catalogue.models import Cluster
from submissions.exceptions import IllegalMove, SubmissionIncomplete, SubmissionsClosed
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Values, changed_names
from submissions.models import Submission, SubmissionPolicy
from submissions.services.state_machine import removed_message

Kind = Submission.Kind
#: What the submitter says about themselves and the cluster beside its fields.
DETAILS = ("submitter_name", "submitter_role", "criteria", "criteria_evidence", "message")


def require_open() -> None:
    """Raise :class:`SubmissionsClosed` while staff takes nothing new.

    What was sent before goes on all the same: it is confirmed, reviewed, changed on request, taken back.
    """
    policy = SubmissionPolicy.current()
    if not policy.is_open:
        raise SubmissionsClosed(policy.closed_text)


def lock_current_target(kind: str, target: Cluster | None) -> Cluster | None:
    """Lock and return the cluster that a new submission is about: its successor, if it was archived since.

    Raises :class:`IllegalMove` if nothing took its place, and for the news that a merged cluster is no more.
    """
    if target is None:
        return None
    end = lock_final_successor(target.pk)
    if end.status == Cluster.Status.ARCHIVED:
        raise IllegalMove(removed_message(target.name))
    if kind == Kind.CLOSURE and end.pk != target.pk:
        raise IllegalMove(f"{target.name} is part of {end.name} now. If that no longer exists, tell us on its page.")
    return end


def set_content(row: Submission, values: Values, details: Mapping[str, Any]) -> None:
    """Put proposed ``values`` and details into ``row``, which the caller saves; an update holds only what differs.

    Raises :class:`SubmissionIncomplete` for names that are no fields.
    """
    unknown = set(values) - set(BY_NAME)
    if unknown:
        raise SubmissionIncomplete({name: ["There is no such field."] for name in sorted(unknown)})
    proposed = {**row.payload, **values}
    if row.kind == Kind.UPDATE:
        proposed = {name: proposed[name] for name in changed_names(proposed, row.base)}
    row.payload = proposed
    for name in DETAILS:
        if name in details:
            setattr(row, name, details[name])
    if row.kind == Kind.NEW:
        row.name = str(proposed.get("name") or row.name)
        row.country_id = str(proposed.get("country") or "") or row.country_id
