"""Saving a merged or restored cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.models import Cluster
from workplace.versions import without_version


def save_with_lists(cluster: Cluster, lists: Mapping[str, Any]) -> None:
    """Save ``cluster`` and set its many-to-many ``lists`` (keys) with a single version of its history."""
    with without_version(cluster):
        cluster.save()
        for name, keys in lists.items():
            getattr(cluster, name).set(keys)
    cluster.save(update_fields=["name"])
