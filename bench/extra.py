"""What is measured beside the times: equal answers, memory of exports, sizes of transfers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from bench.load import Client

KB = 1000
SEVERAL = 100
_STATIC = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')


@dataclass(frozen=True)
class Memory:
    """Peak memory of a fresh worker before and after it exported ``rows`` rows."""

    rows: int
    before: int  # kB
    peak: int


@dataclass(frozen=True)
class Transfer:
    """The size of something, in bytes. ``limit`` is that of a page as it is, or of what is sent."""

    what: str
    plain: int
    packed: int
    limit: int | None = None
    is_packed: bool = False

    @property
    def verdict(self) -> str:
        """Whether it stays below the limit."""
        if self.limit is None:
            return "–"
        return "pass" if (self.packed if self.is_packed else self.plain) < self.limit else "FAIL"


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
    """Return the sizes of pages, of the map, and of styles with scripts; of many pages that of the largest."""
    found = []
    for what, asked, limit in (
        ("list, cards", ["/clusters/"], 100),
        ("list, table", ["/clusters/?view=table"], 100),
        (f"largest of {SEVERAL} lists with filters", addresses["filtered"][:SEVERAL], 100),
        ("list with all regions, after “Show all”", ["/clusters/?all=region"], None),
        ("profile", addresses["profile"][:1], 100),
        ("home page", ["/"], 100),
        ("map", ["/clusters/map/"], 200),
        (f"largest of {SEVERAL} maps with filters", addresses["map"][:SEVERAL], 200),
    ):
        answer = max((client.get(address) for address in asked), key=lambda answer: len(answer.content))
        found.append(Transfer(what, len(answer.content), len(answer.body), limit * KB if limit else None))
    files = set(_STATIC.findall(client.get("/clusters/").text)) | set(
        _STATIC.findall(client.get("/clusters/map/").text)
    )
    answers = [client.get(file) for file in sorted(files)]
    plain, packed = sum(len(a.content) for a in answers), sum(len(a.body) for a in answers)
    found.append(Transfer("CSS and JavaScript together", plain, packed, 60 * KB, is_packed=True))
    return found
