"""Pages of results in the API."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination as _PageNumberPagination
from rest_framework.request import Request

from catalogue.listing.paginator import CountedPaginator

MAX_DIGITS = 9


class PageNumberPagination(_PageNumberPagination):
    """``page`` counts from 1; ``page_size`` is 50 unless the caller asks for 1 to 200.

    A wrong value is refused with its name and the remedy, where the class of the framework corrects it
    in silence (``page_size``) or answers "not found" (``page``).
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    last_page_strings = ()

    def problems(self, request: Request) -> dict[str, list[str]]:
        """Return what is wrong with ``page`` and ``page_size`` by themselves."""
        found: dict[str, list[str]] = {}
        if _number(request, "page", 1) < 1:
            found["page"] = ["Give the number of one page: 1, 2, 3 and so on."]
        if not 1 <= _number(request, "page_size", self.page_size) <= self.max_page_size:
            found["page_size"] = [f"Give one whole number from 1 to {self.max_page_size}."]
        return found

    def slice(self, rows: Any, total: int, request: Request) -> Any:
        """Return the part of ``rows`` (``total`` of them) that is the requested page; a queryset stays lazy.

        Raises ``ValidationError`` for what is no number of a page, and ``NotFound`` for a page beyond the
        last: the value is right, and may be there tomorrow.
        """
        problems = self.problems(request)
        if problems:
            raise ValidationError(problems)
        paginator = CountedPaginator(rows, _number(request, "page_size", self.page_size), total)
        number, last = _number(request, "page", 1), paginator.num_pages
        if number > last:
            raise NotFound({"page": [f"There is no page {number}: the last one is {last}."]})
        self.request, self.total = request, total
        self.page = paginator.page(number)
        return self.page.object_list


def _number(request: Request, name: str, default: int) -> int:
    """Return the parameter as a number, 0 for anything that is none; ASCII digits only."""
    values = {value.strip() for value in request.query_params.getlist(name)} - {""}
    if not values:
        return default
    text = values.pop()
    good = not values and text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if good else 0
