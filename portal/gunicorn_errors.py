"""The answer where gunicorn refuses a request before Django gets it."""

import json
from typing import Any

from gunicorn import util


def write_json_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """Answer a request that gunicorn refuses before the portal gets it (a line or header too long, broken).

    In JSON like every error of the API: here nobody knows yet which address was meant.
    """
    body = json.dumps({"detail": f"{reason}. {mesg}".strip()})
    lines = [
        f"HTTP/1.1 {status_int} {reason}",
        "Connection: close",
        "Content-Type: application/json",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        f"Content-Length: {len(body)}",
    ]
    util.write_nonblock(sock, ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin1", "replace"))
