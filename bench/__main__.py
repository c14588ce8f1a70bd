"""``make bench``: measure the portal with 1,500 and 100,000 clusters beside the limit, Datasette and a constant page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import datasette, extra, report
from bench.load import Client, Figures
from bench.postgres import PostgresMissing, Server, private_server
from bench.server import ROOT, environment, running

SIZES = (1_500, 100_000)
SECONDS = 15.0  # for one kind of request at one size, with all that it is compared with
TURN = 20  # requests before the next one has its turn
REPEATED, ROUNDS = 3, 8  # questions that are asked again and again, and how many turns each has
COMPARED = 20  # answers that must say the same as the baseline's
#: Kinds of requests in the order of the tables, with the baseline that does the same work.
KINDS = {
    "list": "/bench/list/", "filtered": "/bench/list/", "search": "/bench/list/", "typo": "/bench/list/",
    "api": "/bench/api/", "suggest": "/bench/suggest/", "map": "", "profile": "/bench/profile/",
    "export": "/bench/export/",
}  # fmt: skip
#: What a search means is for each to decide: where the limit answers otherwise is counted, not held against the portal.
SEARCHES = ("search", "typo")


def main() -> int:
    """Measure and print; the number is the exit code."""
    sizes = [int(size) for size in os.environ.get("BENCH_SIZES", "").replace(",", " ").split()] or list(SIZES)
    kinds = os.environ.get("BENCH_KINDS", "").replace(",", " ").split() or list(KINDS)
    # A run that is asked to end still stops and deletes what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started, around = time.monotonic(), report.busy()
    results: list[report.Result] = []
    memory: list[extra.Memory] = []
    transfers: list[extra.Transfer] = []
    missing = ""
    try:
        datasette.install()
    except datasette.DatasetteMissing as problem:
        missing = str(problem)
        _say(missing)
    try:
        with private_server() as server, tempfile.TemporaryDirectory(prefix="portal-bench-data-") as name:
            folder = Path(name)
            (folder / "constant").mkdir()
            for size in sizes:
                _say(f"{size:,} clusters")
                addresses = _prepare(server, size, folder)
                url = server.url(_database(size))
                with ExitStack() as stack:
                    client = stack.enter_context(running(url, folder))
                    file, beside = folder / f"catalogue-{size}.db", None
                    try:
                        beside = None if missing else stack.enter_context(datasette.running(file))
                    except datasette.DatasetteMissing as problem:
                        missing = str(problem)
                    result = Measuring(client, beside, file.stem, folder, addresses).all(size, kinds)
                    if size == sizes[0]:
                        transfers = extra.transfers(client, addresses)
                results.append(result)
                with running(url, folder, workers=1) as client:
                    memory.append(extra.export_memory(client))
                print(report.tables(result), flush=True)
    except PostgresMissing as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    print(report.closing(memory, transfers))
    if missing:
        print(f"Not compared with Datasette. {missing}")
    minutes = (time.monotonic() - started) / 60
    print(f"Took {minutes:.1f} minutes; {around}.")
    if os.environ.get("WRITE"):
        report.write(ROOT / "docs" / "performance.md", results, memory, transfers, around)
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


class Measuring:
    """One size: the portal and what it is compared with, in turns, so that whatever else the machine does meets all."""

    def __init__(
        self, client: Client, beside: Client | None, file: str, folder: Path, addresses: dict[str, list[str]]
    ) -> None:
        self.client, self.beside, self.file, self.folder, self.addresses = client, beside, file, folder, addresses

    def all(self, size: int, kinds: list[str]) -> report.Result:
        """Measure ``kinds`` of requests."""
        result = report.Result(size)
        for kind in KINDS:  # what is loaded at the first request is not measured; none of these is asked later
            for address in (self.addresses[kind].pop() for _ in range(2)):
                for client, same in self._asked(kind, address).values():
                    client.get_each(same, 3)
        for kind in kinds:
            _say(f"  {kind}")
            addresses, baseline = self.addresses[kind], KINDS[kind]
            result.cold[kind] = self._turns([
                self._asked(kind, address) for address in addresses
            ], TURN)  # fmt: skip
            if kind in report.LISTS:
                again = [self._asked(kind, address, number) for number, address in enumerate(addresses[:REPEATED])]
                for client, same in (pair for each in again for pair in each.values()):
                    client.get_each(same, 3)
                result.warm[kind] = self._turns([each for each in again * ROUNDS for _ in range(TURN)], TURN)
            if baseline and kind != "suggest":
                differing = extra.differing(self.client, addresses[:COMPARED], baseline)
                (result.other if kind in SEARCHES else result.differing)[kind] = differing
            if kind == "export":
                counted = self.client.get(addresses[0], X_Bench_Count="1")
                result.cold[kind]["portal"].queries = {int(counted.headers["x-bench-queries"])}
        result.resident["portal"] = extra.resident(self.client)
        if self.beside:
            result.resident["Datasette"] = extra.resident(self.beside)
        return result

    def _asked(self, kind: str, address: str, constant: int | None = None) -> dict[str, tuple[Client, str]]:
        """Return who is asked what for one question; ``constant`` is the number of the page kept in memory."""
        asked = {"portal": (self.client, address)}
        if KINDS[kind]:
            asked["limit"] = (self.client, extra.swap(address, KINDS[kind]))
        if self.beside and kind in report.LISTS and kind != "typo":  # it finds nothing for a misspelt word
            asked["Datasette"] = (self.beside, datasette.address(self.file, address))
        if constant is not None:
            name = f"{self.file}-{kind}-{constant}"
            (self.folder / "constant" / name).write_bytes(self.client.get(address).content)
            asked["constant"] = (self.client, f"/bench/constant/{name}/")
        return asked

    def _turns(self, questions: list[dict[str, tuple[Client, str]]], turn: int) -> dict[str, Figures]:
        figures = {name: Figures() for name in questions[0]}
        for start in range(0, len(questions), turn):
            if sum(each.wall for each in figures.values()) > SECONDS:
                break
            for name, each in figures.items():
                asked = [question[name] for question in questions[start : start + turn]]
                each.add(asked[0][0].measure([address for _client, address in asked], SECONDS))
        return figures


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
