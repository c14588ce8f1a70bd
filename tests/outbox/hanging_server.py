"""A mail server that is well up to one stage of the conversation and comes to no end there."""

from __future__ import annotations

import base64
import socket
import threading
from collections import Counter
from contextlib import suppress

#: In the order of the conversation; each is answered by the line beside it.
ANSWERS = {
    "banner": "220 hanging.example",
    "EHLO": "250-hanging.example\r\n250-STARTTLS\r\n250 AUTH PLAIN",
    "STARTTLS": "220 go on",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 OK",
    "RCPT": "250 2.1.5 OK",
    "DATA": "354 go on",
    "dot": "250 2.0.0 taken",
    "RSET": "250 2.0.0 OK",
    "QUIT": "221 2.0.0 bye",
}


class HangingServer:
    """A server on this machine; ``with HangingServer("MAIL", "drip") as server: … server.port``.

    At ``stage`` it sends endless "lines" of one answer, "drip"s one byte after the other, or is in "silence"; at
    "handshake" and "body" it reads nothing. ``recipient`` restricts this to mails to that address.
    """

    def __init__(self, stage: str, manner: str, *, recipient: str = "") -> None:
        self.stage, self.manner, self.recipient = stage, manner, recipient
        self.taken: list[str] = []
        self.hangs: Counter[str] = Counter()
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Little is taken off the hands of a client whose mail nobody reads.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> HangingServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(OSError):  # wakes accept() up
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            connection, _address = self._listener.accept()
            self._threads.append(threading.Thread(target=self._talk, args=[connection], daemon=True))
            self._threads[-1].start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._answer(connection, "banner")
            recipient = ""
            with connection.makefile("rb") as lines:
                while not self._stop.is_set() and (line := lines.readline()):
                    verb = line.split()[0].decode().upper()
                    if verb == "RCPT":
                        recipient = line.decode().partition("<")[2].partition(">")[0]
                    self._answer(connection, verb, recipient)
                    if verb == "STARTTLS" and self._hangs_at("handshake", recipient):
                        self._stop.wait()
                    if verb == "DATA":
                        if self._hangs_at("body", recipient):
                            self._stop.wait()
                        while (line := lines.readline()) not in (b".\r\n", b""):
                            pass
                        self._answer(connection, "dot", recipient)
                        self.taken.append(recipient)

    def _hangs_at(self, stage: str, recipient: str) -> bool:
        hangs = stage == self.stage and self.recipient in ("", recipient)
        self.hangs[stage] += hangs
        return hangs

    def _answer(self, connection: socket.socket, stage: str, recipient: str = "") -> None:
        answer = ANSWERS.get(stage, "502 5.5.2 unknown")
        if not self._hangs_at(stage, recipient):
            connection.sendall(answer.encode() + b"\r\n")
            return
        line = answer[:3].encode() + b"-" + base64.b64encode(b"and there is more") + b"\r\n"
        while not self._stop.is_set():
            if self.manner == "lines":
                connection.sendall(line)
            elif self.manner == "drip":
                connection.sendall(line[:1])
                line = line[1:] or b"x"
                self._stop.wait(0.05)
            else:
                self._stop.wait()
