"""Who a visitor is: one IPv4 address or one IPv6 /64 (what a provider gives to one household)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def visitor_address(request: HttpRequest) -> str:
    """Return the IP address of the visitor: that of the connection, or the one our own proxies saw.

    Of ``X-Forwarded-For`` only as many entries from the end count as TRUSTED_PROXIES says; a visitor can
    write the others.
    """
    direct = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR") or "")
    if not settings.TRUSTED_PROXIES or not forwarded:
        return direct
    entries = [entry.strip() for entry in forwarded.split(",")]
    return _without_port(entries[-min(settings.TRUSTED_PROXIES, len(entries))])


def visitor_of(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address or an IPv6 /64; the text itself if it is none."""
    found = _parsed(address)
    return f"{_beginning(found, 64)}/64" if isinstance(found, IPv6Address) else str(found)


def network_of(address: str) -> str:
    """Return the network of an IP address: /24 or /48; the text itself if it is none."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return f"{_beginning(found, 48)}/48"
    return f"{str(found).rpartition('.')[0]}.0/24" if isinstance(found, IPv4Address) else found


def _beginning(address: IPv6Address, bits: int) -> IPv6Address:
    return IPv6Address(int(address) >> (128 - bits) << (128 - bits))


def _parsed(address: str) -> IPv4Address | IPv6Address | str:
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _without_port(entry: str) -> str:
    """Return an entry of ``X-Forwarded-For`` without the port that some proxies add: it changes with every use."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
