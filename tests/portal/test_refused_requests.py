"""Requests that gunicorn refuses before Django sees them."""

import json
import socket

from portal.gunicorn_errors import write_error


def test_refusal_is_json_with_safe_headers() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write_error(ours, 414, "URI Too Long", "Request Line is too large (9000 > 8190)")
        answer = theirs.recv(65536).decode()

    head, body = answer.split("\r\n\r\n")
    assert head.startswith("HTTP/1.1 414 URI Too Long\r\n")
    assert "Content-Type: application/json" in head
    assert "Content-Security-Policy: default-src 'none'" in head
    assert f"Content-Length: {len(body)}" in head
    assert json.loads(body) == {"detail": "URI Too Long. Request Line is too large (9000 > 8190)"}
