"""The search of the workplace by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_cluster_is_found_and_opened_without_a_mouse(staff_page: OpenPage) -> None:
    page = staff_page("/admin/")
    box = page.get_by_role("searchbox", name="Search everything")

    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("gaia/x")  # while somebody types, the key is a letter
    expect(box).to_have_value("gaia/x")
    box.fill("gaia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/search/?q=gaia")

    hits = page.locator(".hits a")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(0)).to_be_focused()
    if hits.count() > 1:
        page.keyboard.press("ArrowDown")
        expect(hits.nth(1)).to_be_focused()
        page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/catalogue/cluster/*/change/")

    page.goto("/admin/search/")
    expect(box).to_be_focused()
    page.get_by_role("checkbox", name="Keys without Ctrl or Alt").uncheck()
    page.keyboard.press("/")
    expect(box).not_to_be_focused()
