"""The only place that fetches a website somebody submitted. For the worker: nothing that answers a visitor calls it.

Whoever submits a website chooses where our server connects to. So a name is resolved once, every address it has
must be part of the public internet, and the connection goes to exactly the address that was checked; each redirect
is checked again; time and size are limited, whatever the other side does. :func:`fetch` never raises for the faults
of the other side: the result says what was the matter.
"""

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin

import dns.exception
import dns.resolver
import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from webcheck.addresses import IPAddress, is_public
from webcheck.pages import Page, read_page
from webcheck.urls import AddressRefused, Target, parse_address

TOTAL_SECONDS = 10.0
MAX_BYTES = 512 * 1024
MAX_REDIRECTS = 5
#: What is said of redirects that we stop following, though each of them is an answer.
IN_A_CIRCLE, TOO_OFTEN = "It redirects in a circle.", f"It redirects more than {MAX_REDIRECTS} times."
_CONNECT_SECONDS = 4.0
_RESOLVE_SECONDS = 4.0
_MAX_ADDRESSES = 4
_CHUNK = 16 * 1024
_TEXT_TYPES = {"text/html", "application/xhtml+xml", "text/plain", ""}
_REDIRECTS = {301, 302, 303, 307, 308}

#: Returns all addresses of a host name within so many seconds, none if it has none; OSError where nobody answers.
Resolver = Callable[[str, float], Sequence[str]]
#: Opens a connection to an IP address and port within so many seconds.
ConnectionFactory = Callable[[tuple[str, int], float], socket.socket]


