"""The map by keyboard, the comparison, and the frame on another site."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import faults_in_both_schemes
from tests.e2e.conftest import Portal

OpenPage = Callable[..., Page]


def test_map_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/clusters/map/")
    skip = page.get_by_role("link", name="Skip the map")
    skip.focus()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.closest('[data-map] .map-land') !== null")
    assert focused, "the first stop after the skip link is a country"
    expect(page.locator(".map-tip")).to_be_visible()
    expect(page.locator(".map-tip")).to_have_text(re.compile(r"^[A-Z].*: \d+ cluster"))

    page.locator("[data-map] a", has_text=re.compile("^Germany:")).first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/clusters/map/\?country=DE$"))
    expect(page.locator("#results-heading")).to_have_text("7 clusters")
    expect(page.get_by_role("link", name="← All of Europe")).to_be_visible()

    page.get_by_role("link", name="Skip the map").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map-table")).to_be_focused()


def test_map_follows_the_filters_and_names_its_marks(open_page: OpenPage) -> None:
    page = open_page("/clusters/map/")
    page.get_by_role("checkbox", name=re.compile("^Photonics")).check()
    expect(page.locator("#results-heading")).to_have_text("1 cluster")
    expect(page).to_have_url(re.compile(r"/clusters/map/\?vertical=photonics$"))
    mark = page.locator("[data-map] .mark")
    expect(mark).to_have_count(1)
    mark.hover()
    expect(page.locator(".map-tip")).to_have_text("ALPHA RLH - Laser and Microwaves French Cluster")
    page.get_by_role("link", name="Cards").click()
    expect(page).to_have_url(re.compile(r"/clusters/\?vertical=photonics$"))
    page.go_back()
    page.locator("[data-map] .mark").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ALPHA RLH - Laser and Microwaves French Cluster")


def test_map_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/clusters/map/", java_script_enabled=False)
    page.locator("#country-IT").check()
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page).to_have_url(re.compile(r"/clusters/map/\?.*country=IT"))
    expect(page.locator("#results-heading")).to_have_text("3 clusters")


@pytest.mark.parametrize(
    "path",
    ["/clusters/map/", "/clusters/map/?country=ES", "/clusters/side-by-side/?c=gaia&c=techuk", "/clusters/embed/"],
)
def test_axe_finds_nothing_serious_on_map_compare_and_embed(open_page: OpenPage, path: str) -> None:
    page = open_page(path)

    assert faults_in_both_schemes(page) == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page("/clusters/map/", width=width)
    for path in (
        "/clusters/map/",
        "/clusters/map/?country=ES",
        "/clusters/side-by-side/?c=gaia&c=techuk&c=hsd&c=scs",
        "/clusters/embed/",
    ):
        page.goto(path)
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path


def test_compare_from_the_list_across_pages(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=IT")
    bar = page.get_by_role("form", name="Comparison")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Compare SIIT Scpa").check()
    expect(page.locator("#results-heading")).to_have_text("3 clusters")  # the tick is no filter
    page.get_by_role("checkbox", name=re.compile("^Italy")).uncheck()
    page.get_by_role("checkbox", name=re.compile("^Estonia")).check()
    expect(page.locator("#results-heading")).to_have_text("1 cluster")
    page.get_by_role("checkbox", name=re.compile("^Compare ITL")).check()
    expect(bar).to_contain_text("SIIT Scpa, ITL")
    bar.get_by_role("button", name="Compare 2 clusters").click()

    expect(page).to_have_url(re.compile(r"/clusters/side-by-side/\?c=siit&c=itl$"))
    expect(page.get_by_role("columnheader")).to_have_count(2)
    expect(page.get_by_role("row", name=re.compile("^Country"))).to_contain_text("Italy")
    page.get_by_role("link", name="Remove SIIT Scpa").click()
    expect(page).to_have_url(re.compile(r"\?c=itl$"))
    page.goto("/clusters/?country=IT")
    expect(page.get_by_role("checkbox", name="Compare SIIT Scpa")).not_to_be_checked()


def test_fifth_box_says_why_it_cannot_be_ticked(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    boxes = page.locator("[data-compare]")
    for number in range(4):
        boxes.nth(number).check()
    boxes.nth(4).focus()
    expect(boxes.nth(4)).to_be_focused()
    page.keyboard.press("Space")
    expect(boxes.nth(4)).not_to_be_checked()
    name = boxes.nth(4).get_attribute("data-compare")
    expect(page.locator("#compare-full")).to_have_text(f"{name} was not added: four is the most. Take one away first.")
    boxes.nth(3).uncheck()
    expect(page.locator("#compare-full")).to_be_empty()
    boxes.nth(4).check()
    page.get_by_role("form", name="Comparison").get_by_role("button", name="Clear").click()
    expect(boxes.nth(4)).to_be_enabled()
    expect(boxes.nth(4)).not_to_be_checked()


def test_compare_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=IT", java_script_enabled=False)
    for box in page.locator("[data-compare]").all():
        box.check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("columnheader")).to_have_count(3)


def test_outputs_can_be_copied(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=IT", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#outputs summary").click()
    page.get_by_role("button", name="Copy API call").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert page.request.get(address).json()["count"] == 3
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert download.value.suggested_filename.endswith(".csv")


# --- frame ---


@pytest.fixture
def partner_site(portal: Portal) -> Iterator[str]:
    """Serve a page with the frame from another origin of this machine."""

    class Partner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'<!doctype html><title>Partner</title><iframe src="{portal.url}/clusters/embed/?country=IT" width="600" height="400"></iframe>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_frame_shows_on_an_allowed_site_and_on_no_other(portal: Portal, browser: Browser, partner_site: str) -> None:
    page = browser.new_page()
    page.goto(partner_site)
    refused = page.frames[1]
    assert refused.url.startswith("chrome-error") or refused.locator("h1").count() == 0

    code = f"from catalogue.models import EmbedOrigin; EmbedOrigin.objects.create(origin='{partner_site}')"
    portal.shell(code)
    try:
        page.reload()
        expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text("3 clusters")
    finally:
        portal.shell("from catalogue.models import EmbedOrigin; EmbedOrigin.objects.all().delete()")
        page.close()
