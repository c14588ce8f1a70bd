"""A portal as an operator runs it (gunicorn, production mode, real data) and a real browser before it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a password of the tests"

WATCH_CSP = """
window.cspViolations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.cspViolations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as needing a browser."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.e2e)


# Takes code as JSON, a line each, and answers with what it printed and how it failed. Closed connections keep no
# lock and no old view of the database that the web process writes into.
SHELL = """if True:
    import contextlib, io, json, sys, traceback
    import django; django.setup()
    from django.db import connections
    for line in sys.stdin:
        printed, failure = io.StringIO(), ""
        try:
            with contextlib.redirect_stdout(printed):
                exec(json.loads(line), {})
        except Exception:
            failure = traceback.format_exc()
        connections.close_all()
        print(json.dumps([printed.getvalue(), failure]), flush=True)
"""


@dataclass
class Portal:
    """The running portal: where it is, and how to run code on its database."""

    url: str
    environment: dict[str, str] = field(repr=False)
    _shell: subprocess.Popen | None = field(default=None, repr=False)

    def shell(self, code: str) -> str:
        """Run Python code beside the portal and return what it printed; one process runs all of it."""
        if not self._shell:
            environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "portal.settings"}
            self._shell = subprocess.Popen(
                [sys.executable, "-c", SHELL], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(json.dumps(code) + "\n")
        self._shell.stdin.flush()
        printed, failure = json.loads(self._shell.stdout.readline())
        assert not failure, failure
        return printed.strip()

    def close_shell(self) -> None:
        """End the process of :meth:`shell`."""
        if self._shell:
            self._shell.communicate(timeout=20)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, started: Path) -> Iterator[Portal]:
    """Start gunicorn in production mode on a free port of this machine, with the real data."""
    folder = tmp_path_factory.mktemp("portal")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "0",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "LOG_LEVEL": "ERROR",
        "API_RATE": "100000/min",
        "PORT": str(port),
    }
    portal = Portal(f"http://127.0.0.1:{port}", environment)
    shutil.copytree(started, folder, dirs_exist_ok=True)
    portal.shell(
        "from django.contrib.auth.models import User\n"
        f"User.objects.create_superuser('coordinator', 'c@portal.example', {PASSWORD!r})"
    )
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--config", "portal/gunicorn.py"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_ready(portal, process, folder / "web.log")
        yield portal
    finally:
        portal.close_shell()
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(portal: Portal, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{portal.url}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The portal did not start:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Start one browser for all tests."""
    # Playwright keeps an event loop in this thread, which makes Django refuse the database to every
    # test that runs here later, though nothing of theirs runs inside that loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(portal: Portal, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page; afterwards no page may have broken the rules.

    The rules: no violation of the Content-Security-Policy, no script error, no request to another host.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    pages: list[Page] = []

    def watch(page: Page) -> None:
        def heard(message: ConsoleMessage) -> None:
            # htmx reports a request that a newer one replaced as if it were a fault.
            is_replaced = message.text.startswith(("htmx:afterRequest", "htmx:sendAbort"))
            if message.type == "error" and "status of 4" not in message.text and not is_replaced:
                faults.append(f"console: {message.text}")

        page.on("console", heard)
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on(
            "request",
            lambda request: (
                faults.append(f"request to another host: {request.url}")
                if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(portal.url)
                else None
            ),
        )
        page.add_init_script(WATCH_CSP)
        pages.append(page)

    def open_(path: str, *, width: int = 1440, height: int = 900, **options: object) -> Page:
        context = browser.new_context(
            base_url=portal.url, viewport={"width": width, "height": height}, **{"locale": "en-GB", **options}
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(path)
        return page

    yield open_
    for page in pages:
        if not page.is_closed() and page.context.browser:
            faults += [f"CSP on {page.url}: {fault}" for fault in _violations(page)]
    for context in contexts:
        context.close()
    assert faults == []


def _violations(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.cspViolations || []")
    return found


@pytest.fixture(scope="session")
def signed_in() -> dict[str, Any]:
    """Return the cookies of the superuser; empty until somebody signed in."""
    return {}


@pytest.fixture
def staff_page(open_page: Callable[..., Page], signed_in: dict[str, Any]) -> Callable[..., Page]:
    """Return a function that opens an admin page as a superuser, who signs in once for all tests."""

    def open_(path: str, **options: object) -> Page:
        if signed_in:
            return open_page(path, storage_state=signed_in, **options)
        page = open_page(f"/admin/login/?next={path}", **options)
        page.get_by_label("Username").fill("coordinator")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(lambda url: "/admin/login/" not in url)
        signed_in.update(page.context.storage_state())
        return page

    return open_
