"""``make search-quality``: how well the search answers a file of judged questions, on the page and in the API.

The questions are asked at the public addresses only, on SQLite and on PostgreSQL, each a database of its own with the
real data of ``fixtures/``. How the file is written is in ``fixtures/README.md``.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

from bench.postgres import PostgresMissing, private_server
from bench.server import ROOT, environment

FIXTURES = ROOT / "fixtures"
COLUMNS = ("query", "mode", "slugs", "n")
MODES = ("set", "within", "first", "none")
PLACES = ("page", "API")
SHOWN = 12  # slugs of an answer in a line
DEPTH = 10  # places that nDCG looks at
Answer = list[str] | str  # slugs, best first, or what went wrong


class Mistake(Exception):
    """The file of questions is wrong; the text says where."""


@dataclass(frozen=True)
class Question:
    """A question with the slugs that are right; ``n`` places count for the modes within and first."""

    query: str
    mode: str
    slugs: tuple[str, ...] = ()
    n: int = 0
    note: str = ""

    def holds(self, answer: list[str]) -> bool:
        """Return whether an answer, best first, is right."""
        right, top = set(self.slugs), set(answer[: self.n])
        if self.mode == "within":
            return right <= top
        if self.mode == "first":
            return top <= right and len(answer) >= self.n
        return right == set(answer)

    def ndcg(self, answer: list[str]) -> float:
        """Return the gain of the first ten over that of the best order; every right slug gains the same."""
        gains = [1 / math.log2(place + 2) for place in range(DEPTH)]
        found = sum(gain for gain, slug in zip(gains, answer, strict=False) if slug in self.slugs)
        return found / sum(gains[: len(self.slugs)])

    def expected(self) -> str:
        """Return what is right, in words."""
        names = ", ".join(self.slugs)
        return {
            "set": f"exactly {names}",
            "within": f"among the first {self.n}: {names}",
            "first": f"first {self.n}: {names}",
            "none": "nothing",
        }[self.mode]


def questions(path: Path, known: set[str]) -> list[Question]:
    """Return the questions of a file about the clusters ``known``; raise ``Mistake`` with line and column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for name in COLUMNS:
            if name not in (reader.fieldnames or []):
                raise Mistake(f"{path}, line 1, column {name}: missing; the columns are {', '.join(COLUMNS)}, note")
        found = [_question(row, known, f"{path}, line {reader.line_num}") for row in reader]
    if not found:
        raise Mistake(f"{path}, line 2, column query: no questions")
    return found


def _question(row: dict[str, Any], known: set[str], where: str) -> Question:
    def wrong(column: str, what: str) -> Mistake:
        return Mistake(f"{where}, column {column}: {what}")

    if None in row or None in row.values():
        raise wrong("note" if None in row else "query", "the line has not as many cells as line 1")
    query, mode, n = (row[name].strip() for name in ("query", "mode", "n"))
    slugs = tuple(slug.strip() for slug in row["slugs"].split(";") if slug.strip())
    if not query:
        raise wrong("query", "empty")
    if mode not in MODES:
        raise wrong("mode", f"“{mode}” is none of {', '.join(MODES)}")
    for slug in slugs:
        if slug not in known:
            raise wrong("slugs", f"“{slug}” is no published cluster of clusters.csv")
    if len(set(slugs)) < len(slugs):
        raise wrong("slugs", "a cluster is named twice")
    if bool(slugs) == (mode == "none"):
        raise wrong("slugs", "must be empty" if slugs else f"empty; the mode {mode} needs the right clusters")
    if mode not in ("within", "first"):
        return Question(query, mode, slugs, note=row.get("note", ""))
    if not (n.isascii() and n.isdigit() and int(n)):
        raise wrong("n", f"“{n}” is no number; the mode {mode} needs one")
    if mode == "within" and int(n) < len(slugs):
        raise wrong("n", f"{len(slugs)} clusters are never among the first {n}")
    if mode == "first" and int(n) > len(slugs):
        raise wrong("n", f"the first {n} are never {len(slugs)} clusters")
    return Question(query, mode, slugs, int(n), row.get("note", ""))


def published() -> set[str]:
    """Return the slugs of the public clusters of the real data."""
    with (FIXTURES / "clusters.csv").open(encoding="utf-8", newline="") as file:
        return {row["slug"] for row in csv.DictReader(file) if row["in_catalogue"] == "true"}


# --- Asking --------------------------------------------------------------------------------------


