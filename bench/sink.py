"""A mail server on this machine that stores what it accepts and fails where it should; for tests and figures."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes

#: What a fault function may answer: None for "go on", a line such as "451 4.3.0 later", or one of these.
DROP = "drop"  # close the connection without a word; after the dot the mail was taken all the same
LOSE = "lose"  # after the dot: close the connection and forget the mail
Fault = Callable[[str, str], "str | float | None"]


@dataclass(frozen=True)
class Taken:
    """A mail that the sink answered for, or stored when it dropped the connection."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)

    @property
    def message_id(self) -> str:
        """Return the Message-ID."""
        return str(message_from_bytes(self.content)["Message-ID"])


class Sink:
    """A server in a thread of its own; ``with Sink() as sink: … sink.port … sink.mails``.

    ``fault`` is asked at every phase ("connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body", "dot", "RSET") with the
    recipient known so far, at MAIL with the sender; a number makes the sink wait that many seconds and go on.
    """

    def __init__(self, fault: Fault | None = None, *, delay: float = 0.0, keeps_content: bool = True) -> None:
        """Wait ``delay`` seconds before every answer to a mail, as a server far away does."""
        self.fault: Fault = fault or (lambda phase, recipient: None)
        self.delay, self.keeps_content = delay, keeps_content
        self.mails: list[Taken] = []
        self.phases: Counter[str] = Counter()
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def copies(self) -> Counter[str]:
        """Return how often each recipient's mail was taken."""
        return Counter(mail.recipient for mail in self.mails)

    def __enter__(self) -> Sink:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        self._open: set[asyncio.Task] = set()
        server = await asyncio.start_server(self._accepted, "127.0.0.1", 0, limit=2**26)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, _Dropped):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _asked(self, phase: str, recipient: str, writer: asyncio.StreamWriter) -> str:
        """Return an answer that the fault function wants here, or nothing."""
        self.phases[phase] += 1
        wanted = self.fault(phase, recipient)
        if isinstance(wanted, (int, float)):
            await asyncio.sleep(wanted)
            return ""
        if wanted == DROP and phase != "dot":
            raise _Dropped
        return wanted or ""

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()
            if line.startswith("421"):
                raise _Dropped

        await say(await self._asked("connect", "", writer) or "220 sink ready")
        sender = recipient = ""
        while line := await reader.readline():
            command = line.decode().strip()
            verb = command[:4].upper()
            if verb in ("EHLO", "HELO"):
                await say(
                    await self._asked("EHLO", "", writer) or "250-sink\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
                )
            elif verb == "MAIL":
                sender = _address(command)
                await say(await self._asked("MAIL", sender, writer) or "250 2.1.0 OK")
            elif verb == "RCPT":
                recipient = _address(command)
                await say(await self._asked("RCPT", recipient, writer) or "250 2.1.5 OK")
            elif verb == "DATA":
                refused = await self._asked("DATA", recipient, writer)
                await say(refused or "354 go on")
                if not refused:
                    await self._asked("body", recipient, writer)
                    content = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                    await self._dot(say, writer, Taken(sender, recipient, content if self.keeps_content else b""))
            elif verb == "RSET":
                sender = recipient = ""
                await say(await self._asked("RSET", "", writer) or "250 2.0.0 OK")
            elif verb == "AUTH":
                await say(await self._asked("AUTH", "", writer) or "235 2.7.0 welcome")
            elif verb == "QUIT":
                await say("221 2.0.0 bye")
                return
            else:
                await say("502 5.5.2 unknown")

    async def _dot(self, say: Callable, writer: asyncio.StreamWriter, mail: Taken) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        wanted = await self._asked("dot", mail.recipient, writer)
        if wanted == LOSE:
            raise _Dropped
        if not wanted or wanted in (DROP,):
            self.mails.append(mail)
        if wanted == DROP:
            raise _Dropped
        await say(wanted or "250 2.0.0 taken")


class _Dropped(Exception):
    """The connection is to be closed."""


def _address(command: str) -> str:
    found = re.search(r"<([^>]*)>", command)
    return found[1] if found else ""
