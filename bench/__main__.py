"""``make bench``: measure the portal with 2,000, 20,000 and 100,000 clusters."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import extra, report
from bench.load import Client, Figures
from bench.postgres import PostgresMissing, Server, private_server
from bench.server import ROOT, environment, running

SIZES = (2_000, 20_000, 100_000)
SECONDS = 12.0  # for one kind of request at one size, with its baseline
TURN = 20  # requests before the baseline has its turn
COMPARED = 20  # answers that must be the same as the baseline's
#: Kinds of requests in the order of the table, with the baseline that does the same work.
KINDS = {
    "list": "/bench/list/", "filtered": "/bench/list/", "search": "/bench/list/", "typo": "/bench/list/",
    "suggest": "/bench/suggest/", "map": "/bench/map/", "profile": "/bench/profile/", "api": "/bench/api/",
    "export": "/bench/export/",
}  # fmt: skip


def main() -> int:
    """Measure and print; the number is the exit code."""
    sizes = [int(size) for size in os.environ.get("BENCH_SIZES", "").replace(",", " ").split()] or list(SIZES)
    kinds = os.environ.get("BENCH_KINDS", "").replace(",", " ").split() or list(KINDS)
    # A run that is asked to end still stops and deletes what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    results: list[report.Result] = []
    memory: list[extra.Memory] = []
    transfers: list[extra.Transfer] = []
    try:
        with private_server() as server, tempfile.TemporaryDirectory(prefix="portal-bench-data-") as name:
            folder = Path(name)
            for size in sizes:
                _say(f"{size:,} clusters")
                addresses = _prepare(server, size, folder)
                url = server.url(_database(size))
                with running(url, folder) as client:
                    result = _measure(client, size, addresses, kinds)
                    if size == sizes[0] or size == 2_000:
                        transfers = extra.transfers(client, addresses)
                results.append(result)
                if len(sizes) == 1 or size != 20_000:
                    with running(url, folder, workers=1) as client:
                        memory.append(extra.export_memory(client))
                print(report.table(result), flush=True)
    except PostgresMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    print(report.closing(memory, transfers))
    minutes = (time.monotonic() - started) / 60
    print(f"Took {minutes:.1f} minutes.")
    if os.environ.get("WRITE"):
        report.write(ROOT / "docs" / "performance.md", results, memory, transfers)
        print("Written to docs/performance.md.")
    return 1 if any(result.failures for result in results) else 0


def _database(size: int) -> str:
    return f"bench_{size}"


def _prepare(server: Server, size: int, folder: Path) -> dict[str, list[str]]:
    url = server.url("postgres")
    settings = environment(url, folder)
    create = (
        "import django; django.setup(); from django.db import connection;"
        f"connection.cursor().execute('CREATE DATABASE {_database(size)}')"
    )
    subprocess.run([sys.executable, "-c", create], cwd=ROOT, env=settings, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.prepare", str(size), str(folder)], cwd=ROOT,
        env={**settings, "DATABASE_URL": server.url(_database(size))}, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return json.loads(done.stdout)


def _measure(client: Client, size: int, addresses: dict[str, list[str]], kinds: list[str]) -> report.Result:
    result = report.Result(size)
    for kind in KINDS:  # what is loaded at the first request is not measured; none of these is asked later
        for address in addresses[kind][-2:]:
            for _ in client.connections:
                client.measure([address.replace("page=", "page=1&members_max=")] * len(client.connections), 5)
    _say("  (a) 50 rows, bare")
    result.rows = client.measure(addresses["rows"], SECONDS)
    for kind in kinds:
        _say(f"  {kind}")
        product, same = Figures(), Figures()
        # In turns, so that whatever else the machine does meets both.
        for start in range(0, len(addresses[kind]), TURN):
            turn = addresses[kind][start : start + TURN]
            if product.wall + same.wall > SECONDS:
                break
            product.add(client.measure(turn, SECONDS - product.wall))
            same.add(client.measure([extra.swap(address, KINDS[kind]) for address in turn], SECONDS))
        result.product[kind], result.same_work[kind] = product, same
        result.differing[kind] = extra.differing(client, addresses[kind][:COMPARED], KINDS[kind])
        if kind == "export":
            counted = client.get(addresses["export"][0], X_Bench_Count="1")
            result.product[kind].queries = {int(counted.headers["x-bench-queries"])}
    return result


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
