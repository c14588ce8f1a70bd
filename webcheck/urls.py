"""Web addresses that somebody typed, taken apart: what we are willing to fetch, before any name is looked up."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_MAX_LENGTH = 2000
_PORTS = {"http": 80, "https": 443}


class AddressRefused(Exception):
    """An address that we do not connect to; the text says why."""


@dataclass(frozen=True)
class Target:
    """An address taken apart and checked."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return what the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse_address(url: str, more_ports: Collection[int] = ()) -> Target:
    """Take ``url`` apart.

    Ports are 80 and 443; tests may add ``more_ports``. Raises AddressRefused for what we do not fetch.
    """
    if len(url) > _MAX_LENGTH or any(letter <= " " or letter in "\\\x7f" for letter in url):
        raise AddressRefused("This is no web address.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise AddressRefused("This is no web address.") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("Only addresses that begin with http:// or https:// are fetched.")
    if "@" in parts.netloc:
        raise AddressRefused("The address holds a user name or password. Take it out.")
    host = _ascii_host(host)
    port = _PORTS[parts.scheme] if port is None else port
    if port not in _PORTS.values() and port not in more_ports:
        raise AddressRefused(f"It uses port {port}; only 80 and 443 are fetched.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Target(parts.scheme, host, port, path)


def _ascii_host(host: str) -> str:
    """Return ``host`` as it is asked for; raises AddressRefused if it is no name and no plain IP address."""
    if not host or "%" in host:
        raise AddressRefused("This is no web address.")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressRefused("This is no web address.") from None
    last = name.rpartition(".")[2]
    # 2130706433, 0177.0.0.1 and 0x7f.1 are ways to write 127.0.0.1 that some systems understand.
    if last.isdigit() or last.startswith("0x") or ":" in name:
        raise AddressRefused("The address is written as a number. Give its name.")
    if "." not in name or not all(letter.isalnum() or letter in "-._" for letter in name):
        raise AddressRefused("This is no web address.")
    return name
