"""The columns of every export: those that fields of a profile declare, and a few about the cluster as such.

The names are a promise (``docs/exports.md`` lists them, a test compares): columns may be added at the
end, never renamed or moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter

from django.utils.timezone import localdate

from catalogue.map.cluster_map import PLACE_CREDIT
from catalogue.models import Cluster
from catalogue.profile.declaration import LAST, Column
from catalogue.profile.fields import FIELDS

BATCH = 500  # rows in memory at once


def columns(base_url: str) -> list[Column]:
    """Return all columns; ``base_url`` (scheme and host) makes addresses absolute."""
    own = (
        Column("id", "stable public id (UUID), survives renames", lambda c: str(c.public_id), order=1),
        Column("slug", "last part of the profile's address", lambda c: c.slug, order=2),
        Column("url", "address of the profile", lambda c: base_url + c.get_absolute_url(), order=LAST - 2),
        Column(
            "credit",
            "credit that any use of the coordinates must show",
            lambda c: PLACE_CREDIT if c.latitude is not None else "",
            order=LAST - 1,
        ),
    )
    declared = (column for field in FIELDS for column in field.columns)
    return sorted((*own, *declared), key=attrgetter("order"))


def clusters_of(keys: Iterable[int], *, is_public: bool = True) -> Iterator[Cluster]:
    """Yield the clusters with these primary keys, with ``is_public`` those that are public in this moment, in order, with all that the columns need, ``BATCH`` at a time."""
    every = Cluster.objects.published() if is_public else Cluster.objects.all()
    rows, rest = every.for_listing().prefetch_related("target_markets", "figures", "fact_sources"), iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield from rows.in_order_of(batch)


def file_name(extension: str) -> str:
    """Return the name under which a browser stores an export, with today's date."""
    return f"clusters-{localdate():%Y-%m-%d}.{extension}"
