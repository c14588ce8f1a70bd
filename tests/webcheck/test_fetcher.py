"""A submitted website leads our server nowhere but to the public page it names, and takes little time and memory."""

import gzip
import itertools
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

import pytest

from tests.webcheck.servers import TLS, Server, answer, serving
from webcheck import fetcher
from webcheck.addresses import is_public
from webcheck.fetcher import MAX_BYTES, Fetched, Fetcher, Outcome, fetch
from webcheck.pages import read_page

PAGE = b"""<!doctype html><html class="x" lang="en-GB"><head><meta charset="utf-8"><title> Alpha &amp; Friends
</title><style>p { color: red }</style><script>var a = "<p>no</p>";</script></head>
<body><!-- hidden --><h1>We are Alpha</h1><p>Photonics in Bordeaux \xc3\xa9.</p></body></html>"""


def fetcher_for(*servers: Server, names: dict[str, Sequence[str]] | None = None, **options: Any) -> Fetcher:
    """Return a fetcher that may go to these servers, to which all names lead by default."""
    addresses = names or {}
    return Fetcher(
        resolver=lambda host, _seconds: addresses.get(host, [server.host for server in servers][:1]),
        permitted_for_tests=frozenset(server.pair for server in servers),
        **options,
    )


def trusting() -> ssl.SSLContext:
    """Return a context that trusts the authority of the tests."""
    return ssl.create_default_context(cafile=str(TLS / "authority.pem"))


# --- What is read ------------------------------------------------------------------------------


def test_page_is_read() -> None:
    with serving(answer(PAGE)) as server:
        url = f"http://alpha.example:{server.port}/about us/é?q=a b".replace(" ", "%20")
        found = fetcher_for(server).fetch(url)

    assert found == Fetched(
        outcome=Outcome.OK, url=url, status=200, title="Alpha & Friends", language="en-GB",
        text="We are Alpha Photonics in Bordeaux é.",
    )  # fmt: skip
    lines = server.requests[0].splitlines()
    assert lines[0] == "GET /about%20us/%C3%A9?q=a%20b HTTP/1.1"
    assert f"Host: alpha.example:{server.port}" in lines
    assert f"User-Agent: {fetcher.user_agent()}" in lines
    assert "catalogue of clusters; contact: portal@portal.example" in fetcher.user_agent()
    assert not [line for line in lines if line.lower().startswith(("cookie", "authorization", "referer"))]


def test_packed_page_is_read() -> None:
    with serving(answer(gzip.compress(PAGE), Content_Encoding="gzip")) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}")

    assert (found.outcome, found.title) == (Outcome.OK, "Alpha & Friends")


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "304 Not Modified", "302 Found", "204 No Content"])
def test_status_is_in_the_result(status: str) -> None:
    with serving(answer(b"", status)) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/")

    number = int(status[:3])
    assert found.status == number
    assert found.outcome == (Outcome.OK if number == 204 else Outcome.HTTP_ERROR)
    assert found.reason == ("" if number == 204 else f"It answers with the error {number}.")


def test_other_files_are_not_read() -> None:
    with serving(answer(b"%PDF-1.7", Content_Type="application/pdf")) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/")

    assert (found.outcome, found.reason, found.text) == (Outcome.REFUSED, "It is no page but 'application/pdf'.", "")


@pytest.mark.parametrize(
    ("content", "parameters", "title"),
    [
        ("<title>Łódź</title>".encode("iso-8859-2"), "charset=iso-8859-2", "Łódź"),
        ('<meta charset="windows-1252"><title>Pôle</title>'.encode("windows-1252"), "", "Pôle"),
        ("<title>Pôle</title>".encode("windows-1252"), "", "Pôle"),
        ("<title>Pôle</title>".encode("utf-8-sig"), "charset=latin-1", "Pôle"),
        (b"<title>a\x00b\x07</title>", "charset=unicode_escape", "ab"),
        (b"<title>" + b"x" * 5000, "", "x" * 200),
        (b"<title></title>", "charset=nothing", ""),
        ("<title>é".encode() + b"\xc3", "", "é"),
        (b"no title", "", ""),
    ],
)
def test_letters_of_a_page(content: bytes, parameters: str, title: str) -> None:
    assert read_page(content, parameters).title == title


