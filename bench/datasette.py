"""Datasette beside the portal: the same public clusters in a SQLite file, asked for the same things.

It is no part of the portal: a virtual environment of its own in ``build/`` holds it, and a run without it says so.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from bench.limit_tables import VOCABULARIES
from bench.load import CONNECTIONS, Client
from bench.postgres import free_port
from bench.server import READY_WITHIN, ROOT, WORKERS

VERSION = "0.65.5"
FOLDER = ROOT / "build" / f"datasette-{VERSION}"
FACETS = ("_facet=country", "_facet=region", "_facet=priority", "_facet_array=vertical")
#: No limit of time, so that no count is left out; facets as long as those of the portal; nothing it could save itself.
SETTINGS = {
    "sql_time_limit_ms": 60_000, "facet_time_limit_ms": 60_000, "default_facet_size": 30, "default_page_size": 24,
    "suggest_facets": "off", "allow_download": "off",
}  # fmt: skip
_LISTS = (*VOCABULARIES, "network")
_COLUMNS = ("slug", "name", "summary", "country", "region", "priority", "members", "founded", "confirmed_on", *_LISTS)
_ROWS = """
SELECT row_number() OVER (ORDER BY c.sort_name, c.slug), d.slug, d.name, d.summary, d.country, d.region,
       d.priority::int, d.members, d.founded, d.confirmed_on::text, d.keys, array_to_string(tsvector_to_array(t.words), ' ')
  FROM limit_cluster c JOIN limit_card d ON d.id = c.id JOIN limit_text t ON t.id = c.id ORDER BY 1
"""


class DatasetteMissing(Exception):
    """Datasette could not be installed."""


def export(path: Path) -> None:
    """Write the public clusters into a SQLite file with indexes and full-text search."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind, value FROM limit_option")
        options = {key: (kind, value) for key, kind, value in cursor.fetchall()}
        cursor.execute(_ROWS)
        rows = cursor.fetchall()
    with sqlite3.connect(path) as file:
        file.execute(f"CREATE TABLE clusters (id INTEGER PRIMARY KEY, {', '.join(_COLUMNS)})")
        file.execute('CREATE VIRTUAL TABLE clusters_fts USING fts5(words, content="clusters")')
        for *plain, keys, words in rows:
            lists: dict[str, list[str]] = {name: [] for name in _LISTS}
            for kind, value in (options[key] for key in keys if key):
                if kind in lists:
                    lists[kind].append(value)
            values = [*plain, *(json.dumps(each) for each in lists.values())]
            file.execute(f"INSERT INTO clusters VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
            file.execute("INSERT INTO clusters_fts (rowid, words) VALUES (?, ?)", (plain[0], words))
        for name in ("country", "region", "priority", "members", "founded"):
            file.execute(f"CREATE INDEX by_{name} ON clusters ({name})")
        file.execute("ANALYZE")
    file.close()


def install() -> None:
    """Install Datasette where it is not yet; raise ``DatasetteMissing``."""
    if (FOLDER / "installed").exists():
        return
    for command in (
        [sys.executable, "-m", "venv", "--clear", FOLDER],
        [FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet", f"datasette=={VERSION}"],
    ):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise DatasetteMissing(
                f"Datasette {VERSION} could not be installed: {done.stderr.strip().splitlines()[-1:]}"
            )
    (FOLDER / "installed").touch()


@contextmanager
def running(path: Path) -> Iterator[Client]:
    """Serve the file by as many processes as the portal has workers; yield connections spread over them."""
    ports = [free_port() for _ in range(WORKERS)]
    options = [part for name, value in SETTINGS.items() for part in ("--setting", name, str(value))]
    processes = [
        subprocess.Popen(
            [FOLDER / "bin" / "datasette", "serve", "--immutable", path, "--port", str(port), *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        for port in ports
    ]  # fmt: skip
    try:
        connections = [HTTPConnection("127.0.0.1", port, timeout=120) for port in ports * (CONNECTIONS // WORKERS)]
        client = Client(connections, {str(process.pid) for process in processes})
        for _ in range(READY_WITHIN * 4):
            try:
                client.get_each("/-/versions.json")
                break
            except OSError:
                client.close()
                time.sleep(0.25)
        else:
            raise DatasetteMissing("Datasette did not start.")
        yield client
        client.close()
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(15)


def address(file: str, asked: str) -> str:
    """Return the address that asks Datasette for what an address of the portal asks for."""
    path, _, text = asked.partition("?")
    is_api = path.startswith("/api/")
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(text):
        given.setdefault(name, []).append(value)
    query: list[tuple[str, str]] = [("_size", "50"), ("_shape", "objects")] if is_api else []
    for name, values in given.items():
        if name == "q":
            query.append(("_search", values[0]))
        elif name in ("country", "region"):
            query.append((f"{name}__in", ",".join(values)))
        elif name in _LISTS:  # one value: several would all have to be there
            query.append((f"{name}__arraycontains", values[0]))
        elif name == "priority":
            query.append((name, "1" if values[0] == "true" else "0"))
        elif name in ("members_min", "members_max"):
            query.append((f"members__{'gte' if name == 'members_min' else 'lte'}", values[0]))
        elif name == "page" and int(values[0]) > 1:  # pages follow the key, which is the order of names
            query.append(("_next", str((int(values[0]) - 1) * SETTINGS["default_page_size"])))
        elif name == "sort" and "page" not in given and values[0].strip("-") in ("members", "founded"):
            query.append(("_sort_desc" if values[0].startswith("-") else "_sort", values[0].strip("-")))
    facets = "" if is_api else "".join(f"&{facet}" for facet in FACETS)
    return f"/{file}/clusters{'.json' if is_api else ''}?{urlencode(query)}{facets}"
