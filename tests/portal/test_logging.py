"""Logs in production: one JSON object per line, tied together by the id of the request. Real gunicorn."""

import json
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.portal.conftest import ROOT, production


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, started: Path) -> Iterator[tuple[str, Path]]:
    """Serve the portal as in production; give its address and its folder, with all output in ``output``."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**production(folder), "PORT": str(port), "HTTPS": "0", "LOG_FORMAT": "json"}
    shutil.copytree(started, folder, dirs_exist_ok=True)
    with (folder / "output").open("w") as file:
        server = subprocess.Popen(
            ["gunicorn", "--config", "portal/gunicorn.py", "portal.wsgi"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            assert server.poll() is None, (folder / "output").read_text()
            try:
                urllib.request.urlopen(f"{address}/health/live", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, folder
    finally:
        server.terminate()
        assert server.wait(timeout=20) == 0


def get(address: str, request_id: str = "") -> tuple[int, str]:
    """Fetch an address; return the status and the id of the request that came back."""
    request = urllib.request.Request(address, headers={"X-Request-ID": request_id} if request_id else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["X-Request-ID"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["X-Request-ID"]


def lines(folder: Path, request_id: str, access: bool = True) -> list[dict]:
    """Return the lines of this request; a line that is no JSON fails the test.

    The access line is written after the answer was sent, so it is waited for where there must be one.
    """
    for _ in range(50):
        found = [json.loads(line) for line in (folder / "output").read_text().splitlines()]
        found = [line for line in found if line["request_id"] == request_id]
        if not access or any(line["logger"] == "gunicorn.access" for line in found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"no access line of {request_id}")


def test_access_line_carries_the_id_and_no_query(served):
    address, folder = served
    own_id = str(uuid4())

    answer = get(f"{address}/robots.txt?q=a-private-question", own_id)

    [line] = lines(folder, own_id)
    assert answer == (200, own_id)
    assert line["message"].startswith("GET /robots.txt 200 ")
    expected = {"level": "INFO", "logger": "gunicorn.access", "method": "GET", "path": "/robots.txt", "status": 200}
    assert expected.items() <= line.items()
    assert line["time"].endswith("+00:00")
    assert line["duration_ms"] >= 0
    assert "a-private-question" not in (folder / "output").read_text()


@pytest.mark.parametrize("given", ["not-a-uuid", "1' OR '1'='1", "a" * 5000])
def test_id_that_is_no_uuid_is_replaced(served, given):
    address, folder = served

    _, request_id = get(f"{address}/robots.txt", given)

    assert UUID(request_id).version == 4
    assert len(lines(folder, request_id)) == 1
    assert given not in (folder / "output").read_text()


def test_exception_is_one_line_with_the_id(served):
    address, folder = served
    own_id = str(uuid4())
    with closing(sqlite3.connect(folder / "db.sqlite3", timeout=20)) as database:
        database.execute("ALTER TABLE catalogue_network RENAME TO hidden_network")
        database.commit()

        answer = get(f"{address}/sitemap.xml", own_id)

        database.execute("ALTER TABLE hidden_network RENAME TO catalogue_network")
        database.commit()
    errors = [line for line in lines(folder, own_id) if line["level"] == "ERROR"]
    assert answer == (500, own_id)
    assert [line["logger"] for line in errors] == ["django.request"]
    assert "OperationalError: no such table: catalogue_network" in errors[0]["exc_info"]


def test_probes_and_static_files_leave_no_line_while_all_is_well(served):
    address, folder = served
    ids = {path: str(uuid4()) for path in ("/health/live", "/static/css/site.css", "/static/absent.css")}

    statuses = [get(f"{address}{path}", own_id)[0] for path, own_id in ids.items()]

    # The last answer has a line, so those of the answers before it would be there as well.
    failed = lines(folder, ids["/static/absent.css"])
    assert statuses == [200, 200, 404]
    assert failed[-1]["message"].startswith("GET /static/absent.css 404 ")
    assert lines(folder, ids["/health/live"], access=False) == []
    assert lines(folder, ids["/static/css/site.css"], access=False) == []
