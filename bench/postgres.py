"""A PostgreSQL of its own for one run: made in a temporary folder, stopped and deleted at the end."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: What differs from PostgreSQL's defaults. Nothing here makes a single query faster than on a usual server.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "256MB",
    "fsync": "off",  # only for loading
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # the run analyses its tables itself; a worker in between would be noise
    "max_connections": "40",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "logging_collector": "off",
}
USER = "bench"


class PostgresMissing(Exception):
    """PostgreSQL's programs are not on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "The programs initdb and pg_ctl of PostgreSQL were not found (on the PATH and in "
            "/usr/lib/postgresql/*/bin). Debian, Ubuntu: sudo apt-get install postgresql"
        )


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    password: str

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of a database."""
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"


def find_programs() -> Path:
    """Return the folder of the newest PostgreSQL; raise ``PostgresMissing`` where there is none."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    folders = [folder for folder in folders if (folder / "pg_ctl").exists()]
    if not folders:
        raise PostgresMissing
    return max(folders, key=lambda folder: [int(n) for n in re.findall(r"\d+", folder.parent.name)])


def free_port() -> int:
    """Return a port of the loopback address that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_server() -> Iterator[Server]:
    """Start a server, and stop and delete it in the end, whatever happens."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    server = Server(free_port(), secrets.token_hex(16))
    # PostgreSQL refuses to run as root.
    owner = _unprivileged_user() if os.geteuid() == 0 else None
    try:
        password = folder / "password"
        password.write_text(server.password)
        if owner:
            shutil.chown(folder, owner)
            shutil.chown(password, owner)
        data = folder / "data"
        _run(
            [programs / "initdb", "--pgdata", data, "--username", USER, "--pwfile", password, "--auth", "scram-sha-256",
             "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
            folder, owner,
        )  # fmt: skip
        lines = [f"{name} = '{value}'" for name, value in SETTINGS.items()]
        lines += [f"port = {server.port}", f"unix_socket_directories = '{folder}'"]
        with (data / "postgresql.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")
        _run([programs / "pg_ctl", "--pgdata", data, "--log", folder / "log", "--wait", "start"], folder, owner)
        try:
            yield server
        finally:
            _run([programs / "pg_ctl", "--pgdata", data, "--mode", "immediate", "--wait", "stop"], folder, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise SystemExit("PostgreSQL does not run as root, and there is no user postgres or nobody. Run as another user.")


def _run(command: list[str | Path], folder: Path, user: str | None) -> None:
    log = folder / "commands.log"
    with log.open("ab") as file:
        done = subprocess.run(
            [str(part) for part in command], cwd=folder, user=user, group=None, stdin=subprocess.DEVNULL,
            stdout=file, stderr=file, check=False, start_new_session=True,
            extra_groups=[] if user else None, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    if done.returncode:
        output = log.read_text(errors="replace")
        if (folder / "log").exists():
            output += (folder / "log").read_text(errors="replace")
        raise SystemExit(f"{Path(command[0]).name} failed:\n{output[-3000:]}")
