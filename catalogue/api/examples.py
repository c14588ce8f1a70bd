"""Examples of the OpenAPI description, from the real data; a test holds them against the schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from catalogue.listing.declared import FACETS as DECLARED_FACETS
from catalogue.map.cluster_map import PLACE_CREDIT

SITE = "https://portal.example"

CLUSTER_ROW: dict[str, Any] = {
    "id": "fbbf92f9-03ae-5d13-a4c3-6d397c9e72d5",
    "slug": "gaia",
    "name": "GAIA - Association of Knowledge and Applied Technologies industries in the Basque Country",
    "acronym": "GAIA",
    "country": {"code": "ES", "name": "Spain"},
    "region": {"slug": "basque-country", "name": "Basque Country"},
    "verticals": [{"slug": "ict-software", "name": "ICT & Software"}],
    "sectors": [],
    "emerging_industries": [],
    "technology_fields": [],
    "s3_priorities": [],
    "networks": [{"slug": "conetic", "name": "CONETIC"}],
    "priority": True,
    "members": 260,
    "members_qualifier": "exact",
    "members_as_of": None,
    "founded": 1983,
    "summary": "Non-profit industry association for electronics, IT and telecommunications businesses.",
    "core_cybersecurity": False,
    "quality_label": None,
    "location": {"place": "San Sebastián", "latitude": 43.3128, "longitude": -1.975, "precision": "seat"},
    "confirmed_on": None,
    "url": f"{SITE}/clusters/gaia/",
    "api_url": f"{SITE}/api/v1/clusters/gaia/",
}
CLUSTER_PAGE: dict[str, Any] = {
    "count": 10,
    "next": f"{SITE}/api/v1/clusters/?country=ES&page=2&page_size=1",
    "previous": None,
    "results": [CLUSTER_ROW],
    "interpretation": None,
    "attribution": PLACE_CREDIT,
}
_FACET_VALUES: dict[str, list[dict[str, Any]]] = {
    "country": [{"value": "ES", "label": "Spain", "count": 10, "selected": True, "parent": None}],
    "vertical": [{"value": "health", "label": "Health", "count": 1, "selected": False, "parent": None}],
    "priority": [{"value": "true", "label": "Priority", "count": 2, "selected": False, "parent": None}],
    "region": [{"value": "galicia", "label": "Galicia", "count": 2, "selected": False, "parent": "ES"}],
    "network": [{"value": "conetic", "label": "CONETIC", "count": 1, "selected": False, "parent": None}],
}
FACETS: dict[str, Any] = {"count": 10, "facets": {name: _FACET_VALUES.get(name, []) for name in DECLARED_FACETS}}
WRONG_PARAMETER: dict[str, Any] = {"contry": ["“contry” is no filter. Did you mean “country”?"]}


def request(name: str, value: dict[str, Any]) -> OpenApiExample:
    """Return an example of a request's body."""
    return OpenApiExample(name, value=value, request_only=True)


def answer(name: str, value: dict[str, Any], status: str = "200") -> OpenApiExample:
    """Return an example of an answer with this status."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


def parameter(name: str, value: Any) -> list[OpenApiExample]:
    """Return the one example of a parameter."""
    return [OpenApiExample(name, value=value, parameter_only=(name, "query"))]
