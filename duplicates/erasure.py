"""Erasure: the log of merges holds the addresses of the editors that moved."""

from __future__ import annotations

from typing import Any

from duplicates.models import ClusterMerge
from outbox.addresses import spellings


def erase_from_log(email: str) -> int:
    """Take the editor ``email`` out of the log of merges; return from how many. Undoing one leaves that editor out."""
    addresses, count = spellings(email), 0
    for row in ClusterMerge.objects.select_for_update(of=("self",)).order_by("pk"):
        moved = [{**part, "records": _others(part, addresses)} for part in row.moved]
        if moved != row.moved:
            row.moved = moved
            row.save(update_fields=["moved"])
            count += 1
    return count


def _others(part: dict[str, Any], addresses: frozenset[str]) -> list[dict[str, Any]]:
    if part["provider"] != "editors":
        return part["records"]
    return [record for record in part["records"] if record["values"]["email"].lower() not in addresses]
