"""``make bench-mail``: how fast mails are written and sent, through a real PostgreSQL to a server on this machine.

Commits are durable here (fsync on), as they are in production: a mail costs two of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.postgres import PostgresMissing, private_server
from bench.server import ROOT, environment
from bench.sink import Sink

PROCESSES = (1, 2, 4)
DELAYS = (0.0, 0.005)  # seconds that the server takes for one mail


def main() -> int:
    """Measure and print; the number is the exit code."""
    size = int(os.environ.get("BENCH_MAILS", "2000"))
    try:
        with private_server() as server, tempfile.TemporaryDirectory(prefix="portal-bench-mail-") as name:
            base = environment(server.url("postgres"), Path(name))
            _python(
                base,
                "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
                "[k.execute(f'ALTER SYSTEM SET {n} = on') for n in ('fsync', 'synchronous_commit', 'full_page_writes')];"
                "k.execute('SELECT pg_reload_conf()'); k.execute('CREATE DATABASE bench_mail')",
            )
            base["DATABASE_URL"] = server.url("bench_mail")
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=base, check=True)
            print(f"{size:,} mails for each line; text and HTML, about 2 kB.")
            print(f"written: {size / _python(base, _POST, str(size), 'files'):.0f} a second, one transaction each")
            print(f"into files, 1 process: {size / _python(base, _SEND):.0f} a second")
            wrong = 0
            for delay in DELAYS:
                for processes in PROCESSES:
                    wrong += _smtp(base, size, delay, processes)
    except PostgresMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    return 1 if wrong else 0


def _smtp(base: dict[str, str], size: int, delay: float, processes: int) -> int:
    _python(base, _POST, str(size), f"{delay}-{processes}")
    with Sink(delay=delay) as sink:
        settings = {
            **base, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "MAIL_ALLOWED": "*", "MAIL_PER_MINUTE": "0",
        }  # fmt: skip
        started = time.monotonic()
        running = [
            subprocess.Popen([sys.executable, "-c", _SEND], cwd=ROOT, env=settings, stdout=subprocess.PIPE)
            for _ in range(processes)
        ]
        spans = [float((process.communicate()[0] or b"0").split()[-1]) for process in running]
        wall = time.monotonic() - started
        twice = sum(number > 1 for number in sink.copies.values())
        print(
            f"SMTP, server takes {delay * 1000:.0f} ms, {processes} process{'es' if processes > 1 else ''}: "
            f"{size / max(spans):.0f} a second ({len(sink.copies):,} arrived, {twice} twice; "
            f"{wall:.1f} s with the start of the processes)",
            flush=True,
        )
        return twice + (len(sink.copies) != size)


_POST = """if True:
    import sys, time, django; django.setup()
    from datetime import timedelta
    from django.utils import timezone
    from outbox.mail import Mail
    from outbox.services.posting import post
    started, due = time.monotonic(), timezone.now()
    for number in range(int(sys.argv[1])):
        # Due a moment ahead, so that no worker is woken: there is none here.
        post(Mail(key=f"{sys.argv[2]}-{number}", kind="test", to=f"a{number}@cluster.example",
                  values={"sent_at": "now " * 100}, due_at=due + timedelta(hours=1)))
    print(time.monotonic() - started)
    from outbox.models import Message
    Message.objects.filter(status="queued").update(due_at=due)
"""
_SEND = """if True:
    import time, django; django.setup()
    from outbox.services.sending import run_slice
    started = time.monotonic()
    while run_slice().is_unfinished: pass
    print(time.monotonic() - started)
"""


def _python(settings: dict[str, str], code: str, *arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=settings, check=True, stdout=subprocess.PIPE
    )
    return float((done.stdout or b"0").split()[-1]) if done.stdout else 0.0


if __name__ == "__main__":
    sys.exit(main())
