"""What two clusters say, as JSON: stored in the log, compared before a merge is undone."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from django.db.models import FileField, ForeignKey

from catalogue.models import Cluster
from catalogue.services.sources import sources_of

State = dict[str, Any]
#: Computed, or no part of what a cluster says.
_LEFT_OUT = {"id", "created_at", "updated_at", "sort_name"}
LISTS = ("networks", "target_markets", "terms")
#: Where the values are from: goes with them, and comes back with them.
SOURCES = "fact_sources"
#: Keys of the two clusters in the JSON of the log. Stored: a release that changes them changes the rows too.
TARGET, SOURCE = "target", "source"


def columns() -> list[Any]:
    """Return the columns of a cluster that a merge remembers."""
    return [field for field in Cluster._meta.concrete_fields if field.name not in _LEFT_OUT]


def state_of(cluster: Cluster) -> State:
    """Return all that the stored ``cluster`` says: its columns and the keys of its lists."""
    row = Cluster.objects.get(pk=cluster.pk)
    state = {field.attname: _as_json(field, field.value_from_object(row)) for field in columns()}
    for name in LISTS:
        state[name] = sorted(getattr(row, name).values_list("pk", flat=True))
    state[SOURCES] = sources_of(row)
    return state


def states_of(target: Cluster, source: Cluster) -> dict[str, State]:
    """Return what both say, as ``ClusterMerge.before`` stores it."""
    return {TARGET: state_of(target), SOURCE: state_of(source)}


def restore(cluster: Cluster, before: State, after: State) -> None:
    """Set the columns of ``cluster`` that differ between two states to those of ``before``.

    Columns that came after the merge was logged are in neither state and stay as they are.
    """
    for field in columns():
        if field.attname in before and before[field.attname] != after.get(field.attname):
            setattr(cluster, field.attname, _from_json(field, before[field.attname]))


def fingerprint(*parts: Any) -> str:
    """Return a short text that differs when any of ``parts`` does."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def differing(before: State, after: State) -> list[str]:
    """Return the names of what differs, as staff reads them between two states of one cluster."""
    names = []
    for key in before:
        if before[key] != after.get(key):
            field = next((field for field in columns() if field.attname == key), None)
            names.append(str(field.verbose_name) if field else key.replace("_", " "))
    return names


def _as_json(field: Any, value: Any) -> Any:
    if isinstance(field, FileField):
        return value.name or ""
    if value is None or isinstance(value, bool | int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _from_json(field: Any, value: Any) -> Any:
    if value is None:
        return None
    return (field.target_field if isinstance(field, ForeignKey) else field).to_python(value)
