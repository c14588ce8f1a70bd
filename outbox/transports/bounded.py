"""smtplib with an end to everything.

The timeout of smtplib is for one read of the socket: a server that sends a byte now and then, or line after line of
one answer, never reaches it. Here every answer has an end in time, lines and bytes, and the whole conversation about
one mail has an end in time.
"""

from __future__ import annotations

import io
import smtplib
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

#: Lines and bytes of one answer. EHLO, the longest in use, has about 20 lines; RFC 5321 allows 512 bytes for a line.
MAX_LINES = 100
MAX_BYTES = MAX_LINES * 512
#: Sent at once. A TLS record holds as much: sendall() of a TLS socket starts its timeout again for each record.
CHUNK = 16 * 1024


class AnswerTooLong(OSError):
    """The server does not come to the end of an answer."""


class _Incoming(io.RawIOBase):
    """What a socket receives, each read within the time that is left for the answer."""

    def __init__(self, client: _Bounded) -> None:
        self._client = client

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        sock = self._client.sock
        if sock is None:
            return 0
        sock.settimeout(self._client.seconds_left())
        return sock.recv_into(buffer)


class _Answers(io.BufferedReader):
    """The lines of a server; raises AnswerTooLong within one answer, TimeoutError after its time."""

    def __init__(self, client: _Bounded) -> None:
        super().__init__(_Incoming(client))
        self.begin()

    def begin(self) -> None:
        """Count for the next answer."""
        self._lines = self._bytes = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self._lines += 1
        if self._lines > MAX_LINES:
            raise AnswerTooLong(f"an answer of more than {MAX_LINES} lines")
        line = super().readline(size)
        self._bytes += len(line)
        if self._bytes > MAX_BYTES:
            raise AnswerTooLong(f"an answer of more than {MAX_BYTES} bytes")
        return line


if TYPE_CHECKING:
    _Client = smtplib.SMTP
else:
    _Client = object


class _Bounded(_Client):
    """What a client of smtplib lacks: ``patience`` seconds for each answer, and ``allow()`` for all of them."""

    def __init__(self, host: str, port: int, name: str, *, patience: float, seconds: float, **options: Any) -> None:
        """Connect and read the greeting; ``seconds`` are allowed for this and what follows, up to ``allow()``."""
        self.patience = patience
        self.allow(seconds)
        super().__init__(host, port, name, timeout=patience, **options)

    def allow(self, seconds: float) -> None:
        """Let the conversation go on for so many seconds from now, and no longer."""
        self._ends_at = self._answer_ends_at = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return the seconds left for what is going on; raises TimeoutError when there are none."""
        left = min(self._ends_at, self._answer_ends_at) - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _begin_step(self) -> None:
        self._answer_ends_at = time.monotonic() + self.patience

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # All addresses of a host share one time; smtplib alone gives it to each. The name is looked up by the system,
        # which has limits of its own.
        self._begin_step()
        problem: OSError = OSError(f"{host} has no address")
        for *_, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
            seconds = self.seconds_left()
            try:
                return super()._get_socket(address[0], port, seconds)  # type: ignore[misc]
            except OSError as error:
                problem = error
        raise problem

    def send(self, s: Any) -> None:
        """Send a command, for which the time of its answer counts."""
        if self.sock is not None:
            self._begin_step()
            self.sock.settimeout(self.seconds_left())
        super().send(s)

    def send_content(self, data: bytes) -> None:
        """Send a mail, whose end in time is that of the conversation."""
        for start in range(0, len(data), CHUNK):
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("The connection is closed.")
            self._answer_ends_at = self._ends_at
            self.sock.settimeout(self.seconds_left())
            self.sock.sendall(data[start : start + CHUNK])

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer within ``patience``."""
        if self.sock is not None and self.file is None:
            self.file = _Answers(self)
        if self.file is not None:
            self.file.begin()
        self._begin_step()
        answer = super().getreply()
        with suppress(TimeoutError):  # an answer that was just in time counts
            if self.sock is not None:
                self._begin_step()  # of the TLS handshake, should one follow
                self.sock.settimeout(self.seconds_left())
        return answer


class Client(_Bounded, smtplib.SMTP):
    """A client that begins without TLS."""


class TLSClient(_Bounded, smtplib.SMTP_SSL):
    """A client that begins with TLS."""
