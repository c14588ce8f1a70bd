"""What happened to a record, from all apps, newest first.

An app registers a :class:`TimelineSource` for each kind of thing that happens to records of a model; the page
``…/<pk>/timeline/`` of :class:`workplace.staff_admin.ExtensibleAdmin` merges them.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from workplace.registry import Registry

PAGE_SIZE = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(-?[0-9]{1,18})~([^~]{1,100})~([^~]{1,100})")


class BrokenCursor(ValueError):
    """A place in a timeline that is none: the address was cut, typed or made up."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``by`` names who did it, and is empty where nobody is known."""

    at: datetime
    title: str
    url: str = ""
    text: str = ""
    by: str = ""


def name_of(user: Any) -> str:
    """Return how staff call ``user``; of what nobody did by hand, that the portal did it."""
    return (user.get_full_name() or user.get_username()) if user else "the portal"


@dataclass(frozen=True)
class TimelineSource:
    """One kind of thing that happens to the records of ``model``, named as ``"catalogue.Cluster"``.

    ``rows`` returns what happened to a record, with all that ``entry`` reads, or ``None`` for somebody who may not
    see this kind. ``moment`` names the column of the rows that says when; rows without a moment are left out.
    """

    name: str
    label: str
    model: str
    rows: Callable[[HttpRequest, Any], QuerySet[Any] | None]
    moment: str
    entry: Callable[[Any], Entry]
    order: int = 100


timeline_sources: Registry[TimelineSource] = Registry("sources of timelines")


@dataclass(frozen=True)
class Place:
    """The place of a row in the whole timeline: newest first, then by source, then the highest key."""

    at: datetime
    source: TimelineSource
    pk: Any

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Return what two places are compared by, as long as their sources differ or their moments do."""
        return (_EPOCH - self.at, self.source.order, self.source.name)

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}~{self.source.name}~{self.pk}"

    @classmethod
    def read(cls, text: str, model: type[Model]) -> Place:
        """Return the place that an address names. Raises :class:`BrokenCursor` if there can be none."""
        parts = _CURSOR.fullmatch(text)
        source = timeline_sources.get(parts[2]) if parts else None
        if parts is None or source is None or source.model != model._meta.label:
            raise BrokenCursor
        try:
            return cls(_EPOCH + int(parts[1]) * _MICROSECOND, source, parts[3])
        except OverflowError as error:
            raise BrokenCursor from error

    def older(self, source: TimelineSource, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of the ``rows`` of ``source`` that come after this place."""
        if source.name == self.source.name:
            key = rows.model._meta.pk
            try:
                pk = key.clean(self.pk, None)  # refuses numbers that the column cannot hold, too
            except ValidationError as error:
                raise BrokenCursor from error
            return rows.filter(
                Q((f"{source.moment}__lt", self.at)) | Q((source.moment, self.at), (f"{key.name}__lt", pk))
            )
        is_after = (source.order, source.name) > (self.source.order, self.source.name)
        return rows.filter((f"{source.moment}__{'lte' if is_after else 'lt'}", self.at))


@dataclass(frozen=True)
class Item:
    """An entry with the kind that it is of."""

    source: TimelineSource
    entry: Entry

    @property
    def day(self) -> date:
        """The day on which it happened, here."""
        return timezone.localtime(self.entry.at).date()


@dataclass(frozen=True)
class Timeline:
    """A page of a timeline: the kinds that the user may see, and where older entries begin, if there are any."""

    sources: list[TimelineSource]
    items: list[Item]
    older: str = ""


def sources_of(model: type[Model]) -> list[TimelineSource]:
    """Return the kinds of things that happen to records of ``model``, in order."""
    return [source for source in timeline_sources if source.model == model._meta.label]


def timeline_of(
    request: HttpRequest,
    record: Model,
    *,
    kinds: Collection[str] = (),
    before: str = "",
    size: int = PAGE_SIZE,
) -> Timeline:
    """Return ``size`` entries about ``record`` that come after the place ``before``, newest first.

    ``kinds`` limits it to sources of these names; without one that the user may see it shows all. One query for each
    source. Raises :class:`BrokenCursor`.
    """
    place = Place.read(before, type(record)) if before else None
    offered = [
        (source, rows) for source in sources_of(type(record)) if (rows := source.rows(request, record)) is not None
    ]
    wanted = [(source, rows) for source, rows in offered if source.name in kinds] or offered
    parts = [_places(source, place.older(source, rows) if place else rows, size + 1) for source, rows in wanted]
    # Each part is in order, and its rows differ from those of another in moment or source.
    found = list(heapq.merge(*parts, key=lambda pair: pair[0].sort_key))
    return Timeline(
        sources=[source for source, _rows in offered],
        items=[Item(place.source, place.source.entry(row)) for place, row in found[:size]],
        older=str(found[size - 1][0]) if len(found) > size else "",
    )


@dataclass(frozen=True)
class Chip:
    """A kind as a filter: following ``query`` chooses it beside the others, or takes it away again."""

    label: str
    query: str
    is_chosen: bool


def chips_of(sources: Iterable[TimelineSource], kinds: Collection[str]) -> list[Chip]:
    """Return the filters of a page that shows ``kinds``."""
    offered = list(sources)
    chosen = [source.name for source in offered if source.name in kinds]
    found = []
    for source in offered:
        names = [name for name in chosen if name != source.name]
        if source.name not in chosen:
            names.append(source.name)
        found.append(Chip(source.label, f"?{urlencode([('kind', name) for name in names])}", source.name in chosen))
    return found


def _places(source: TimelineSource, rows: QuerySet[Any], limit: int) -> Iterable[tuple[Place, Any]]:
    rows = rows.filter((f"{source.moment}__isnull", False)).order_by(f"-{source.moment}", "-pk")[:limit]
    return [(Place(getattr(row, source.moment), source, row.pk), row) for row in rows]