@pytest.mark.parametrize(
    "content",
    [b"<" * 500_000, b"<div>" * 100_000, b"<!--" * 120_000, b"<html " * 80_000, b"<script" * 70_000, b"<title" * 70_000,
     b"&" * 500_000, b"<![" * 160_000, b"<a " + b"x=" * 240_000, b"lang=" * 100_000, b"\xff" * 500_000, b"</" * 250_000],
)  # fmt: skip
def test_no_page_takes_long_to_read(content: bytes) -> None:
    start = time.process_time()
    read_page(content[:MAX_BYTES])

    assert time.process_time() - start < 1.5


# --- Where it does not go ----------------------------------------------------------------------

PRIVATE = [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.9.9",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "fe80::1", "fec0::1", "fc00::1",
    "fd12:3456::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001::1", "2001:db8::1", "100::1", "3fff::1", "4000::1", "fe80::1%1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "193.0.6.139",
    "100.63.255.255",
    "172.32.0.1",
    "2a00:1450:4001::8a",
    "2606:4700::1111",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", [*PRIVATE, str(ip_address(0))])
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    with no_connections() as attempts:
        by_name = Fetcher(resolver=lambda _host, _seconds: [address], connect=attempts).fetch("http://alpha.example/")

    assert (by_name.outcome, by_name.reason) == (
        Outcome.REFUSED,
        "It leads to an address that is not public. We do not connect there.",
    )


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


class no_connections:  # noqa: N801 - reads as what it is
    """A connection factory that must not be called."""

    def __enter__(self) -> "no_connections":
        self.called: list[tuple[str, int]] = []
        return self

    def __exit__(self, *_error: object) -> None:
        assert self.called == []

    def __call__(self, address: tuple[str, int], seconds: float) -> socket.socket:
        """Remember the attempt and refuse it."""
        self.called.append(address)
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/", "It leads to an address that is not public."),
        ("http://[::1]/", "It leads to an address that is not public."),
        ("http://[::ffff:127.0.0.1]/", "It leads to an address that is not public."),
        ("http://[::ffff:7f00:1]:80/", "It leads to an address that is not public."),
        ("http://[64:ff9b::7f00:1]/", "It leads to an address that is not public."),
        ("http://[2002:7f00:1::]/", "It leads to an address that is not public."),
        ("http://[fe80::1%25eth0]/", "This is no web address."),
        ("http://169.254.169.254/latest/meta-data/", "It leads to an address that is not public."),
        ("http://2130706433/", "The address is written as a number."),
        ("http://0177.0.0.1/", "The address is written as a number."),
        ("http://0x7f000001/", "The address is written as a number."),
        ("http://0x7f.1/", "The address is written as a number."),
        ("http://127.1/", "The address is written as a number."),
        ("http://127.0.0.1./", "It leads to an address that is not public."),
        ("http://127。0。0。1/", "The address is written as a number."),
        ("http://１２７.0.0.1/", "The address is written as a number."),
        ("http://localhost/", "This is no web address."),
        ("http://alpha.example:8000/", "It uses port 8000; only 80 and 443 are fetched."),
        ("http://alpha.example:0/", "It uses port 0; only 80 and 443 are fetched."),
        ("http://alpha.example:99999/", "This is no web address."),
        ("ftp://alpha.example/", "Only addresses that begin with http:// or https:// are fetched."),
        ("file:///etc/passwd", "Only addresses that begin with http:// or https:// are fetched."),
        ("gopher://alpha.example/", "Only addresses that begin with http:// or https:// are fetched."),
        ("alpha.example", "Only addresses that begin with http:// or https:// are fetched."),
        ("http://user:secret" + "@alpha.example/", "The address holds a user name or password."),
        ("http://alpha.example" + "@127.0.0.1/", "The address holds a user name or password."),
        ("http://alpha.example\\@127.0.0.1/", "This is no web address."),
        ("http://alpha.example/\r\nX-Injected: 1", "This is no web address."),
        ("http://alpha.example/ a", "This is no web address."),
        ("http://[broken/", "This is no web address."),
        ("http:///path", "This is no web address."),
        ("http://a..b.example/", "This is no web address."),
        ("", "Only addresses that begin with http:// or https:// are fetched."),
        ("http://alpha.example/" + "x" * 3000, "This is no web address."),
    ],
)
def test_addresses_that_are_refused(url: str, reason: str) -> None:
    with no_connections() as attempts:
        found = Fetcher(resolver=lambda _host, _seconds: ["127.0.0.1"], connect=attempts).fetch(url)

    assert found.outcome == Outcome.REFUSED
    assert found.reason.startswith(reason)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with no_connections() as attempts:
        found = Fetcher(resolver=lambda _host, _seconds: ["193.0.6.139", "10.0.0.1"], connect=attempts).fetch(
            "https://alpha.example/"
        )

    assert found.outcome == Outcome.REFUSED


