"""Pages of rows that somebody counted already."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator

from catalogue.search import ranking

if TYPE_CHECKING:
    from catalogue.listing.filters import ClusterFilter
    from catalogue.managers import ClusterQuerySet
    from catalogue.models import Cluster


class OrderedKeys:
    """The primary keys that a filter finds, in order, for a paginator to take a part of."""

    def __init__(self, filterset: ClusterFilter) -> None:
        self.filterset = filterset

    def __getitem__(self, part: slice) -> list[int]:
        """Return the keys of a page."""
        return list(islice(self.filterset.in_order(), part.start, part.stop))


class OrderedRows(OrderedKeys):
    """The same as rows, as ``queryset`` fetches them; each knows its distance, and why a search has it there."""

    def __init__(self, filterset: ClusterFilter, queryset: ClusterQuerySet) -> None:
        super().__init__(filterset)
        self.queryset = queryset

    def __getitem__(self, part: slice) -> list[Cluster]:  # type: ignore[override]
        """Return the rows of a page."""
        rows = self.queryset.in_order_of(super().__getitem__(part))
        reading = self.filterset.interpretation
        is_by_distance = self.filterset.order == "distance"
        counted = ranking.tiers(reading, self.filterset.index) if reading else []
        for row in rows:
            if reading:
                row.reasons = ranking.reasons(row.pk, reading, counted)  # type: ignore[attr-defined]
            row.distance_km = self.filterset.distance_km(row.pk) if is_by_distance else None  # type: ignore[attr-defined]
        return rows


class CountedPaginator(Paginator):
    """A paginator that is given the number of rows."""

    def __init__(self, object_list: Any, per_page: int, total: int) -> None:
        """Keep ``total``, the number of all rows."""
        super().__init__(object_list, per_page)
        self._total = total

    @property
    def count(self) -> int:
        """The number of all rows."""
        return self._total
