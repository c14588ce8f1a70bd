"""Who a visitor is, behind proxies and without them."""

from typing import Any

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from publicforms.client_address import client_address, client_network
from tests.proxies import sent_from


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.6, 203.0.113.9", "203.0.113.9"),
        (1, " 198.51.100.6,203.0.113.9 ", "203.0.113.9"),
        (2, "198.51.100.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        # Somebody inside, who reaches the second proxy past the first.
        (2, "203.0.113.9", "203.0.113.9"),
        (5, "203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "", "192.0.2.1"),
        (1, " , ", "192.0.2.1"),
    ],
)
def test_only_our_own_proxies_say_who_asks(rf: Any, settings: Any, trusted: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = trusted

    request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == address


def test_the_connection_counts_where_no_header_came(rf: Any, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert client_address(rf.get("/", REMOTE_ADDR="192.0.2.1")) == "192.0.2.1"


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::"),
        ("[2001:db8:0:1:2:3:4:5]", "2001:db8:0:1::"),
        ("[2001:db8:0:1:2:3:4:5]:443", "2001:db8:0:1::"),
        ("2001:DB8:0:1::9", "2001:db8:0:1::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
    ],
)
def test_every_way_to_write_an_address_is_one_visitor(rf: Any, settings: Any, entry: str, address: str) -> None:
    settings.TRUSTED_PROXIES = 1

    assert client_address(rf.get("/", **sent_from(entry, 1))) == address


def test_the_connection_is_read_like_an_entry_of_the_header(rf: Any) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR="::ffff:203.0.113.9")) == "203.0.113.9"
    assert client_address(rf.get("/", REMOTE_ADDR="2001:db8:0:1::9")) == "2001:db8:0:1::"


@pytest.mark.parametrize(
    "entry", ["unknown", "_hidden", "", "203.0.113", "999.1.1.1", "[unknown]:443", "1.2.3.4:5:6", "x" * 9000]
)
@pytest.mark.parametrize(("proxies", "nearest"), [(1, "10.0.0.1"), (2, "10.0.0.1"), (3, "10.0.0.1")])
def test_visitor_without_address_counts_as_the_proxy_that_let_it_in(
    rf: Any, settings: Any, entry: str, proxies: int, nearest: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    sent = sent_from(entry, proxies, written="198.51.100.6")

    assert client_address(rf.get("/", **sent)) == nearest


@pytest.mark.parametrize("connection", ["", "unix:", None])
def test_connection_without_address_is_one_visitor(rf: Any, connection: str | None) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR=connection)) == "0.0.0.0"  # noqa: S104 nothing listens


@given(written=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")), proxies=st.integers(1, 5))
def test_whatever_a_visitor_writes_into_the_header_changes_nothing(written: str, proxies: int) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        request = RequestFactory().get("/", **sent_from("203.0.113.9", proxies, written=written))

        assert client_address(request) == "203.0.113.9"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("nonsense", "0.0.0.0/24"),
    ],
)
def test_networks(rf: Any, address: str, network: str) -> None:
    assert client_network(rf.get("/", REMOTE_ADDR=address)) == network