def test_production_may_not_go_to_loopback() -> None:
    with serving(answer(PAGE)) as server:
        found = fetch(f"http://127.0.0.1:{server.port}/")

    assert (found.outcome, server.requests) == (Outcome.REFUSED, [])


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/admin/", "http://[::1]/", "//169.254.169.254/", "http://inside.example/", "https://10.0.0.1/", "ftp://alpha.example/",
     "http://2130706433/", "file:///etc/passwd", "http://alpha.example:22/"],
)  # fmt: skip
def test_redirects_are_checked_anew(location: str) -> None:
    names = {"alpha.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}
    with serving(answer(b"", "302 Found", Location=location)) as server:
        found = fetcher_for(server, names=names).fetch(f"http://alpha.example:{server.port}/")

    assert found.outcome == Outcome.REFUSED
    assert found.status is None
    assert len(server.requests) == 1


def test_redirects_are_followed() -> None:
    def redirect(request: str, connection: socket.socket) -> None:
        paths = {"/": "/a", "/a": f"http://beta.example:{server.port}/b#part", "/b": "/Pôle"}
        path = request.split()[1]
        connection.sendall(answer(b"", "301 Moved", Location=paths[path]) if path in paths else answer(PAGE))

    with serving(redirect) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/")

    assert (found.outcome, found.title) == (Outcome.OK, "Alpha & Friends")
    assert [request.split()[1] for request in server.requests] == ["/", "/a", "/b", "/P%C3%B4le"]
    assert f"Host: beta.example:{server.port}" in server.requests[2]


@pytest.mark.parametrize(
    ("endless", "reason", "requests"),
    [(False, "It redirects in a circle.", 2), (True, "It redirects more than 5 times.", 6)],
)
def test_redirects_come_to_an_end(endless: bool, reason: str, requests: int) -> None:
    numbers = itertools.count(1) if endless else itertools.cycle([1, 0])

    def redirect(_request: str, connection: socket.socket) -> None:
        connection.sendall(answer(b"", "302 Found", Location=f"/{next(numbers)}"))

    with serving(redirect) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/0")

    assert (found.outcome, found.reason, len(server.requests)) == (Outcome.UNREACHABLE, reason, requests)


def test_a_name_is_looked_up_once_and_the_connection_goes_there() -> None:
    """DNS rebinding: the second answer would lead elsewhere, but nobody asks."""
    answers: Iterator[list[str]] = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], seconds: float) -> socket.socket:
        connected.append(address)
        return socket.create_connection(address, seconds)

    with serving(answer(PAGE)) as server:
        found = Fetcher(
            resolver=lambda _host, _seconds: next(answers),
            connect=connect,
            permitted_for_tests=frozenset([server.pair]),
        ).fetch(f"http://alpha.example:{server.port}/")

    assert found.outcome == Outcome.OK
    assert connected == [server.pair]
    assert next(answers) == ["10.0.0.1"]


