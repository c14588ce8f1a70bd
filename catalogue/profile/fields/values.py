"""Values that several fields make in the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from catalogue.models import Cluster


def column(name: str) -> Callable[[Cluster], Any]:
    """Return what reads an attribute of a cluster."""
    return lambda cluster: getattr(cluster, name)


def column_or_null(name: str) -> Callable[..., Any]:
    """Return what reads a column for the API, where an empty one is null."""
    return lambda row, links, today: getattr(row, name) or None


def lines(text: str | None) -> tuple[str, ...]:
    """Return the lines of a comparison for one text; none for nothing."""
    return (text,) if text else ()


def as_float(value: Any) -> float | None:
    """Return a decimal as JSON and workbooks hold it."""
    return None if value is None else float(value)


def as_iso(value: date | None) -> str | None:
    """Return a date as JSON holds it."""
    return value.isoformat() if value else None
