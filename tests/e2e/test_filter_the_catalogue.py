"""A visitor filters, goes back and shares; with a mouse, with the keyboard, without JavaScript."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def heading(page: Page, text: str) -> None:
    expect(page.locator("#results-heading")).to_have_text(text)


def test_filtered_list_survives_back_and_a_shared_address(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    heading(page, "68 clusters")

    page.get_by_role("checkbox", name=re.compile("^Germany")).check()
    heading(page, "7 clusters")
    expect(page).to_have_url(re.compile(r"/clusters/\?country=DE$"))
    # The focus stays on the box although the list around it was exchanged, and the count is announced.
    expect(page.get_by_role("checkbox", name=re.compile("^Germany"))).to_be_focused()
    expect(page.locator("#result-status")).to_have_text("7 clusters found.")

    page.get_by_role("checkbox", name=re.compile("^Cybersecurity")).check()
    heading(page, "2 clusters")
    expect(page).to_have_url(re.compile(r"\?country=DE&vertical=cybersecurity$"))
    shared = page.url

    page.go_back()
    heading(page, "7 clusters")
    expect(page.get_by_role("checkbox", name=re.compile("^Germany"))).to_be_checked()
    expect(page.get_by_role("checkbox", name=re.compile("^Cybersecurity"))).not_to_be_checked()
    page.go_back()
    heading(page, "68 clusters")
    expect(page.get_by_role("checkbox", name=re.compile("^Germany"))).not_to_be_checked()
    page.go_forward()
    heading(page, "7 clusters")

    other = open_page(shared)
    heading(other, "2 clusters")
    names = other.locator(".card h3").all_inner_texts()
    assert names == ["Consumer Affairs at ZD.B", "CyberForum"]
    other.get_by_role("link", name="Consumer Affairs at ZD.B").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Consumer Affairs at ZD.B")
    other.go_back()
    heading(other, "2 clusters")


def test_chips_take_filters_away(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=DE&country=FR&q=electronics")
    chips = page.get_by_role("list", name="Active filters")
    heading(page, "4 clusters")

    chips.get_by_role("link", name=re.compile("Country: Germany")).click()
    heading(page, "2 clusters")
    expect(page.locator("#results-heading")).to_be_focused()
    chips.get_by_role("link", name=re.compile("Vertical: Electronics")).click()
    heading(page, "7 clusters")
    expect(page.locator("#q")).to_have_value("")
    chips.get_by_role("link", name="Clear all").click()
    heading(page, "68 clusters")
    expect(page).to_have_url(re.compile(r"/clusters/$"))


def test_typing_searches_at_once_and_leaves_one_step_back(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    page.locator("#q").press_sequentially("silicon", delay=120)
    heading(page, "3 clusters")
    page.locator("#q").press_sequentially(" saxony", delay=120)
    heading(page, "2 clusters")
    expect(page).to_have_url(re.compile(r"\?q=silicon(\+|%20)saxony$"))
    expect(page.locator("#q")).to_be_focused()

    page.go_back()
    heading(page, "68 clusters")
    expect(page.locator("#q")).to_have_value("")


def test_folded_filters_stay_open_when_the_list_changes(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    page.locator("#facet-priority summary").click()
    page.get_by_role("radio", name=re.compile("^Priority")).check()
    heading(page, "18 clusters")
    page.locator("#facet-region summary").click()
    page.get_by_role("checkbox", name=re.compile("^Bavaria")).check()
    heading(page, "2 clusters")
    expect(page.locator("#facet-region")).to_have_attribute("open", "")


def test_pages_sort_order_and_table_view_are_in_the_address(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Page 3").click()
    expect(page).to_have_url(re.compile(r"\?page=3$"))
    expect(page.locator(".card")).to_have_count(20)
    page.get_by_label("Sort by").select_option("-members")
    expect(page).to_have_url(re.compile(r"\?sort=-members$"))
    expect(page.locator(".card h3").first).to_have_text("Cap Digital")
    page.get_by_role("link", name="Table").click()
    expect(page.get_by_role("columnheader", name="Members")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^Italy")).check()
    heading(page, "3 clusters")
    expect(page).to_have_url(re.compile("view=table"))
    expect(page.get_by_role("row")).to_have_count(4)


def test_list_is_filtered_and_opened_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#q")).to_be_focused()

    page.keyboard.type("hag", delay=50)
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_text([re.compile("The Hague"), re.compile("HSD")])
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "q-option-1")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("HSD - The Hague Security Delta")


def test_keyboard_reaches_facets_and_applies_them(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "country-BE":
            break
    page.keyboard.press("Space")
    heading(page, "3 clusters")
    expect(page.locator("#country-BE")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#country-DK")).to_be_focused()


def test_list_is_filtered_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/clusters/", java_script_enabled=False)
    page.locator("#country-IT").check()
    page.locator("#vertical-cybersecurity").check()
    page.get_by_role("button", name="Apply filters").first.click()
    heading(page, "1 cluster")
    page.locator("#q").fill("nothing at all")
    page.get_by_role("button", name="Search").click()
    heading(page, "0 clusters")
    page.get_by_role("link", name="without the search text: 1 cluster").click()
    heading(page, "1 cluster")
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("link", name="Next →").click()
    expect(page.locator(".card")).to_have_count(24)
    expect(page.get_by_text("Page 2", exact=True)).to_be_visible()


def test_wrong_address_is_explained_once_with_a_link_to_what_was_meant(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=xx&vertical=helth&country=DE")
    heading(page, "7 clusters")
    alert = page.get_by_role("alert")
    expect(alert.get_by_role("listitem")).to_have_text(
        [
            "Country: “xx” is no country of the catalogue. Use a two-letter ISO code such as DE.",
            "Vertical: “helth” is no vertical of the catalogue. Did you mean Health?",
        ]
    )
    expect(page.get_by_text("“helth”")).to_have_count(1)
    alert.get_by_role("link", name="Health").click()
    heading(page, "1 cluster")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(1)


def test_typo_is_forgiven_and_said(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_label("Search clusters").fill("Barcelna")
    page.keyboard.press("Enter")
    heading(page, "2 clusters")
    expect(page.get_by_text("Shown is what it may mean: “barcelna” as barcelona")).to_be_visible()
