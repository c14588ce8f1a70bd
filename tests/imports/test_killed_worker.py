"""A real Celery worker is killed in the middle of dry run, proposing and approving; another one ends it, without doubles."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.portal.conftest import ROOT, production

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
ROWS = 2000
PRELUDE = """if True:
    import django; django.setup()
    from catalogue.models import *
    from imports.models import *
    from imports.services import approve, jobs, propose, upload
    from submissions.models import *
    spreadsheet = SpreadsheetImport.objects.first()
"""
BEGIN = (
    PRELUDE
    + f"""
    from django.core.files.base import ContentFile
    Country.objects.create(code="DE", name="Germany")
    text = "name,country\\n" + "".join(f"Number {{n}} Thing,DE\\n" for n in range({ROWS}))
    spreadsheet = upload.create_import(file=ContentFile(text.encode(), name="x.csv"), name="x.csv", user=None, wakes=False)
    jobs.run(spreadsheet.pk)
    upload.set_columns(spreadsheet=spreadsheet, targets=["name", "country"])
"""
)
PROPOSE = PRELUDE + "    propose.start_proposing(spreadsheet=spreadsheet)\n"
APPROVE = PRELUDE + "    approve.start_approving(spreadsheet=spreadsheet, approver=None)\n"
STATE = (
    PRELUDE
    + """
    print(spreadsheet.status, spreadsheet.rows_done, spreadsheet.rows.count(), spreadsheet.rows.values("number").distinct().count(),
          Submission.objects.count(), Submission.objects.values("name").distinct().count(), Cluster.objects.count())
"""
)
# What beat does every 20 seconds, once the claim of the killed worker is over.
RESUME = (
    PRELUDE
    + """
    from datetime import timedelta
    from django.utils import timezone
    from imports.tasks import resume_imports
    SpreadsheetImport.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    resume_imports()
"""
)


class Site:
    """A portal of its own whose worker can be killed."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.environment = {**production(folder), **changes, "DJANGO_SETTINGS_MODULE": "portal.settings"}
        self.log, self.database = folder / "worker.log", folder / "db.sqlite3"

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def state(self) -> list[str]:
        return self.run("-c", STATE).split()

    def progress(self) -> tuple[str, int]:
        """Return status and rows done, without the time that a process of Django takes to start."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return connection.execute("SELECT status, rows_done FROM imports_spreadsheetimport").fetchone()

    def worker(self) -> subprocess.Popen:
        with self.log.open("a") as log:
            return subprocess.Popen(
                PROCFILE["worker"].split(),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def work_until_killed(self, phase: str, most: int) -> None:
        """Start a worker and kill it, children and all, once some of the phase's work is done."""
        process = self.worker()
        try:
            for _ in range(3000):
                status, done = self.progress()
                if status != phase or 0 < done < most:
                    break
                time.sleep(0.02)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        status, done = self.progress()
        assert status == phase, "the worker was quicker than its end"
        assert 0 < done < most

    def work_until_done(self, status: str) -> list[str]:
        self.run("-c", RESUME)
        process = self.worker()
        try:
            for _ in range(1200):
                if self.progress()[0] == status:
                    return self.state()
                time.sleep(0.1)
            raise AssertionError(f"{self.progress()} {self.log.read_text()}")
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_killed_worker_loses_nothing_and_doubles_nothing(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    site = Site(tmp_path)
    rows = str(ROWS)

    site.run("-c", BEGIN)
    site.work_until_killed("checking", ROWS)
    assert site.work_until_done("checked") == ["checked", rows, rows, rows, "0", "0", "0"]

    site.run("-c", PROPOSE)
    site.work_until_killed("proposing", ROWS)
    assert site.work_until_done("proposed") == ["proposed", rows, rows, rows, rows, rows, "0"]
