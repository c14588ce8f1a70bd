"""Real workers and beats, killed without warning at random moments: no mail twice, none lost unnoticed.

The mails go to a server on this machine that counts every copy. Leases last minutes; once all workers are dead the
test lets them run out in the database, in place of waiting.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from bench.sink import DROP, Sink
from tests.portal.conftest import ROOT, production

WORKER = "celery --quiet -A portal worker --without-gossip --without-mingle --without-heartbeat"
POST = """if True:
    import sys, django; django.setup()
    from django.db import transaction
    from outbox.mail import Mail
    from outbox.services.posting import post
    with transaction.atomic():
        for number in range(int(sys.argv[1])):
            post(Mail(key=f"k{number}", kind="test", to=f"a{number}@cluster.example", values={"sent_at": "now"}))
"""
Query = Callable[[str], list[tuple[Any, ...]]]


class Crew:
    """Workers and beats of one portal; all are gone at the end, whatever happens."""

    def __init__(self, environment: dict[str, str], folder: Path, query: Query) -> None:
        self.environment, self.folder, self.query = environment, folder, query
        self.processes: list[subprocess.Popen] = []

    def run(self, *command: str) -> None:
        """Run something to its end."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def start(self, command: str) -> subprocess.Popen:
        """Start a process with its children in a group of its own."""
        with (self.folder / f"log-{len(self.processes)}").open("w") as log:
            process = subprocess.Popen(
                command.split(), cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def beat(self) -> None:
        """Start a quick beat with a plan of its own."""
        plan = self.folder / f"plan-{len(self.processes)}"
        self.start(f"celery --quiet -A tests.outbox.quick_beat beat --pidfile= --schedule {plan}")

    def kill(self, process: subprocess.Popen) -> None:
        """Kill it and its children, without a chance to clean up."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def statuses(self) -> Counter[str]:
        """Return how many mails are in each status."""
        return Counter(dict(self.query("SELECT status, count(*) FROM outbox_message GROUP BY status")))

    def wait_until(self, reached: Callable[[], bool], what: str, seconds: float = 40) -> None:
        """Wait until something is so."""
        until = time.monotonic() + seconds
        while not reached():
            logs = "\n".join(path.read_text()[-1500:] for path in sorted(self.folder.glob("log-*")))
            assert time.monotonic() < until, f"{what}: {self.statuses()}\n{logs}"
            time.sleep(0.02)

    def settled(self) -> bool:
        """Return whether no mail is open."""
        return not set(self.statuses()) & {"queued", "claimed", "sending", "deferred"}


@pytest.fixture
def folder(tmp_path: Path, migrated: Path) -> Path:
    """Return a folder of this test with an empty database."""
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def postgresql() -> Iterator[tuple[str, Query]]:
    """Make a database of its own; give its address and a way to ask it."""
    server = urlsplit(os.environ["TEST_DATABASE_URL"])
    name = f"outbox_crash_{os.getpid()}"

    def connect(database: str) -> Any:
        connection = psycopg2.connect(
            host=server.hostname, port=server.port or 5432, user=server.username, password=server.password,
            dbname=database,
        )  # fmt: skip
        connection.autocommit = True
        return connection

    with closing(connect("postgres")) as admin, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    with closing(connect(name)) as connection:

        def query(sql: str) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()) if cursor.description else []

        yield server._replace(path=f"/{name}").geturl(), query
    with closing(connect("postgres")) as admin, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def hire(folder: Path, query: Query, **environment: str) -> Crew:
    """Return the crew of a portal whose database is there."""
    return Crew({**production(folder), "MAIL_ALLOWED": "*", "MAIL_PER_MINUTE": "0", "PYTHONPATH": str(ROOT),
                 "DJANGO_SETTINGS_MODULE": "portal.settings", "LOG_LEVEL": "WARNING", **environment}, folder, query)  # fmt: skip


def check_books(crew: Crew, sink: Sink, planned: int, kills: int, per_kill: int) -> None:
    """Compare what the database says with what arrived."""
    status = dict(crew.query("SELECT recipient, status FROM outbox_message"))
    copies = sink.copies
    uncertain = {recipient for recipient, state in status.items() if state == "uncertain"}
    sys.stdout.write(
        f"{planned} mails, {kills} kills: {len(copies)} arrived, {len(uncertain)} uncertain, "
        f"{len(uncertain - set(copies))} of these did not arrive, {sum(copies.values()) - len(copies)} twice\n"
    )
    assert len(status) == planned
    assert [recipient for recipient, number in copies.items() if number > 1] == [], "no mail twice"
    assert set(status.values()) <= {"accepted", "uncertain"}
    assert {recipient for recipient, state in status.items() if state == "accepted"} <= set(copies)
    assert set(status) - set(copies) <= uncertain, "what did not arrive is flagged"
    assert len(uncertain) <= kills * per_kill
    assert (
        crew.query("SELECT count(*) FROM outbox_message WHERE secrets IS NOT NULL AND status = 'accepted'")[0][0] == 0
    )


@pytest.mark.services("postgresql", "redis")
def test_two_workers_and_two_beats_killed_and_redis_emptied(
    tmp_path: Path, postgresql: tuple[str, Query], redis_url: str
) -> None:
    planned, (database, query), chance = 400, postgresql, random.Random(20270503)  # noqa: S311
    with Sink(delay=0.01) as sink, redis.Redis.from_url(redis_url) as broker:
        broker.flushdb()
        crew = hire(tmp_path, query, DATABASE_URL=database, REDIS_URL=redis_url, WORKER_CONCURRENCY="2",
                    EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")  # fmt: skip
        crew.run("manage.py", "migrate", "-v0")
        try:
            crew.run("-c", POST, str(planned))
            broker.flushdb()  # the wake-up of all those mails is lost too
            crew.beat()
            crew.beat()
            workers = [crew.start(WORKER), crew.start(WORKER)]
            kills = 0
            for share in (0.15, 0.3, 0.5):
                goal = int(planned * share) + chance.randrange(20)
                crew.wait_until(lambda goal=goal: len(sink.mails) >= goal, f"{goal} mails")  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.03))
                crew.kill(workers.pop(0))
                kills += 1
                broker.flushdb()
                workers.append(crew.start(WORKER))
            # What the killed workers held is stuck until its lease runs out: nobody sends it meanwhile.
            crew.wait_until(
                lambda: (
                    set(crew.statuses()) <= {"accepted", "uncertain", "claimed", "sending"}
                    and not query("SELECT 1 FROM outbox_message WHERE status = 'queued'")
                ),
                "everything that is free",
            )
            stuck = crew.statuses()
            for worker in workers:
                crew.kill(worker)
            kills += len(workers)
            query("UPDATE outbox_message SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")
            crew.start(WORKER)
            crew.wait_until(crew.settled, "the end")
        finally:
            for process in crew.processes:
                crew.kill(process)
            broker.flushdb()
        assert stuck["claimed"] + stuck["sending"] > 0, "the kills hit workers at work"
        check_books(crew, sink, planned, kills, per_kill=2)


def test_embedded_worker_killed_with_a_server_that_drops_connections(folder: Path) -> None:
    planned, chance, dropped = 120, random.Random(7), [0]  # noqa: S311

    def fault(phase: str, recipient: str) -> str | None:
        if phase == "dot" and recipient in ("a11@cluster.example", "a77@cluster.example"):
            dropped[0] += 1
            return DROP
        return None

    def query(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(folder / "db.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(sql).fetchall()

    with Sink(fault, delay=0.005) as sink:
        crew = hire(folder, query, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}")
        try:
            crew.run("-c", POST, str(planned))
            crew.beat()
            worker = crew.start(WORKER)
            for goal in (40,):
                crew.wait_until(lambda goal=goal: len(sink.mails) >= goal, f"{goal} mails")  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.03))
                crew.kill(worker)
                query("UPDATE outbox_message SET lease_until = '2020-01-01' WHERE lease_until IS NOT NULL")
                query("UPDATE outbox_serverstate SET paused_until = NULL")
                worker = crew.start(WORKER)
            crew.wait_until(crew.settled, "the end")
        finally:
            for process in crew.processes:
                crew.kill(process)
        assert dropped[0] == 2
        check_books(crew, sink, planned, kills=1 + 2, per_kill=1)  # each dropped connection leaves one uncertain


def test_embedded_worker_killed_while_it_writes_files(folder: Path) -> None:
    planned = 150

    def query(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(folder / "db.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(sql).fetchall()

    crew = hire(folder, query)
    files = folder / "outbox"
    try:
        crew.run("-c", POST, str(planned))
        crew.beat()
        worker = crew.start(WORKER)
        for goal in (50,):
            crew.wait_until(lambda goal=goal: len(list(files.glob("*.eml"))) >= goal, f"{goal} files")  # type: ignore[misc]
            crew.kill(worker)
            query("UPDATE outbox_message SET lease_until = '2020-01-01' WHERE lease_until IS NOT NULL")
            worker = crew.start(WORKER)
        crew.wait_until(crew.settled, "the end")
    finally:
        for process in crew.processes:
            crew.kill(process)
    written = {path.stem for path in files.glob("*.eml")}
    known = {str(uuid).replace("-", "") for (uuid,) in query("SELECT uuid FROM outbox_message")}
    assert crew.statuses() == {"accepted": planned}, "a file is there or not: nothing stays uncertain"
    assert {name.replace("-", "") for name in written} == known
    assert all(path.stat().st_mode & 0o077 == 0 for path in files.glob("*.eml")), "nobody else may read links"
