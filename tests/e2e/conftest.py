"""A portal as an operator runs it (gunicorn, production mode, real data) and a real browser before it."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
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


@dataclass
class Portal:
    """The running portal: where it is, and how to call its commands."""

    url: str
    environment: dict[str, str] = field(repr=False)

    def manage(self, *arguments: str, **environment: str) -> None:
        """Run a management command on the portal's database."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            check=True,
            capture_output=True,
        )


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
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
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "LOG_LEVEL": "ERROR",
        "API_RATE": "100000/min",
        "PORT": str(port),
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    portal = Portal(f"http://127.0.0.1:{port}", environment)
    portal.manage("migrate", "--verbosity", "0")
    portal.manage("sync_groups")
    portal.manage("load_data", "--verbosity", "0")
    portal.manage("createsuperuser", "--noinput", "--username", "coordinator", "--email", "c@portal.example")
    portal.manage("collectstatic", "--noinput", "--verbosity", "0")
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--config", "portal/gunicorn.py"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_ready(portal, process, folder / "web.log")
        yield portal
    finally:
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


@pytest.fixture
def staff_page(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that opens an admin page, signed in as a superuser."""

    def open_(path: str, **options: object) -> Page:
        page = open_page(f"/admin/login/?next={path}", **options)
        page.get_by_label("Username").fill("coordinator")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        return page

    return open_
