"""The parameters of the API as OpenAPI describes them; a test holds them against ``ClusterFilter``."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from catalogue.api import examples
from catalogue.api.pagination import MAX_DIGITS, PageNumberPagination
from catalogue.listing.filters import MEMBERS_LIMIT, PRIORITY_CHOICES, SORT_CHOICES
from catalogue.search.query import MAX_LENGTH

_WHOLE_NUMBER = {"type": "integer", "minimum": 0, "maximum": MEMBERS_LIMIT}


def _query(name: str, description: str, schema: dict[str, Any], **options: Any) -> OpenApiParameter:
    if name in examples.PARAMETERS:
        options["examples"] = examples.parameter(name, examples.PARAMETERS[name])
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description, **options)


def _several(name: str, what: str, example: str, where: str) -> OpenApiParameter:
    return _query(
        name,
        f"{what}, such as `{example}`; given several times, any of them. Values: `{where}`.",
        {"type": "array", "items": {"type": "string"}},
        explode=True,
        style="form",
    )


PAGE_PARAMETERS = [
    _query(
        "page",
        "Number of the page, from 1.",
        {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1, "default": 1},
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
    ),
]

FILTER_PARAMETERS = [
    _query(
        "q",
        "Words to look for in names, acronyms, former names, summary, description, place, region, country "
        "and terms. Accents and case never matter; the beginning of a word is enough; misspelt words are "
        "forgiven where nothing is found exactly.",
        # A null character is refused: no database can look for one.
        {"type": "string", "maxLength": MAX_LENGTH, "pattern": r"^[^\u0000]*$"},
    ),
    _several("country", "Two-letter ISO code", "DE", "/api/v1/countries/"),
    _several("region", "Slug of a region", "bavaria", "/api/v1/regions/"),
    _several("vertical", "Slug of a vertical market", "health", "/api/v1/vocabularies/vertical/"),
    _several("sector", "Slug of a sector", "ict", "/api/v1/vocabularies/sector/"),
    _several(
        "emerging_industry",
        "Slug of an emerging industry",
        "digital-industries",
        "/api/v1/vocabularies/emerging_industry/",
    ),
    _several(
        "technology_field",
        "Slug of a technology field",
        "photonics",
        "/api/v1/vocabularies/technology_field/",
    ),
    _several(
        "s3_priority",
        "Slug of a smart-specialisation priority",
        "digital-transformation",
        "/api/v1/vocabularies/s3_priority/",
    ),
    _query("network", "Slug of a network, one only. Values: `/api/v1/networks/`.", {"type": "string"}),
    _query(
        "priority",
        "Only priority clusters, or only the others.",
        {"type": "string", "enum": [value for value, _label in PRIORITY_CHOICES]},
    ),
    _query("members_min", "At least so many members; clusters of unknown size are left out.", _WHOLE_NUMBER),
    _query("members_max", "At most so many members; clusters of unknown size are left out.", _WHOLE_NUMBER),
    _query(
        "confirmed_since",
        "Only profiles confirmed on this day or later; those never confirmed are left out.",
        {"type": "string", "format": "date"},
    ),
    _query(
        "sort",
        "Order; a minus means descending. Unknown values come last, equal ones by name. Without it: "
        "relevance for a search, else the name.",
        {"type": "string", "enum": [value for value, _label in SORT_CHOICES]},
    ),
]