def test_rebinding_between_redirects_is_refused() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    with serving(answer(b"", "302 Found", Location="/again")) as server:
        found = Fetcher(
            resolver=lambda _host, _seconds: next(answers), permitted_for_tests=frozenset([server.pair])
        ).fetch(f"http://alpha.example:{server.port}/")

    assert (found.outcome, len(server.requests)) == (Outcome.REFUSED, 1)


# --- HTTPS -------------------------------------------------------------------------------------


def test_https_asks_for_the_right_name_and_checks_the_certificate() -> None:
    with serving(answer(PAGE), tls=True) as server:
        found = fetcher_for(server, ssl_context=trusting()).fetch(f"https://alpha.example:{server.port}/")

    assert (found.outcome, found.title) == (Outcome.OK, "Alpha & Friends")
    assert server.names == ["alpha.example"]
    assert f"Host: alpha.example:{server.port}" in server.requests[0]


def test_https_over_ipv6_to_an_ip_address() -> None:
    with serving(answer(PAGE), host="::1", tls=True) as server:
        found = fetcher_for(server, ssl_context=trusting()).fetch(f"https://[::1]:{server.port}/")

    assert (found.outcome, found.title) == (Outcome.OK, "Alpha & Friends")
    assert f"Host: [::1]:{server.port}" in server.requests[0]


@pytest.mark.parametrize(("host", "trusted"), [("beta.example", True), ("alpha.example", False)])
def test_wrong_certificate(host: str, trusted: bool) -> None:
    options = {"ssl_context": trusting()} if trusted else {}
    with serving(answer(PAGE), tls=True) as server:
        found = fetcher_for(server, **options).fetch(f"https://{host}:{server.port}/")

    assert (found.outcome, found.reason) == (Outcome.UNREACHABLE, "Its certificate is not valid for this address.")
    assert server.requests == []


def test_no_tls_behind_https() -> None:
    with serving(answer(PAGE)) as server:
        found = fetcher_for(server, total_seconds=2).fetch(f"https://alpha.example:{server.port}/")

    assert found.outcome == Outcome.UNREACHABLE


# --- Time and size -----------------------------------------------------------------------------


def drip(first: bytes, more: bytes) -> Any:
    """Return a handler that sends ``first`` and then ``more`` again and again, slowly."""

    def handler(_request: str, connection: socket.socket) -> None:
        connection.sendall(first)
        for _second in range(100):
            connection.sendall(more)
            time.sleep(0.1)

    return handler


@pytest.mark.parametrize(
    "handler",
    [
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"<p>"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        lambda _request, connection: time.sleep(5),
    ],
    ids=["status", "headers", "body", "continue", "chunks", "silence"],
)
def test_slow_answers_are_cut(handler: Any, request: pytest.FixtureRequest) -> None:
    with serving(handler) as server:
        start = time.monotonic()
        found = fetcher_for(server, total_seconds=1).fetch(f"http://alpha.example:{server.port}/")
        seconds = time.monotonic() - start

    assert (found.outcome, found.reason) == (Outcome.UNREACHABLE, "It did not answer within 1 seconds.")
    # What was answered before it broke off is in the result.
    assert found.status == (200 if request.node.callspec.id in ("headers", "body", "chunks") else None)
    assert not found.cannot_be_checked
    assert seconds < 3


def test_slow_handshake_is_cut() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    try:
        start = time.monotonic()
        found = Fetcher(
            resolver=lambda _host, _seconds: ["127.0.0.1"],
            permitted_for_tests=frozenset([("127.0.0.1", port)]),
            total_seconds=1,
        ).fetch(f"https://alpha.example:{port}/")
    finally:
        listener.close()

    assert found.outcome == Outcome.UNREACHABLE
    assert time.monotonic() - start < 3


