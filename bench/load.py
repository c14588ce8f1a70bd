"""Connections that ask one address after the other, and what they measured."""

from __future__ import annotations

import gzip
import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

CONNECTIONS = 4
TIMEOUT = 120


@dataclass
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    @property
    def content(self) -> bytes:
        """The body, unpacked."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


@dataclass
class Figures:
    """The times of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    queries: set[int] = field(default_factory=set)
    wall: float = 0.0
    failures: Counter = field(default_factory=Counter)

    @property
    def median(self) -> float:
        """Milliseconds of the request in the middle."""
        return self._at(0.5)

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 requests stayed below."""
        return self._at(0.95)

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return len(self.seconds) / self.wall if self.wall else 0.0

    def add(self, other: Figures) -> None:
        """Take over the figures of another turn."""
        self.seconds += other.seconds
        self.queries |= other.queries
        self.failures += other.failures
        self.wall += other.wall

    def _at(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


class Client:
    """Connections that stay open, and the processes that answer them."""

    def __init__(self, connections: list[http.client.HTTPConnection], workers: set[str]) -> None:
        self.connections = connections
        self.workers = workers

    @classmethod
    def spread(cls, port: int, workers: int) -> Client:
        """Return connections spread evenly over the workers of one server."""
        share = max(1, CONNECTIONS // workers)
        chosen: list[http.client.HTTPConnection] = []
        taken: Counter[str] = Counter()
        spare = []
        # The kernel hands out connections as it likes: all four may land on one worker.
        for _ in range(400):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
            worker = ask(connection, "/health/live").headers.get("x-bench-worker", "")
            if taken[worker] < share and len(chosen) < share * workers:
                taken[worker] += 1
                chosen.append(connection)
            else:
                spare.append(connection)
            if len(chosen) == share * workers:
                break
        for connection in spare:
            connection.close()
        if len(chosen) < share * workers:
            raise SystemExit("The connections could not be spread over the workers.")
        return cls(chosen, set(taken))

    def measure(self, addresses: list[str], seconds: float) -> Figures:
        """Ask each address once, until all are asked or the time is over."""
        waiting: SimpleQueue[str] = SimpleQueue()
        for address in addresses:
            waiting.put(address)
        figures, lock = Figures(), threading.Lock()
        start = time.perf_counter()

        def work(connection: http.client.HTTPConnection) -> None:
            while time.perf_counter() - start < seconds:
                try:
                    address = waiting.get_nowait()
                except Empty:
                    return
                answer = ask(connection, address)
                with lock:
                    figures.seconds.append(answer.seconds)
                    if answer.status != 200:
                        figures.failures[answer.status] += 1
                    if "x-bench-queries" in answer.headers:
                        figures.queries.add(int(answer.headers["x-bench-queries"]))

        threads = [threading.Thread(target=work, args=(connection,)) for connection in self.connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        figures.wall = time.perf_counter() - start
        return figures

    def get(self, address: str, **headers: str) -> Answer:
        """Ask one address."""
        return ask(self.connections[0], address, **headers)

    def get_each(self, address: str, times: int = 1) -> None:
        """Ask one address over every connection, so that every worker has answered it."""
        for connection in self.connections:
            for _ in range(times):
                ask(connection, address)

    def close(self) -> None:
        """Close the connections."""
        for connection in self.connections:
            connection.close()


def ask(connection: http.client.HTTPConnection, address: str, **headers: str) -> Answer:
    """Ask and read the whole answer; a connection that the server closed is opened again."""
    sent = {"Accept-Encoding": "gzip", **{name.replace("_", "-"): value for name, value in headers.items()}}
    start = time.perf_counter()
    try:
        connection.request("GET", address, headers=sent)
        response = connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionError):
        connection.close()
        start = time.perf_counter()
        connection.request("GET", address, headers=sent)
        response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - start
    return Answer(response.status, body, {name.lower(): value for name, value in response.getheaders()}, seconds)
