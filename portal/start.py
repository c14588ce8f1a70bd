"""Prepare the portal and run web, worker, mailer and beat together until Ctrl-C: ``make run``.

The commands come from ``Procfile``. What one start promises: a second start in the same folder is
refused, one process that ends takes the others with it, and nothing stays behind, even when this process
is killed without a chance to clean up.
"""

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured
from honcho.environ import parse_procfile

from portal.local_address import remember
from portal.write_env import write_env

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 60
BEAT_SETTLES_WITHIN = 15.0  # seconds, on a slow machine
STOP_WITHIN = 10


def main(arguments: list[str]) -> int:
    """Prepare and serve; the number is the exit code."""
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if "ENV_FILE" not in os.environ and write_env(ROOT / ".env"):
        _say("Wrote .env with a random secret key.")
    try:
        # Only now: without .env the settings refuse to load.
        from django.conf import settings

        host, port, folder = settings.BIND, settings.PORT, Path(settings.DATA_DIR)
    except ImproperlyConfigured as error:
        _say(str(error))
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    lock = _take_lock(folder / "run.lock")
    if lock is None:
        return 1
    if "--prepare" not in arguments and not _port_is_free(host, port):
        return 1
    if code := _prepare(lock):
        return code
    if "--prepare" in arguments:
        return 0
    if not settings.SITE_URL_IS_GIVEN and not settings.HTTPS:
        # What was remembered may be of an earlier start with another port.
        os.environ["SITE_URL"] = f"http://127.0.0.1:{port}"
        remember(folder, os.environ["SITE_URL"])
    return _serve(host, port, lock)


def _take_lock(path: Path) -> IO[str] | None:
    """Hold the file for as long as this process lives; None when another start holds it."""
    lock = path.open("a+")
    for attempt in range(120):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            if _is_alive(holder):
                _say(f"The portal is already running from this folder (process {holder}).")
                _say("Stop that one first with Ctrl-C in its window, or use it.")
                return None
            if attempt == 0:
                _say("An earlier start was killed; waiting for what it left behind to end …")
            time.sleep(0.25)
        else:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            return lock
    _say("Processes of an earlier start do not end. Wait a moment and start again.")
    return None


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return True  # the other start holds the lock and has not written its number yet
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            _say(f"Port {port} on {host} cannot be used: {error.strerror}.")
            _say(f"Choose another one: make run PORT={port + 1 if port < 65535 else 8000}")
            return False
    return True


def _prepare(lock: IO[str]) -> int:
    """Run ``first_start`` in a process of its own, which ends without noise when this one is stopped."""
    command = [sys.executable, "manage.py", "first_start"]
    with subprocess.Popen(command, start_new_session=True, pass_fds=[lock.fileno()]) as process:
        try:
            return process.wait()
        except (KeyboardInterrupt, SystemExit):
            process.terminate()
            raise


def _serve(host: str, port: int, lock: IO[str]) -> int:
    """Run the commands of the Procfile until a signal comes or one of them ends."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    guard = _Guard(lock)
    folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}", "PYTHONUNBUFFERED": "1"}
    processes = {}
    started = time.monotonic()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        # A session of its own each: Ctrl-C reaches only this process, which then ends them in order.
        processes[name] = subprocess.Popen(shlex.split(command), env=environment, start_new_session=True)
        guard.watch(processes[name].pid)
    threading.Thread(target=_announce, args=(host, port, stop), daemon=True).start()
    ended = {}
    while not stop.wait(0.2) and not ended:
        ended = {name: process.returncode for name, process in processes.items() if process.poll() is not None}
    stop.set()
    if time.monotonic() - started < BEAT_SETTLES_WITHIN and processes["beat"].poll() is None:
        # Asked to end while it makes its schedule file, beat dies with a traceback. It has nothing to
        # lose yet, and replaces a broken file by itself.
        processes["beat"].kill()
    _end(list(processes.values()))
    guard.dismiss()
    for name, code in ended.items():
        _say(f"The process {name} ended by itself with code {code}, so the portal was stopped.")
    if not ended:
        _say("Stopped.")
    return 1 if ended else 0


def _end(processes: list[subprocess.Popen]) -> None:
    """Ask the processes to end, and make those end that do not within STOP_WITHIN seconds."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + STOP_WITHIN
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, until - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            # Also those whose parent ended before them, such as the children of a killed worker.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _announce(host: str, port: int, stop: threading.Event) -> None:
    """Say the address as soon as the portal answers there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    address = f"http://{reachable}:{port}/"
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and not stop.is_set():
        try:
            with urllib.request.urlopen(f"{address}health/live", timeout=5):  # noqa: S310 our own address
                break
        except urllib.error.HTTPError:
            break  # an answer all the same, such as 400 where the address is not in ALLOWED_HOSTS
        except OSError:
            time.sleep(0.1)
    else:
        return
    _say(f"\nCluster Portal is ready at {address} (staff: {address}admin/). Ctrl-C stops it.\n")


class _Guard:
    """A process of its own that ends what this one started, should this one be killed.

    It waits at the end of a pipe; the pipe closes when this process has ended, for whatever reason.
    """

    def __init__(self, lock: IO[str]) -> None:
        reader, self._writer = os.pipe()
        # With the lock: the next start waits until all processes of this one have ended.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _GUARD], stdin=reader, start_new_session=True, pass_fds=[lock.fileno()]
        )
        os.close(reader)

    def watch(self, pid: int) -> None:
        """Name the leader of one more process group."""
        os.write(self._writer, f"{pid}\n".encode())

    def dismiss(self) -> None:
        """Let the guard know that everything ended in order."""
        os.write(self._writer, b"done\n")
        os.close(self._writer)
        self._process.wait(timeout=10)


# A group that has ended raises ProcessLookupError, one of another user PermissionError.
_GUARD = """
import os, signal, sys, time
words = sys.stdin.read().split()
if "done" not in words:
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in words:
            try:
                os.killpg(int(pid), number)
            except (ProcessLookupError, PermissionError):
                pass
        if number == signal.SIGTERM:
            time.sleep(3)
"""


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 this is what the person at the terminal reads


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
