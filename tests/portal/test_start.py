"""`make run` from its first start to its end, with real processes."""

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from portal.write_env import write_env
from tests.portal.conftest import ROOT, production


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def family(pid: int) -> set[int]:
    """Return the process and all that come from it, from the list of processes."""
    rows = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, row.split())) for row in rows.splitlines()]
    found = {pid}
    while more := {child for child, parent in parents if parent in found} - found:
        found |= more
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those that still run; a dead one that nobody has collected yet does not."""
    rows = subprocess.run(["ps", "-e", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    running = {int(pid) for pid, state in (row.split() for row in rows.splitlines()) if not state.startswith("Z")}
    return pids & running


class Portal:
    """One `python -m portal.start` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**production(folder), "HTTPS": "0", "LOG_FORMAT": "text", "PORT": str(free_port())}
        self.process: subprocess.Popen | None = None

    def start(self, **changes: str) -> subprocess.Popen:
        """Start it; its output goes into a file."""
        with (self.folder / "output").open("w") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "portal.start"],
                cwd=ROOT,
                env={**self.environment, **changes},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def wait_until_ready(self) -> set[int]:
        """Wait for the address and give all processes."""
        for _ in range(600):
            if "is ready at" in self.output:
                return family(self.process.pid)
            assert self.process.poll() is None, self.output
            time.sleep(0.1)
        raise AssertionError(self.output)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """Prepare a portal once."""
    portal = Portal(tmp_path_factory.mktemp("portal"))
    done = subprocess.run(
        [sys.executable, "-m", "portal.start", "--prepare"],
        cwd=ROOT, env=portal.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    portal.first_output = done.stdout
    return portal


@pytest.fixture
def portal(prepared: Portal) -> Iterator[Portal]:
    """Run it; whatever the test leaves is ended."""
    prepared.process = prepared.start()
    yield prepared
    for pid in family(prepared.process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    prepared.process.wait(timeout=10)


def test_first_start_loads_the_data_and_prints_a_password(prepared):
    password = re.search(r"password  (\S{20})", prepared.first_output)[1]

    with closing(sqlite3.connect(prepared.folder / "db.sqlite3")) as database:
        published = database.execute("SELECT count(*) FROM catalogue_cluster WHERE status = 'published'").fetchone()
        [(name, stored)] = database.execute("SELECT username, password FROM auth_user WHERE is_superuser").fetchall()
    assert published == (68,)
    assert name == "admin"
    assert password not in stored


def test_second_start_changes_nothing_and_prints_no_password(prepared, run_python):
    with closing(sqlite3.connect(prepared.folder / "db.sqlite3")) as database:
        before = database.execute("SELECT password FROM auth_user").fetchall()

        again = run_python("manage.py", "first_start", **prepared.environment)

        after = database.execute("SELECT password FROM auth_user").fetchall()
    assert again.returncode == 0, again.stderr
    assert after == before
    assert "password  " not in again.stdout
    assert "make password" in again.stdout
    assert re.findall(r"(Database|Data|Static files) … (up to date|loaded before) \(", again.stdout) == [
        ("Database", "up to date"),
        ("Data", "loaded before"),
        ("Static files", "up to date"),
    ]


def test_new_password_replaces_the_old_one(prepared, run_python):
    check = """if True:
        import sys, django; django.setup()
        from django.contrib.auth.models import User
        print(User.objects.get(username="admin").check_password(sys.argv[1]))
    """
    environment = {**prepared.environment, "DJANGO_SETTINGS_MODULE": "portal.settings"}

    said = run_python("manage.py", "new_password", **environment).stdout
    nobody = run_python("manage.py", "new_password", "nobody", **environment)

    password = re.fullmatch(r"New password of admin: (\S{20})\n", said)[1]
    assert run_python("-c", check, password, **environment).stdout.strip() == "True"
    assert nobody.returncode == 1
    assert "Staff accounts: admin" in nobody.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_everything_cleanly(portal, number):
    processes = portal.wait_until_ready()

    portal.process.send_signal(number)

    assert portal.process.wait(timeout=30) == 0
    assert alive(processes) == set()
    assert len(processes) >= 5
    assert "Traceback" not in portal.output
    assert portal.output.endswith("Stopped.\n")
    assert portal.output.count("is ready at") == 1


def test_second_start_in_the_same_folder_is_refused(portal):
    portal.wait_until_ready()

    second = subprocess.run(
        [sys.executable, "-m", "portal.start"], cwd=ROOT, env={**portal.environment, "PORT": str(free_port())},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert second.returncode == 1
    assert f"already running from this folder (process {portal.process.pid})" in second.stdout
    assert portal.process.poll() is None


def test_portal_ends_with_an_error_when_one_process_dies(portal):
    processes = portal.wait_until_ready()
    rows = subprocess.run(
        ["ps", "-e", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    [beat] = [
        int(row.split()[0])
        for row in rows.splitlines()
        if row.split()[1] == str(portal.process.pid) and "portal beat" in row
    ]

    os.kill(beat, signal.SIGKILL)

    assert portal.process.wait(timeout=30) == 1
    assert "The process beat ended by itself with code -9" in portal.output
    assert alive(processes) == set()


def test_killed_portal_leaves_nothing_and_starts_again(portal):
    processes = portal.wait_until_ready()

    portal.process.kill()
    portal.process.wait(timeout=10)
    portal.process = portal.start()
    new = portal.wait_until_ready()

    assert alive(processes) == set()
    assert len(new) >= 5
    assert "waiting for what it left behind" in portal.output


def test_processes_beside_the_portal_write_its_address(portal, run_python):
    portal.wait_until_ready()
    port = portal.environment["PORT"]

    def address(**changes: str | None) -> str:
        script = "from portal import settings; print(settings.SITE_URL)"
        result = run_python("-c", script, **{**portal.environment, "PORT": None, **changes})
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    assert address() == f"http://127.0.0.1:{port}"
    assert address(PORT="8123") == "http://127.0.0.1:8123"
    assert address(SITE_URL="http://portal.example") == "http://portal.example"
    assert address(HTTPS="1") == "https://portal.example"
    (portal.folder / "address").write_text("https://elsewhere.example")
    assert address() == "http://127.0.0.1:8000"


def test_used_port_is_named_with_a_remedy(tmp_path):
    portal = Portal(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = portal.start(PORT=str(port))

        assert process.wait(timeout=30) == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in portal.output
    assert "make run PORT=" in portal.output
    assert not (tmp_path / "db.sqlite3").exists()


def test_wrong_setting_is_said_without_a_traceback(tmp_path):
    portal = Portal(tmp_path)

    process = portal.start(PORT="many")

    assert process.wait(timeout=30) == 2
    assert "PORT: Not a valid integer." in portal.output
    assert "Traceback" not in portal.output


def test_env_file_is_written_once_for_the_owner_alone(tmp_path):
    path = tmp_path / ".env"

    first, text = write_env(path), path.read_text()
    second = write_env(path)

    assert (first, second) == (True, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == text
    assert re.search(r"^SECRET_KEY=\S{60,}$", text, re.MULTILINE)


def test_env_file_is_enough_to_start(tmp_path, run_python):
    write_env(tmp_path / ".env")

    result = run_python(
        "-c", "import portal.settings", ENV_FILE=str(tmp_path / ".env"), SECRET_KEY=None, ALLOWED_HOSTS=None
    )

    assert (result.returncode, result.stderr) == (0, "")