def test_redirects_share_one_time() -> None:
    numbers = itertools.count(1)

    def slow(_request: str, connection: socket.socket) -> None:
        time.sleep(0.5)
        connection.sendall(answer(b"", "302 Found", Location=f"/{next(numbers)}"))

    with serving(slow) as server:
        start = time.monotonic()
        found = fetcher_for(server, total_seconds=1).fetch(f"http://alpha.example:{server.port}/")

    assert (found.outcome, found.reason) == (Outcome.UNREACHABLE, "It did not answer within 1 seconds.")
    assert time.monotonic() - start < 2.5


def test_endless_body_is_cut() -> None:
    sent = 0

    def endless(_request: str, connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Alpha</title>")
        while sent < 50_000_000:
            sent += connection.send(b"<p>more</p>" * 1000)

    with serving(endless) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/")

    assert (found.outcome, found.title, found.is_cut) == (Outcome.OK, "Alpha", True)
    assert sent < 20_000_000


@pytest.mark.parametrize("layers", [1, 2])
def test_bomb_does_not_go_off(layers: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"<title>Alpha</title>")
    bomb += b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    if layers == 2:
        bomb = gzip.compress(bomb)
    with serving(answer(bomb, Content_Encoding="gzip" if layers == 1 else "gzip, gzip")) as server:
        tracemalloc.start()
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert found.outcome == Outcome.OK
    assert found.is_cut
    assert found.title == ("Alpha" if layers == 1 else "")
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 5000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        answer(b"not gzip", Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: text/html\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        answer(b"", "302 Found", Location="http://[broken"),
    ],
    ids=["nothing", "nonsense", "status", "many headers", "long header", "no gzip", "short", "no chunk", "location"],
)
def test_broken_answers_raise_nothing(broken: bytes) -> None:
    with serving(broken) as server:
        found = fetcher_for(server).fetch(f"http://alpha.example:{server.port}/")

    assert found.outcome in (Outcome.UNREACHABLE, Outcome.REFUSED)
    assert found.reason


def test_names_that_do_not_exist_and_servers_that_are_away() -> None:
    def silent(_host: str, _seconds: float) -> list[str]:
        raise OSError("no name server")

    with serving(answer(PAGE)) as server:
        gone = server.pair
    url = f"http://alpha.example:{gone[1]}/"
    permitted = frozenset([gone])

    outcomes = [
        Fetcher(resolver=lambda _host, _seconds: [], permitted_for_tests=permitted).fetch(url),
        Fetcher(resolver=silent, permitted_for_tests=permitted).fetch(url),
        Fetcher(resolver=lambda _host, _seconds: ["127.0.0.1"], permitted_for_tests=permitted).fetch(url),
    ]

    assert [(found.outcome, found.reason) for found in outcomes] == [
        (Outcome.UNREACHABLE, "Its name does not exist."),
        (Outcome.UNREACHABLE, "Its name could not be looked up; try again later."),
        (Outcome.UNREACHABLE, "Its server refuses connections."),
    ]


def test_the_next_address_is_tried() -> None:
    with serving(answer(PAGE)) as server:
        names = {"alpha.example": ["127.0.0.1", "::1"]}
        permitted = frozenset([server.pair, ("::1", server.port)])
        tried: list[str] = []

        def connect(address: tuple[str, int], seconds: float) -> socket.socket:
            tried.append(address[0])
            if len(tried) == 1:
                raise ConnectionRefusedError
            return socket.create_connection(server.pair, seconds)

        found = Fetcher(
            resolver=lambda host, _seconds: names[host], connect=connect, permitted_for_tests=permitted
        ).fetch(f"http://alpha.example:{server.port}/")

    assert (found.outcome, tried) == (Outcome.OK, ["127.0.0.1", "::1"])
