"""Who a visitor is, behind proxies and without them."""

from typing import Any

import pytest
from django.test import override_settings

from publicforms.client_address import network_of, visitor_address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9:51234", "203.0.113.9"),
        (1, "[2001:db8::9]:51234", "2001:db8::9"),
        (1, "2001:db8::9", "2001:db8::9"),
    ],
)
def test_only_our_own_proxies_say_who_asks(rf: Any, trusted: int, forwarded: str, address: str) -> None:
    with override_settings(TRUSTED_PROXIES=trusted):
        headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
        assert visitor_address(rf.get("/", REMOTE_ADDR="192.0.2.1", **headers)) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"), ("::ffff:192.0.2.7", "192.0.2.0/24"),
     ("nonsense", "nonsense")],
)  # fmt: skip
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
