"""Pages of rows that somebody counted already."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator


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
