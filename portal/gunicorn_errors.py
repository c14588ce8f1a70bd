"""The answer where gunicorn refuses a request before Django gets it."""

import json
import sys
from traceback import walk_tb
from typing import Any

from django.template.loader import render_to_string
from gunicorn import util

#: How much of an address that is too long is read and thrown away, and how long that may take.
_MOST_BYTES, _MOST_SECONDS = 4_000_000, 2


def write_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """Answer a request that gunicorn refuses before the portal gets it (a line or header too long, broken).

    In JSON like every error of the API; as a page if an address outside of the API was too long.
    """
    if status_int == 414 and _asks_for_page(_start_of_request()):
        kind, body = "text/html; charset=utf-8", render_to_string("414.html").encode()
    else:
        kind, body = "application/json", json.dumps({"detail": f"{reason}. {mesg}".strip()}).encode()
    lines = [
        f"HTTP/1.1 {status_int} {reason}",
        "Connection: close",
        f"Content-Type: {kind}",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; style-src 'self'; frame-ancestors 'none'",
        f"Content-Length: {len(body)}",
    ]
    util.write_nonblock(sock, ("\r\n".join(lines) + "\r\n\r\n").encode("latin1", "replace") + body)
    if status_int == 414:
        _read_on(sock)


def _asks_for_page(start: bytes) -> bool:
    method, _space, path = start.partition(b" ")
    return method in (b"GET", b"HEAD") and path.startswith(b"/") and not path.startswith(b"/api/")


def _start_of_request() -> bytes:
    """Return what gunicorn had read when it gave up: only the frame that failed has it."""
    error = sys.exc_info()[1]
    frames = [frame for frame, _line in walk_tb(error.__traceback__)] if error else []
    return bytes(frames[-1].f_locals.get("data", b"")) if frames else b""


def _read_on(sock: Any) -> None:
    """Read what the browser still sends: closed before that, the connection breaks and the answer is lost."""
    sock.settimeout(_MOST_SECONDS)
    left = _MOST_BYTES
    try:
        sock.shutdown(1)  # nothing more to write; the browser closes its side when it has read all
        while left > 0 and (part := sock.recv(65_536)):
            left -= len(part)
    except OSError:
        pass
