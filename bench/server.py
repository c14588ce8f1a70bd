"""The portal under gunicorn in production mode, for as long as it is measured."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import Client
from bench.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
READY_WITHIN = 60


def environment(database_url: str, folder: Path, port: int = 0, workers: int = WORKERS) -> dict[str, str]:
    """Return the settings of the measured portal; nothing of the caller's own settings gets in."""
    passed_on = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **passed_on,
        "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "0",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "PORT": str(port or 8000),
        "WEB_CONCURRENCY": str(workers),
        "API_RATE": "1000000/sec",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def running(database_url: str, folder: Path, workers: int = WORKERS) -> Iterator[Client]:
    """Start gunicorn, yield a client once it answers, and stop it."""
    port = free_port()
    log = (folder / "gunicorn.log").open("ab")
    process = subprocess.Popen(
        # Connections stay open between two kinds of requests and no worker is replaced, so that they stay spread.
        [
            sys.executable, "-m", "gunicorn", "--config", "portal/gunicorn.py", "--keep-alive", "300",
            "--max-requests", "0", "--max-requests-jitter", "0",
            "portal.wsgi:application",
        ],
        cwd=ROOT, env=environment(database_url, folder, port, workers), stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        client = _wait(process, port, workers, folder)
        yield client
        client.close()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


def _wait(process: subprocess.Popen, port: int, workers: int, folder: Path) -> Client:
    for _ in range(READY_WITHIN * 4):
        if process.poll() is not None:
            break
        try:
            return Client.spread(port, workers)
        except OSError:
            time.sleep(0.25)
    raise SystemExit("gunicorn did not start:\n" + (folder / "gunicorn.log").read_text()[-3000:])
