"""What is measured beside the times: equal answers, memory of exports, sizes of transfers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from bench.load import Client

KB = 1000
_STATIC = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')


@dataclass(frozen=True)
class Memory:
    """Peak memory of a fresh worker before and after it exported ``rows`` rows."""

    rows: int
    before: int  # kB
    peak: int


@dataclass(frozen=True)
class Transfer:
    """The size of something, in bytes."""

    what: str
    plain: int
    packed: int
    limit: int  # for what is sent

    @property
    def passes(self) -> bool:
        """Whether it stays below the limit."""
        return self.packed < self.limit


def swap(address: str, baseline: str) -> str:
    """Return the address of the baseline that does the same work."""
    path, _, query = address.partition("?")
    return f"{baseline}?{query or 'slug=' + path.split('/')[-2]}"


def differing(client: Client, addresses: list[str], baseline: str) -> int:
    """Return how many answers differ from those of the baseline that does the same work."""
    number = 0
    for address in addresses:
        product = client.get(address).text
        bare = client.get(swap(address, baseline)).text
        if baseline == "/bench/api/":
            left, right = json.loads(product), json.loads(bare)
            number += any(left[key] != right[key] for key in right)
        else:
            number += _plain(product) != _plain(bare)
    return number


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", html)


def export_memory(client: Client) -> Memory:
    """Return the memory of a worker that exports everything."""
    worker = client.get("/health/live").headers["x-bench-worker"]
    client.get("/clusters/export.csv?founded=1")  # loads the code; a wrong parameter, so no rows
    before = _peak(worker)
    rows = client.get("/clusters/export.csv").content.count(b"\r\n") - 1
    return Memory(rows, before, _peak(worker))


def _peak(worker: str) -> int:
    status = Path(f"/proc/{worker}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


def transfers(client: Client, addresses: dict[str, list[str]]) -> list[Transfer]:
    """Return the sizes of pages, of the map, and of styles with scripts."""
    found = []
    for what, address, limit in (
        ("list, cards", "/clusters/", 100),
        ("list, table", "/clusters/?view=table", 100),
        ("filtered list", addresses["filtered"][0], 100),
        ("profile", addresses["profile"][0], 100),
        ("home page", "/", 100),
        ("map", "/clusters/map/", 200),
    ):
        answer = client.get(address)
        found.append(Transfer(what, len(answer.content), len(answer.body), limit * KB))
    files = set(_STATIC.findall(client.get("/clusters/").text)) | set(
        _STATIC.findall(client.get("/clusters/map/").text)
    )
    answers = [client.get(file) for file in sorted(files)]
    plain, packed = sum(len(a.content) for a in answers), sum(len(a.body) for a in answers)
    found.append(Transfer("CSS and JavaScript together", plain, packed, 60 * KB))
    return found
