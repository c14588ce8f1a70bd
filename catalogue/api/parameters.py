"""The parameters of the API as OpenAPI describes them: the declared filters, and those of pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from catalogue.api import examples
from catalogue.api.pagination import MAX_DIGITS, PageNumberPagination
from catalogue.listing.declaration import ListFilter
from catalogue.listing.declared import FILTERS


def _query(name: str, description: str, schema: dict[str, Any], example: Any, **options: Any) -> OpenApiParameter:
    shown = None if example is None else examples.parameter(name, example)
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description, examples=shown, **options)


def _parameter(declared: ListFilter) -> OpenApiParameter:
    several = {"explode": True, "style": "form"} if declared.is_multiple else {}
    return _query(declared.name, declared.description, declared.schema(), declared.example, **several)


PAGE_PARAMETERS = [
    _query(
        "page",
        "Number of the page, from 1.",
        {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1, "default": 1},
        1,
    ),
    _query(
        "page_size",
        "Entries on a page.",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": PageNumberPagination.max_page_size,
            "default": PageNumberPagination.page_size,
        },
        50,
    ),
]

FILTER_PARAMETERS = [_parameter(declared) for declared in FILTERS]
