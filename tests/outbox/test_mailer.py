"""Real processes of the Procfile with a mail server that never ends its answer: everything but mail goes on."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.outbox.hanging_server import HangingServer
from tests.outbox.test_crashes import POST, hire
from tests.portal.test_worker import PROCFILE


def test_sweep_goes_on_while_every_delivery_hangs_after_the_dot(tmp_path: Path, migrated: Path) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)

    def query(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(tmp_path / "db.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(sql).fetchall()

    def status(number: int) -> str:
        return query(f"SELECT status FROM outbox_message WHERE key = 'k{number}'")[0][0]  # noqa: S608

    with HangingServer("dot", "drip") as server:
        crew = hire(tmp_path, query, EMAIL_URL=f"smtp://127.0.0.1:{server.port}")
        try:
            crew.run("-c", POST, "2")
            crew.beat()
            crew.start(PROCFILE["mailer"])
            crew.wait_until(lambda: server.hangs["dot"] == 1, "the delivery that hangs")
            # The other mail was taken by the same worker, which does not come back to it in time.
            assert (status(0), status(1)) == ("sending", "claimed")
            query("UPDATE outbox_message SET lease_until = '2020-01-01' WHERE key = 'k1'")
            crew.start(PROCFILE["worker"])
            crew.wait_until(lambda: status(1) == "queued", "the sweep")

            assert (status(0), server.taken) == ("sending", [])
        finally:
            for process in crew.processes:
                crew.kill(process)
