"""Who a visitor is: one IPv4 address or one IPv6 /64, which is what a provider gives to one household.

Sign-in, the API and the public forms all count by this: one address more of the same /64, or another port, is
never another visitor.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address that counts as the visitor: an IPv4 address, or the first one of an IPv6 /64.

    With TRUSTED_PROXIES = n it is the n-th entry of ``X-Forwarded-For`` from the end: each of our proxies appends
    the address that it saw, and what is further left was written by whoever asks. With 0 the header is ignored.
    If that entry is no address ("unknown"), the next one to its right counts, at last the connection: these are
    our proxies, so visitors whom nobody can distinguish share a count instead of having none.

    The result is always valid, without port and zone, so that a database can store it; ``0.0.0.0`` if not even
    the connection has an address (a Unix socket).
    """
    hops = [str(request.META.get("REMOTE_ADDR") or "")]
    if settings.TRUSTED_PROXIES:
        # The server joins several lines of the header with commas, in their order.
        entries = str(request.META.get("HTTP_X_FORWARDED_FOR") or "").split(",")
        hops = [*entries[-settings.TRUSTED_PROXIES :], *hops]
    address = next(filter(None, map(_parsed, hops)), IPv4Address(0))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), 64), strict=False).network_address)
    return str(address)


def client_network(request: HttpRequest) -> str:
    """Return the network of the visitor: an IPv4 /24, or an IPv6 /48, which is what a provider gives to a company."""
    address = client_address(request)
    return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))


def _parsed(entry: str) -> IPv4Address | IPv6Address | None:
    """Return the address in an entry of ``X-Forwarded-For``; some proxies add the port, new with every connection."""
    entry = entry.strip()
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        found = ip_address(entry)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
