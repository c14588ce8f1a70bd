"""The proof of work in a real browser, on a page of the test under the portal's own Content-Security-Policy."""

import html
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from publicforms.proof_of_work import is_solved, new_challenge
from tests.e2e.conftest import WATCH_CSP

SCRIPT = Path(settings.BASE_DIR) / "static" / "js" / "challenge.js"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title></head><body><main>
<h1>Form</h1><form method="post" action="/send"><label>Name <input name="name"></label>
<div {attributes}><input type="hidden" name="challenge"><p role="status" data-challenge-status></p>
<p data-challenge-missing>This form needs JavaScript. Turn it on, or write to the office.</p></div>
<button type="submit" name="save" data-challenge-free>Save the draft</button><button type="submit">Send</button></form>
</main><script src="/challenge.js" defer></script></body></html>"""


class Site:
    """The page and what was sent from it."""

    def __init__(self) -> None:
        self.attributes = self.embedded()
        self.answers: list[bool] = []
        self.fetched = 0
        self.broken = False
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/challenge.js":
                    self.reply(SCRIPT.read_bytes(), "text/javascript")
                elif self.path == "/challenge/":
                    site.fetched += 1
                    self.reply(
                        json.dumps(new_challenge()).encode(),
                        "application/json",
                        503 if site.broken else 200,
                    )
                elif self.path == "/":
                    self.reply(PAGE.format(attributes=site.attributes).encode(), "text/html")
                else:
                    self.reply(b"", "image/png")

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                site.answers.append(is_solved(sent.get("challenge", [""])[0]))
                self.reply(b"<!doctype html><title>Thanks</title><h1>Thanks</h1>", "text/html")

            def reply(self, content: bytes, kind: str, status: int = 200) -> None:
                self.send_response(status)
                directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
                self.send_header(
                    "Content-Security-Policy", "; ".join(f"{name} {' '.join(to)}" for name, to in directives)
                )
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @staticmethod
    def embedded() -> str:
        """Return the attribute with a challenge."""
        return f'data-challenge="{html.escape(json.dumps(new_challenge()))}"'


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve the page."""
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join(5)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the page; afterwards nothing may have broken the policy or failed in a script."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_(*, script: str = "", clock: bool = False, **options: Any) -> Page:
        context = browser.new_context(base_url=site.url, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.add_init_script(WATCH_CSP + script)
        if clock:
            page.clock.install()
        page.goto("/")
        return page

    yield open_
    for context in contexts:
        for page in context.pages:
            if context.pages and page.url.endswith("/"):
                faults += page.evaluate("window.cspViolations || []")
        context.close()
    assert faults == []


def send(page: Page) -> Any:
    """Return the button that waits for the solution."""
    return page.get_by_role("button", name="Send")


def test_form_can_be_sent_once_the_challenge_is_solved(site: Site, visit: Callable[..., Page]) -> None:
    page = visit()

    expect(page.get_by_role("status")).to_have_text("The check is done. You can send the form.")
    page.get_by_label("Name").fill("Alpha")
    page.get_by_label("Name").press("Enter")

    expect(page.get_by_role("heading")).to_have_text("Thanks")
    assert site.answers == [True]


def test_button_waits_and_says_why(site: Site, visit: Callable[..., Page]) -> None:
    never = "SubtleCrypto.prototype.deriveBits = () => new Promise(() => {});"
    page = visit(script=never)

    expect(page.get_by_role("status")).to_have_text(
        "Checking that this is a browser and no robot. This takes a few seconds."
    )
    expect(send(page)).to_be_disabled()
    expect(page.get_by_role("button", name="Save the draft")).to_be_enabled()
    violations = [
        violation
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert violations == []


def test_without_crypto_the_page_solves_it_itself_and_stays_alive(site: Site, visit: Callable[..., Page]) -> None:
    """As on plain http in a local network."""
    page = visit(
        script="""Object.defineProperty(window.crypto, "subtle", { value: undefined });
        window.ticks = 0; window.longest = 0; let last = performance.now();
        setInterval(() => { const now = performance.now(); window.ticks += 1; window.longest = Math.max(window.longest, now - last);
        last = now; }, 5);"""
    )

    expect(page.get_by_role("status")).to_have_text("The check is done. You can send the form.", timeout=30_000)
    ticks, longest = page.evaluate("[window.ticks, window.longest]")
    send(page).click()

    expect(page.get_by_role("heading")).to_have_text("Thanks")
    assert site.answers == [True]
    assert ticks > 10
    assert longest < 500  # milliseconds; the machine of the tests is busy


def test_challenge_is_fetched_and_renewed_before_its_end(site: Site, visit: Callable[..., Page]) -> None:
    site.attributes = 'data-challenge-url="/challenge/"'
    page = visit(clock=True)
    expect(send(page)).to_be_enabled()
    field = page.locator("input[name=challenge]")
    first = field.input_value()
    assert site.fetched == 1

    page.clock.fast_forward("58:00")
    assert (field.input_value(), site.fetched) == (first, 1)
    page.clock.fast_forward("01:30")
    # Whoever is about to press the button can.
    expect(send(page)).to_be_enabled()
    expect(field).not_to_have_value(first)
    send(page).click()

    expect(page.get_by_role("heading")).to_have_text("Thanks")
    assert (site.answers, site.fetched) == ([True], 2)


def test_embedded_challenge_that_ends_says_so(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(clock=True)
    expect(send(page)).to_be_enabled()
    expect(page.get_by_text("This form needs JavaScript.")).to_be_hidden()

    page.clock.fast_forward("59:30")

    expect(page.get_by_role("status")).to_have_text(
        "The check has ended because the page was open for long. Copy what you typed and reload the page."
    )


def test_a_spent_challenge_is_replaced_after_going_back(site: Site, visit: Callable[..., Page]) -> None:
    site.attributes = 'data-challenge-url="/challenge/"'
    page = visit()
    expect(send(page)).to_be_enabled()
    first = page.locator("input[name=challenge]").input_value()

    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.locator("input[name=challenge]")).not_to_have_value(first)
    expect(send(page)).to_be_enabled()


@pytest.mark.parametrize(
    "attributes", ['data-challenge-url="/challenge/"', 'data-challenge="{&quot;parameters&quot;: {}}"']
)
def test_failure_says_what_to_do(site: Site, visit: Callable[..., Page], attributes: str) -> None:
    site.attributes, site.broken = attributes, True
    page = visit()

    expect(page.get_by_role("status")).to_contain_text("The check did not work. Reload the page and try again")
    expect(send(page)).to_be_disabled()


def test_without_script_the_page_explains_itself(site: Site, visit: Callable[..., Page]) -> None:
    page = visit(java_script_enabled=False)
    expect(page.get_by_text("This form needs JavaScript.")).to_be_visible()
    send(page).click()

    expect(page.get_by_role("heading")).to_have_text("Thanks")
    assert site.answers == [False]
