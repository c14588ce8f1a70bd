"""What submissions and the rights to correct a profile hold about one person, erased at their wish."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from catalogue.models import Cluster
from duplicates.merging.snapshots import fingerprint
from duplicates.models import ClusterMerge
from outbox.addresses import spellings
from publicforms.models import LinkToken
from submissions.models import ClusterEditor, Submission
from submissions.services import submit
from submissions.services.retention import empty
from submissions.services.state_machine import Status, lock_for_update


def has_address(field: str, email: str) -> Q:
    """Return the condition that ``field`` holds ``email`` in any of its spellings: case, and a domain in ASCII."""
    conditions = (Q(**{f"{field}__iexact": address}) for address in sorted(spellings(email)))
    return reduce(or_, conditions)


def erase_submissions(email: str) -> int:
    """Empty the submissions sent from ``email``; return how many. One that waits for somebody is taken back first."""
    rows = Submission.objects.filter(has_address("submitter_email", email))
    keys = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    for row in Submission.objects.filter(pk__in=keys).order_by("pk"):
        if row.is_open or row.status == Status.UNCONFIRMED:
            submit.withdraw(submission=row)
        empty(lock_for_update(row))
    return len(keys)


def erase_editors(email: str) -> int:
    """Delete the rights of ``email`` to correct profiles, in the log of the workplace too; return how many."""
    keys = list(ClusterEditor.objects.filter(has_address("email", email)).values_list("pk", flat=True))
    forget_in_log(keys)
    ClusterEditor.objects.filter(pk__in=keys).delete()
    return len(keys)


def erase_links(email: str) -> int:
    """Delete the links that were sent to ``email``; return how many."""
    keys = list(LinkToken.objects.filter(has_address("email", email)).values_list("pk", flat=True))
    LinkToken.objects.filter(pk__in=keys).delete()
    return len(keys)


def forget_in_log(keys: Iterable[int]) -> None:
    """Leave that something was done to these editors, and take away to whom: its lines begin with their address."""
    kind = ContentType.objects.get_for_model(ClusterEditor)
    lines = LogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys])
    lines.update(object_repr="(removed)", change_message="")


def erase_contact_addresses(email: str) -> int:
    """Take ``email`` from the clusters that get messages there, and from their histories; return from how many."""
    condition = has_address("contact_email", email)
    Cluster.history.filter(condition).update(contact_email="")
    return Cluster.objects.filter(condition).update(contact_email="")


def erase_from_merges(email: str) -> int:
    """Take ``email`` out of the log of merges; return from how many. Undoing one leaves it out as well."""
    addresses, count = spellings(email), 0
    for row in ClusterMerge.objects.select_for_update(of=("self",)).order_by("pk"):
        moved = [{**part, "records": _others(part, addresses)} for part in row.moved]
        before = _without_addresses(row.before, addresses)
        if (moved, before) != (row.moved, row.before):
            if before != row.before and row.after == fingerprint(row.before["after"]):
                row.after = fingerprint(before["after"])
            row.moved, row.before = moved, before
            row.save(update_fields=["moved", "before", "after"])
            count += 1
    return count


def _without_addresses(states: dict[str, Any], addresses: frozenset[str]) -> dict[str, Any]:
    """Return the states of clusters, inside each other as the log has them, without these addresses for messages."""
    return {
        key: _without_addresses(value, addresses) if isinstance(value, dict)
        else "" if key == "contact_email" and value.lower() in addresses
        else value
        for key, value in states.items()
    }  # fmt: skip


def _others(part: dict[str, Any], addresses: frozenset[str]) -> list[dict[str, Any]]:
    if part["provider"] != "editors":
        return part["records"]
    return [record for record in part["records"] if record["values"]["email"].lower() not in addresses]
