"""Bring the portal to a state in which it can be used; safe to run at every start."""

import hashlib
import io
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from catalogue.models import Cluster

USERNAME = "admin"


class Command(BaseCommand):
    """Migrate, make the staff groups, load the data, make a staff account, collect the static files."""

    help = (
        "Prepares the portal: database, staff groups, the real data, a staff account with a random password "
        "(printed once), static files. Does only what is still missing, so it may run at every start."
    )
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps in order and say how long each took."""
        folder = Path(settings.DATA_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        self._step("Database", self._migrate)
        self._step("Staff groups", lambda: self._quietly("sync_groups"))
        self._step("Data", lambda: self._load(folder / "loaded-data"))
        self._step("Static files", lambda: self._collect(folder / "collected-static"))
        self._account()

    def _step(self, name: str, work: Callable[[], str]) -> None:
        started = time.monotonic()
        self.stdout.write(f"  {name} … ", ending="")
        self.stdout.flush()
        outcome = work()
        self.stdout.write(f"{outcome} ({time.monotonic() - started:.1f} s)")
        self.stdout.flush()

    def _migrate(self) -> str:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            return "up to date"
        call_command("migrate", interactive=False, verbosity=0)
        return f"{len(plan)} migrations applied"

    def _quietly(self, command: str) -> str:
        call_command(command, stdout=io.StringIO())
        return "up to date"

    def _load(self, stamp: Path) -> str:
        """Load the data unless exactly these files are in this database already."""
        source = Path(settings.FIXTURE_DATA_DIR)
        digest = _digest(path for path in source.rglob("*") if path.is_file())
        if stamp.is_file() and stamp.read_text() == digest and Cluster.objects.exists():
            return "loaded before"
        self.stdout.write("")
        call_command("load_data", stdout=self.stdout, stderr=self.stderr)
        stamp.write_text(digest)
        return "  Data loaded"

    def _collect(self, stamp: Path) -> str:
        """Collect and compress the static files unless none of them changed."""
        storage_name = settings.STORAGES["staticfiles"]["BACKEND"]
        if settings.DEBUG:
            return f"not needed with {storage_name.rpartition('.')[2]}"
        files = (
            Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list(["CVS", ".*", "*~"])
        )
        digest = _digest(files, storage_name)
        root = Path(settings.STATIC_ROOT)
        if stamp.is_file() and stamp.read_text() == digest and (root / "staticfiles.json").is_file():
            return "up to date"
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=root.is_dir(), verbosity=0)
        stamp.write_text(digest)
        return "collected"

    def _account(self) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            self.stdout.write(
                "  Staff sign-in at /admin/ with the account that exists; forgot the password? make password"
            )
            return
        if users.filter(username=USERNAME).exists():
            raise CommandError(
                f"There is an account '{USERNAME}' without all rights, and no account with them. "
                "Make one: .venv/bin/python manage.py createsuperuser"
            )
        password = secrets.token_urlsafe(15)
        users.create_superuser(USERNAME, "", password)
        lines = [
            "Staff sign-in at /admin/",
            "",
            f"    name      {USERNAME}",
            f"    password  {password}",
            "",
            "Shown only this once. Change it at /admin/password_change/,",
            "or get a new one with: make password",
        ]
        width = max(map(len, lines))
        self.stdout.write(f"\n  ┌─{'─' * width}─┐")
        for line in lines:
            self.stdout.write(f"  │ {line.ljust(width)} │")
        self.stdout.write(f"  └─{'─' * width}─┘\n")


def _digest(paths: Any, *more: str) -> str:
    """Return a fingerprint of these files from their names, sizes and times of change."""
    lines = sorted(f"{path}:{(stat := path.stat()).st_size}:{stat.st_mtime_ns}" for path in paths)
    return hashlib.sha256("\n".join([*lines, *more]).encode()).hexdigest()