class Outcome(StrEnum):
    """The outcome of a fetch."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    HTTP_ERROR = "http error"


@dataclass(frozen=True)
class Fetched:
    """The result of a fetch, in a form that can be stored."""

    outcome: Outcome
    #: Where the last request went.
    url: str
    #: One sentence for staff; empty if all is well.
    reason: str = ""
    #: What the server answered, also where the rest of its answer broke off.
    status: int | None = None
    title: str = ""
    #: What the page says its language is, such as "en" or "en-GB".
    language: str = ""
    #: The beginning of the visible text, at most 2,000 characters.
    text: str = ""
    #: The page is longer than what was read.
    is_cut: bool = False

    @property
    def cannot_be_checked(self) -> bool:
        """Whether it was our own rules that ended it without an answer, so that nothing is known about the site."""
        return self.status is None and (self.outcome == Outcome.REFUSED or self.reason in (IN_A_CIRCLE, TOO_OFTEN))


class _Unreachable(Exception):
    """The other side did not answer as it should; the text says how.

    ``status`` is there if it answered, but the rest of its answer was of no use.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Fetcher:
    """Fetches pages. Production uses :func:`fetch`; tests make one with servers of their own."""

    def __init__(
        self,
        *,
        resolver: Resolver | None = None,
        connect: ConnectionFactory | None = None,
        ssl_context: ssl.SSLContext | None = None,
        permitted_for_tests: frozenset[tuple[str, int]] = frozenset(),
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """Make a fetcher.

        ``permitted_for_tests`` holds pairs of IP address and port that are taken though they are not public. No
        setting leads here: production calls :func:`fetch`, which has no such argument.
        """
        self._resolve = resolver or resolve
        self._connect = connect or _connect
        self._ssl_context = ssl_context
        self._permitted = permitted_for_tests
        self._total_seconds = total_seconds

    def fetch(self, url: str) -> Fetched:
        """Fetch the page at ``url``, following redirects."""
        deadline = time.monotonic() + self._total_seconds
        seen: set[str] = set()
        try:
            for _hop in range(MAX_REDIRECTS + 1):
                if url in seen:
                    return Fetched(Outcome.UNREACHABLE, url, IN_A_CIRCLE)
                seen.add(url)
                result = self._one(url, deadline)
                if isinstance(result, Fetched):
                    return result
                url = result
            return Fetched(Outcome.UNREACHABLE, url, TOO_OFTEN)
        except AddressRefused as refused:
            return Fetched(Outcome.REFUSED, url, str(refused))
        except _Unreachable as problem:
            return Fetched(Outcome.UNREACHABLE, url, str(problem), status=problem.status)

    def _one(self, url: str, deadline: float) -> Fetched | str:
        """Return the result of one request, or where it redirects to."""
        target = parse_address(url, {port for _address, port in self._permitted})
        addresses = self._addresses(target, deadline)
        guard = _Guard(deadline)
        too_slow = f"It did not answer within {self._total_seconds:g} seconds."
        status: int | None = None
        try:
            with guard, contextlib.closing(self._request(target, addresses, guard, deadline)) as response:
                status = response.status
                if response.status in _REDIRECTS and (location := response.headers.get("Location")):
                    result: Fetched | str = _redirect(url, location)
                else:
                    result = self._read(url, response)
            if guard.is_over:  # a cut connection looks like an answer that ends
                raise _Unreachable(too_slow, status)
            return result
        except ssl.SSLError as error:
            raise _Unreachable(_tls_reason(error), status) from error
        except (HTTPError, HTTPException, OSError, ValueError, zlib.error) as error:
            if guard.is_over or time.monotonic() >= deadline:
                raise _Unreachable(too_slow, status) from error
            if isinstance(cause := _root(error), ssl.SSLError):
                raise _Unreachable(_tls_reason(cause), status) from error
            if isinstance(cause, TimeoutError):
                raise _Unreachable("It did not answer in time.", status) from error
            if isinstance(cause, ConnectionRefusedError):
                raise _Unreachable("Its server refuses connections.", status) from error
            raise _Unreachable("The connection failed or the answer was broken.", status) from error

    def _addresses(self, target: Target, deadline: float) -> list[IPAddress]:
        """Return the checked addresses of the target, IPv4 first. One that is not public spoils all."""
        try:
            found = [ipaddress.ip_address(target.host)]
        except ValueError:
            try:
                names = self._resolve(target.host, max(0.1, min(_RESOLVE_SECONDS, deadline - time.monotonic())))
                found = [ipaddress.ip_address(name) for name in names]
            except (OSError, ValueError) as error:
                raise _Unreachable("Its name could not be looked up; try again later.") from error
        if not found:
            raise _Unreachable("Its name does not exist.")
        for address in found:
            if not is_public(address) and (str(address), target.port) not in self._permitted:
                raise AddressRefused("It leads to an address that is not public. We do not connect there.")
        return sorted(dict.fromkeys(found), key=lambda address: address.version)[:_MAX_ADDRESSES]

    def _request(
        self, target: Target, addresses: list[IPAddress], guard: "_Guard", deadline: float
    ) -> urllib3.BaseHTTPResponse:
        """Send the request to the first address that takes the connection."""
        problem: Exception | None = None
        for address in addresses:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                break
            try:
                opened = self._connect((str(address), target.port), min(_CONNECT_SECONDS, remaining))
            except OSError as error:
                problem = error
                continue
            guard.watch(opened)
            return self._send(target, str(address), opened, max(0.1, deadline - time.monotonic()))
        raise problem or TimeoutError

    def _send(self, target: Target, address: str, opened: socket.socket, seconds: float) -> urllib3.BaseHTTPResponse:
        """Send the request over a connection that is open already."""
        opened.settimeout(seconds)
        timeout = urllib3.Timeout(connect=seconds, read=seconds)
        pool: urllib3.HTTPConnectionPool
        if target.scheme == "https":
            context = self._ssl_context or ssl.create_default_context()
            pool = urllib3.HTTPSConnectionPool(
                address, target.port, timeout=timeout, ssl_context=context, server_hostname=target.host
            )
            pool.ConnectionCls = type("PinnedHTTPS", (HTTPSConnection,), {"_new_conn": lambda _self: opened})
        else:
            pool = urllib3.HTTPConnectionPool(address, target.port, timeout=timeout)
            pool.ConnectionCls = type("PinnedHTTP", (HTTPConnection,), {"_new_conn": lambda _self: opened})
        return pool.urlopen(
            "GET",
            target.path,
            headers={
                "Host": target.authority,
                "User-Agent": user_agent(),
                "Accept": "text/html,application/xhtml+xml,text/plain;q=0.5",
                "Accept-Encoding": "gzip",
                "Accept-Language": "en, *;q=0.5",
                "Connection": "close",
            },
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )

    def _read(self, url: str, response: urllib3.BaseHTTPResponse) -> Fetched:
        """Return the result that an answer makes."""
        result = Fetched(Outcome.OK, url, status=response.status)
        if not 200 <= response.status < 300:
            return replace(result, outcome=Outcome.HTTP_ERROR, reason=f"It answers with the error {response.status}.")
        kind, _, parameters = response.headers.get("Content-Type", "").partition(";")
        kind = kind.strip().lower()
        if kind not in _TEXT_TYPES:
            return replace(result, outcome=Outcome.REFUSED, reason=f"It is no page but {kind[:60]!r}.")
        content, is_cut = _body(response)
        page: Page = read_page(content, parameters)
        return replace(result, title=page.title, language=page.language, text=page.text, is_cut=is_cut)


def fetch(url: str) -> Fetched:
    """Fetch the page at ``url``, a website that somebody submitted; only for tasks of the worker.

    Takes at most 10 seconds and reads at most 512 kB. Never raises for faults of the other side.
    """
    return Fetcher().fetch(url)


def user_agent() -> str:
    """Return who we say we are, with an address for complaints."""
    contact = "".join(letter for letter in settings.DEFAULT_FROM_EMAIL if letter.isascii() and letter.isprintable())
    return f"ClusterPortal/1.0 (checks websites submitted to a catalogue of clusters; contact: {contact})"


def resolve(host: str, seconds: float) -> list[str]:
    """Return all addresses of ``host``, from DNS only, in at most about ``seconds``.

    Raises OSError where no name server answers.
    """
    try:
        answers = dns.resolver.Resolver().resolve_name(host, lifetime=seconds, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
        return []
    except dns.exception.DNSException as error:
        raise OSError("no answer from the name servers") from error
    return list(answers.addresses())


def _redirect(url: str, location: str) -> str:
    """Return where a redirect leads."""
    with contextlib.suppress(UnicodeError):
        # Servers send other letters than ASCII as bytes, which arrive as Latin-1.
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location.strip()).partition("#")[0]
    except ValueError:
        raise _Unreachable("It redirects to something that is no address.") from None


class _Guard(contextlib.AbstractContextManager["_Guard"]):
    """Cuts the connection when the time is over: a server that sends a byte now and then meets every other limit."""

    def __init__(self, deadline: float) -> None:
        self.is_over = False
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Guard":
        self._timer.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self._timer.cancel()
        with self._lock:
            if self._line:
                self._line.close()
                self._line = None

    def watch(self, opened: socket.socket) -> None:
        """Watch over a connection. A second handle of it, since TLS takes the first one over."""
        with self._lock:
            self._line = opened.dup()
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        self.is_over = True
        with self._lock, contextlib.suppress(OSError):
            if self._line:
                self._line.shutdown(socket.SHUT_RDWR)


def _connect(address: tuple[str, int], seconds: float) -> socket.socket:
    # The address is an IP address, so that nothing is looked up here again.
    return socket.create_connection(address, timeout=seconds)


def _body(response: urllib3.BaseHTTPResponse) -> tuple[bytes, bool]:
    """Return at most MAX_BYTES of the content, unpacked, and whether there was more."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        chunks: Iterator[bytes] = _raw(response)
    elif encoding in ("gzip", "x-gzip", "deflate"):
        chunks = _unpacked(_raw(response))
    else:
        return b"", True
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > MAX_BYTES:
            return bytes(found[:MAX_BYTES]), True
    return bytes(found), False


def _raw(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Return the content as it comes, not more than MAX_BYTES and a bit."""
    read = 0
    for chunk in response.stream(_CHUNK, decode_content=False):
        yield chunk
        read += len(chunk)
        if read > MAX_BYTES:
            return


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip or deflate in small pieces: a bomb is noticed before it goes off."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    for packed in chunks:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _CHUNK)
            packed = unpacker.unconsumed_tail


def _root(error: BaseException) -> BaseException:
    """Return what lies behind an error of urllib3."""
    for _step in range(8):
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if isinstance(error, ssl.SSLError | TimeoutError | ConnectionRefusedError) or not isinstance(
            inner, BaseException
        ):
            break
        error = inner
    return error


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Its certificate is not valid for this address."
    return "No safe connection (TLS) could be made."
