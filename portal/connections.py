"""How often a database connection that is open is asked whether it still works."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.core.signals import request_started
from django.db import connections

#: Seconds. Django asks at every request; a server that went away in between costs one request its answer.
INTERVAL = 60.0


def check_seldom(**kwargs: Any) -> None:
    """Let Django pass over the check of connections that passed one within the last minute."""
    now = monotonic()
    for connection in connections.all(initialized_only=True):
        if connection.connection is None or not connection.health_check_enabled:
            continue
        if now - getattr(connection, "checked_at", -INTERVAL) < INTERVAL:
            connection.health_check_done = True
        else:
            connection.checked_at = now  # type: ignore[attr-defined]


def install() -> None:
    """Call it at the beginning of every request, after Django's own part."""
    request_started.connect(check_seldom, dispatch_uid="portal.connections")
