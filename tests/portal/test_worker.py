"""A real Celery worker takes what another process queued, on both brokers, and logs the id of the request."""

import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest
from kombu import Connection

from tests.portal.conftest import ROOT

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
REQUEST_ID = "3f2b8c1e-6f0d-4b4a-9d0e-1c2d3e4f5a6b"
QUEUE = f"""if True:
    import django; django.setup()
    from django_guid import set_guid
    from portal.tasks import clear_expired
    set_guid("{REQUEST_ID}")
    print(clear_expired.delay().id)
"""


@contextmanager
def worker(environment: dict[str, str], output: Path) -> Iterator[subprocess.Popen]:
    """Run the worker of the Procfile."""
    with output.open("w") as file:
        process = subprocess.Popen(
            PROCFILE["worker"].split(), cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def succeeded(output: Path, task: str) -> dict:
    """Wait for the line that says that the task is done."""
    for _ in range(200):
        for line in output.read_text().splitlines():
            if task in line and line.startswith("{") and "succeeded" in line:
                return json.loads(line)
        time.sleep(0.1)
    raise AssertionError(output.read_text())


@pytest.fixture(autouse=True)
def _database(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)


def queue_and_wait(run_python, environment: dict[str, str], output: Path, **changes: str) -> None:
    """Queue before the worker is there and while it is; both must be done."""
    full = {**environment, **changes, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    early = run_python("-c", QUEUE, **full)
    assert early.returncode == 0, early.stderr

    with worker(full, output):
        first = succeeded(output, early.stdout.strip())
        second = succeeded(output, run_python("-c", QUEUE, **full).stdout.strip())

    assert first["request_id"] == second["request_id"] == REQUEST_ID


def test_worker_takes_tasks_from_the_folder(run_python, environment, tmp_path):
    queue_and_wait(run_python, environment, tmp_path / "output")

    assert list((tmp_path / "broker" / "queue").iterdir()) == []
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as connection:
        ended = connection.execute("SELECT task FROM portal_taskrun WHERE succeeded_at IS NOT NULL").fetchall()
    assert ended == [("portal.tasks.clear_expired",)], "what the web process knows about the worker"


@pytest.mark.services("redis")
def test_worker_takes_tasks_from_redis(run_python, environment, tmp_path, redis_url):
    queue_and_wait(run_python, environment, tmp_path / "output", REDIS_URL=redis_url)


def test_message_is_in_the_folder_only_when_complete(tmp_path):
    options = {
        f"{name}_folder{way}": str(tmp_path) for name, way in (("data", "_in"), ("data", "_out"), ("control", ""))
    }
    stop = Event()
    incomplete = []

    def look() -> None:
        while not stop.is_set():
            for path in tmp_path.glob("*.msg"):
                with suppress(FileNotFoundError):
                    text = path.read_text()
                    if not text.endswith("}"):
                        incomplete.append(text)

    with ThreadPoolExecutor() as pool, Connection("folder://localhost", transport_options=options) as connection:
        looking = pool.submit(look)
        queue = connection.SimpleQueue("numbers")
        for number in range(500):
            queue.put({"number": number})
        stop.set()
        looking.result()
        taken = []
        for _ in range(500):
            message = queue.get(timeout=5)
            message.ack()
            taken.append(message.payload["number"])
        queue.close()

    assert incomplete == []
    assert taken == list(range(500))