class _Results(HTMLParser):
    """The links to clusters in the headings of the cards, the stated number, and where the next page is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.stated, self.next = "", ""
        self._in_heading = self._in_status = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_heading = tag == "h3" or (self._in_heading and tag == "a")
        self._in_status = values.get("id") == "result-status"
        if tag == "a" and self._in_heading:
            self.links += re.findall(r"^/clusters/([\w-]+)/$", values.get("href", ""))
        if tag == "a" and values.get("rel") == "next":
            self.next = values["href"]

    def handle_endtag(self, tag: str) -> None:
        self._in_heading = self._in_heading and tag != "h3"

    def handle_data(self, data: str) -> None:
        if self._in_status and not self.stated:
            self.stated = "".join(re.findall(r"\d", data))


def _page_answer(client: Any, query: str) -> Answer:
    address, found = "/clusters/?" + urlencode({"q": query}), []
    while True:
        response = client.get(address)
        if response.status_code != 200:
            return f"answered {response.status_code}"
        page = _Results(response.content.decode())
        found += page.links
        if page.stated == "0":  # what is near, or looser, is no answer
            return []
        if not page.next:
            return found if page.stated == str(len(set(found))) else f"says {page.stated}, shows {len(set(found))}"
        address = urljoin(address, page.next)


def _api_answer(client: Any, query: str) -> Answer:
    address, found = "/api/v1/clusters/?" + urlencode({"q": query}), []
    while address:
        response = client.get(address)
        if response.status_code != 200:
            return f"answered {response.status_code}"
        data = response.json()
        found += [cluster["slug"] for cluster in data["results"]]
        address = data["next"]
    return found if data["count"] == len(set(found)) else f"says {data['count']}, has {len(set(found))}"


def answer() -> None:
    """Load the real data, read questions as JSON, and print the answers of page and API; in a process of its own."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("first_start", stdout=sys.stderr)
    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
    print(json.dumps([[ask(client, query) for ask in (_page_answer, _api_answer)] for query in json.load(sys.stdin)]))


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
    else:
        with private_server() as server:
            yield server.url("postgres")


def asked(kind: str, queries: list[str]) -> list[list[Answer]]:
    """Return for each query what page and API answer on one database: slugs, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="portal-quality-") as name, _database(kind, Path(name)) as url:
        settings = environment(url, Path(name)) | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
        done = subprocess.run(
            [sys.executable, "-c", "from bench.quality import answer; answer()"], cwd=ROOT, env=settings, check=False,
            input=json.dumps(queries), text=True, capture_output=True,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The portal on {kind} did not answer:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


# --- Report --------------------------------------------------------------------------------------


def main() -> int:
    """Print the figures; 1 if less than the goal holds, 2 if the file or the machine is not fit for it."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("--judgements", type=Path, default=FIXTURES / "search_judgements.csv", metavar="FILE")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--goal", type=float, default=1.0, help="share that must hold (1.0)")
    parser.add_argument("--show-misses", action="store_true", help="print what was expected and what came")
    options = parser.parse_args()
    databases = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    try:
        asking = questions(options.judgements, published())
        answers = {kind: asked(kind, [question.query for question in asking]) for kind in databases}
    except (Mistake, OSError, UnicodeDecodeError, PostgresMissing) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    print(f"{len(asking)} questions of {options.judgements.name}")
    print(f"{'':18}{'held':>14}{'nDCG@10':>10}{'zero answers':>14}{'nothing expected':>18}")
    shares, misses = [], {}
    for kind in databases:
        for number, place in enumerate(PLACES):
            pairs = [(question, each[number]) for question, each in zip(asking, answers[kind], strict=True)]
            for question, got in pairs:
                if not _holds(question, got):
                    misses.setdefault(question, {}).setdefault(str(got), (got, []))[1].append(f"{place} on {kind}")
            held = sum(_holds(question, got) for question, got in pairs)
            print(_line(f"{kind}, {place}", held, pairs))
            shares.append(held / len(pairs))
    print(f"Missed: {len(misses)}")
    for question, different in misses.items():
        print(f"  {question.query}" + (f"  ({question.note})" if question.note else ""))
        if options.show_misses:
            print(f"    expected: {question.expected()}")
            for got, places in different.values():
                where = "everywhere" if len(places) == len(shares) else ", ".join(places)
                print(f"    {where}: {_short(question, got)}")
    return 0 if min(shares) >= options.goal else 1


def _holds(question: Question, got: Answer) -> bool:
    return not isinstance(got, str) and question.holds(got)


def _line(title: str, held: int, pairs: list[tuple[Question, Answer]]) -> str:
    some = [(question, [] if isinstance(got, str) else got) for question, got in pairs if question.slugs]
    none = [_holds(question, got) for question, got in pairs if not question.slugs]
    ndcg = sum(question.ndcg(got) for question, got in some) / len(some) if some else 0
    zero = sum(not got for _question, got in some)
    share = f"{held} = {held / len(pairs):.3f}"
    return f"{title:18}{share:>14}{ndcg:>10.3f}{zero:>14}{f'{sum(none)} of {len(none)}':>18}"


def _short(question: Question, got: Answer) -> str:
    """Return an answer in a line: its beginning, what is missing, and what of an exact answer is too much."""
    if isinstance(got, str) or not got:
        return got or "nothing"
    more = f", … ({len(got)})" if len(got) > SHOWN else ""
    parts = [", ".join(got[:SHOWN]) + more]
    considered = got[: question.n] if question.n else got
    if question.mode in ("set", "within") and (missing := [slug for slug in question.slugs if slug not in considered]):
        parts.append(f"missing: {', '.join(missing)}")
    if question.mode == "set" and (extra := [slug for slug in got if slug not in question.slugs]):
        parts.append(f"too much: {', '.join(extra[:SHOWN])}{', …' if len(extra) > SHOWN else ''} ({len(extra)})")
    return "; ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
