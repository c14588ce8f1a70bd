"""What happened to a submission, as staff reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from submissions.fields.definitions import BY_NAME
from submissions.models import SubmissionEvent
from submissions.review.reviewers import name_of

_EVENTS = {
    "started": "The form was begun",
    "sent": "Sent",
    "pending": "Came into the queue",
    "changes_requested": "Asked for changes",
    "approved": "Approved",
    "partly_approved": "Approved in part",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn by the submitter",
    "became_update": "Made an update of",
    "became_new": "Made a new cluster again",
    "check_overridden": "Set a check aside",
    "moved_by_merge": "Moved by a merge",
    "returned_by_undo": "Moved back: the merge was undone",
    "moved_to_successor": "Moved to the successor",
}


@dataclass(frozen=True)
class Event:
    """A line of what happened."""

    at: Any
    who: str
    what: str
    text: str


def event_of(event: SubmissionEvent) -> Event:
    """Return ``event`` as staff reads it; its actor should have been read with it."""
    data = event.data if isinstance(event.data, dict) else {}
    what = _EVENTS.get(event.kind, event.kind.replace("_", " ").capitalize())
    text = event.text
    if event.kind == "pending" and data.get("answered"):
        what = "The submitter answered"
    elif event.kind == "assigned":
        # Names go after the time for which they are stored.
        assigned = f"Assigned to {event.text}" if event.text else "Assigned"
        what, text = (assigned if event.text or data.get("to") else "Given back: unassigned"), ""
    elif event.kind == "became_update":
        what, text = f"{what} {event.text or 'a cluster'}", ""
    elif event.kind == "changes_requested":
        labels = [BY_NAME[name].label for name in data.get("fields", []) if name in BY_NAME]
        what = f"{what}: {', '.join(labels)}" if labels else what
    return Event(event.at, name_of(event.actor) if event.actor else "", what, text)
