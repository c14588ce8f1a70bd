"""Whom the throttle of the API takes for one visitor, with proxies in front and without."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.throttling import AnonRateThrottle

from tests.proxies import sent_from

pytestmark = pytest.mark.django_db
VISITOR = "198.51.100.9"
OTHER = "203.0.113.7"


@pytest.fixture(autouse=True)
def _two_requests_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "2/min"})


@pytest.fixture(params=[0, 1, 2])
def proxies(request: Any, settings: Any) -> int:
    """Return how many proxies stand in front; the settings say the same."""
    settings.TRUSTED_PROXIES = request.param
    return request.param


def statuses(client: Client, proxies: int, *addresses: str, written: str = "") -> list[int]:
    """Ask the API once from each address; ``{}`` in ``written`` becomes the number of the request."""
    return [
        client.get("/api/v1/clusters/", **sent_from(address, proxies, written.format(number))).status_code
        for number, address in enumerate(addresses)
    ]


def test_a_visitor_waits_and_others_go_on(client: Client, proxies: int) -> None:
    assert statuses(client, proxies, VISITOR, VISITOR, VISITOR, OTHER) == [200, 200, 429, 200]


def test_an_invented_address_in_the_header_counts_for_nobody_else(client: Client, proxies: int) -> None:
    invented = f"192.0.2.{{}}, {OTHER}"

    assert statuses(client, proxies, VISITOR, VISITOR, VISITOR, written=invented) == [200, 200, 429]
    assert statuses(client, proxies, OTHER, OTHER) == [200, 200]


def test_one_ipv6_network_is_one_visitor(client: Client, proxies: int) -> None:
    household = [f"2001:db8:0:1:{number}::1" for number in range(3)]

    assert statuses(client, proxies, *household, "2001:db8:0:2::1") == [200, 200, 429, 200]


@pytest.mark.parametrize(("visitor", "other"), [(VISITOR, OTHER), ("[2001:db8:0:1::9]", "[2001:db8:0:2::9]")])
def test_another_port_is_the_same_visitor(client: Client, settings: Any, visitor: str, other: str) -> None:
    settings.TRUSTED_PROXIES = 1
    connections = [f"{visitor}:{40000 + number}" for number in range(3)]

    assert statuses(client, 1, *connections, f"{other}:40000") == [200, 200, 429, 200]


@pytest.mark.parametrize("proxies", [1, 2], indirect=True)
def test_visitors_whose_address_a_proxy_hides_are_counted_together(client: Client, proxies: int) -> None:
    hidden = ["unknown", "_a", "_b"]

    assert statuses(client, proxies, *hidden, OTHER, written=OTHER) == [200, 200, 429, 200]


def test_every_part_of_the_public_api_counts_for_the_same_visitor(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    answers = [
        client.get(path, **sent_from(f"{VISITOR}:{number}", 1)).status_code
        for number, path in enumerate(["/api/v1/clusters/", "/api/v1/clusters/facets/", "/api/v1/networks/"])
    ]

    assert answers == [200, 200, 429]
