"""What all tests share: an empty cache, and services that are used only where they are named."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings

# No test is timed: the machines that run them are shared and slow at times.
hypothesis_settings.register_profile("quick", deadline=None)
hypothesis_settings.register_profile("long", deadline=None)  # for `make test-long`; see tests/effort.py
# For bench/mutations.py: whether a test fails, not what is the smallest example.
hypothesis_settings.register_profile("first-failure", deadline=None, phases=[Phase.explicit, Phase.generate])
hypothesis_settings.load_profile("quick")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
DATA_IS_LOADED = pytest.StashKey[bool]()
SERVICES = {
    "postgresql": "TEST_DATABASE_URL",
    "redis": "TEST_REDIS_URL",
}


def find_chromium() -> str | None:
    """Return the browser named by CHROMIUM, or one on the PATH."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_sessionstart() -> None:
    """Take out what the app of ``tests/extension_app/`` registered while Django started: most tests are without it."""
    # Here, since Django is set up only after this file was read.
    from tests.extension_app import extensions

    extensions.unregister()


@pytest.fixture
def extension_app(settings: Any) -> Iterator[None]:
    """Give the test a portal to which another app adds one of everything."""
    from tests.extension_app import extensions

    extensions.register()
    settings.ROOT_URLCONF = "tests.extension_app.urls"
    yield
    extensions.unregister()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over modules without a test for both databases where only these are asked for: to read all takes long."""
    is_asked = config.option.markexpr == "both_databases" and collection_path.name.startswith("test_")
    return True if is_asked and "both_databases" not in collection_path.read_text() else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Put the tests with real data last, whatever else orders them, so that no other test meets that data."""
    yield
    items.sort(key=lambda item: "data_once" in item.fixturenames)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail where it is required, what needs a service that was not named."""
    if item.config.stash.get(DATA_IS_LOADED, False) and "data_once" not in item.fixturenames:
        pytest.fail("the real data is loaded, and this test does not ask for it", pytrace=False)
    for marker in item.iter_markers("services"):
        for service in marker.args:
            if service == "postgresql" and os.environ.get("TEST_ROUND") == "sqlite":
                pytest.skip("runs in the round on PostgreSQL")
            if not os.environ.get(SERVICES[service]):
                _missing(f"{SERVICES[service]} is not set", required="REQUIRE_SERVICES")
    if item.get_closest_marker("e2e") and not find_chromium():
        _missing("no Chromium was found (CHROMIUM can name one)", required="REQUIRE_BROWSER")


def _missing(reason: str, required: str) -> None:
    if os.environ.get(required) == "1":
        pytest.fail(f"{reason}, and {required}=1 says that it must be there", pytrace=False)
    pytest.skip(f"NOT RUN: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly at the end what did not run."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if "NOT RUN: " in reason:
            reason = reason.partition("NOT RUN: ")[2]
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("NOT RUN", sep="!", red=True, bold=True)
        for reason, count in reasons.items():
            terminalreporter.write_line(f"NOT RUN: {count} tests, because {reason}", red=True)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Start every test with an empty cache: throttles and failed sign-ins count in it, as do the public forms."""
    from publicforms import rate_limits

    cache.clear()
    rate_limits.forget_all()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the checks of submissions reach nobody: tests name servers of their own where they need one."""
    from webcheck.fetcher import Fetched, Outcome
    from webcheck.mail_domains import Answer

    def fetch(url: str) -> Fetched:
        return Fetched(Outcome.UNREACHABLE, url, "Tests reach no network.")

    monkeypatch.setattr("submissions.services.checks.fetch", fetch)
    monkeypatch.setattr("submissions.services.checks.mail_domain_exists", lambda address: Answer.UNKNOWN)


@pytest.fixture(scope="session", autouse=True)
def _no_session_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End what a thread or a killed process of a test still holds, before the test database is dropped."""
    yield
    if "postgresql" in settings.DATABASES["default"]["ENGINE"]:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Empty the tables after a test that commits by DELETE: TRUNCATE of 80 tables takes longer than most such tests.

    Content types and permissions stay, so that nothing has to make them again. Foreign keys are checked at the end.
    """
    kept = {"django_content_type", "auth_permission", "django_migrations"}

    def empty(_test: TransactionTestCase) -> None:
        tables = sorted(
            set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - kept
        )
        with transaction.atomic(), connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser; only for tests marked ``e2e``."""
    path = find_chromium()
    assert path, "a test that asks for the browser must be marked e2e"
    return path


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real Redis for one test at a time; only for tests marked ``services("redis")``."""
    with (_shared(tmp_path_factory) / "redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield os.environ["TEST_REDIS_URL"]


def _shared(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all xdist workers of this run share."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def _made_once(factory: pytest.TempPathFactory, name: str, command: str, copy_of: Path | None = None) -> Path:
    """Return the folder of a portal after ``command``: one xdist worker makes it, all others wait and share it."""
    # Here, since Django is set up only after this file was read.
    from tests.portal.conftest import ROOT, production

    shared = _shared(factory)
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = factory.mktemp(name)
            if copy_of:
                shutil.copytree(copy_of, making, dirs_exist_ok=True)
            manage = [sys.executable, "manage.py", command]
            subprocess.run(manage, cwd=ROOT, env=production(making), check=True, stdout=subprocess.DEVNULL)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a portal with an empty database; tests start processes in copies of it."""
    return _made_once(tmp_path_factory, "migrated", "migrate")


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """Return the folder of a portal with the real data and static files; tests start processes in copies of it."""
    return _made_once(tmp_path_factory, "started", "first_start", copy_of=migrated)


@pytest.fixture(scope="session")
def data_once(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the data once; every test rolls back its own changes, this one all.

    Its transaction stays open to the end, so tests that commit (``transaction=True``) cannot have it.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        # Here, since Django is set up only after this file was read.
        from catalogue.loading.synonyms import load_synonyms, load_towns
        from loading.load import load_all

        load_all(folder=settings.FIXTURE_DATA_DIR)
        load_synonyms(settings.FIXTURE_DATA_DIR)
        load_towns()
        request.config.stash[DATA_IS_LOADED] = True
        yield
        transaction.set_rollback(True)


@pytest.fixture
def data(data_once: None, db: None) -> None:
    """Give the test the loaded data."""
