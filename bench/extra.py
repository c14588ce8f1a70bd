"""What is measured beside the times: equal answers, memory, sizes of transfers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Return how many answers say something else than those of the baseline that does the same work."""
    number = 0
    for address in addresses:
        product, bare = client.get(address).text, client.get(swap(address, baseline)).text
        if baseline == "/bench/api/":
            number += not _has(json.loads(product), json.loads(bare))
        elif baseline == "/bench/list/":
            number += not _says_the_same(_said(product), _said(bare))
        else:
            number += re.sub(r"\s+", " ", product) != re.sub(r"\s+", " ", bare)
    return number


def _has(product: Any, bare: Any) -> bool:
    """Return whether all of ``bare`` is in ``product``, which may say more."""
    if isinstance(bare, dict):
        return isinstance(product, dict) and all(_has(product.get(key), value) for key, value in bare.items())
    if isinstance(bare, list):
        return len(product) == len(bare) and all(map(_has, product, bare))
    return product == bare


@dataclass(frozen=True)
class Said:
    """What a page of the list says: how many there are, which clusters, and how many beside which filter."""

    total: str
    clusters: list[str]
    counts: dict[tuple[str, str], str]


def _said(html: str) -> Said:
    counts = {}
    for label in re.findall(r"<label.*?</label>", html, re.DOTALL):
        if (named := re.search(r'name="(\w+)" value="([^"]+)"', label)) and (
            number := re.search(r"<b>([\d,]+)", label)
        ):
            counts[named[1], named[2]] = number[1]
    total = re.search(r'id="result-status"[^>]*>([\d,]+)', html)
    return Said(total[1] if total else "", re.findall(r'<h3><a href="/clusters/([\w-]+)/"', html), counts)


def _says_the_same(product: Said, bare: Said) -> bool:
    """Compare the counts that both show: of a large facet either may choose others of the same number."""
    both = product.counts.keys() & bare.counts.keys()
    same = all(product.counts[key] == bare.counts[key] for key in both)
    return (
        same and len(both) > len(bare.counts) / 2 and (product.total, product.clusters) == (bare.total, bare.clusters)
    )


def resident(client: Client) -> list[float]:
    """Return the memory of each process that answers, in MB."""
    found = [re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{worker}/status").read_text()) for worker in client.workers]
    return sorted(int(memory[1]) / 1024 for memory in found if memory)


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
