"""A search as somebody types it: what it was read as, taken back, the other reading, and the way on from nothing."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_question_is_read_shown_and_taken_back(open_page: OpenPage) -> None:
    page = open_page("/clusters/")
    box = page.get_by_role("combobox", name="Search clusters by name, place or topic")
    box.fill("german cybersecurity clusters")
    box.press("Enter")

    expect(page.get_by_role("heading", name="2 clusters")).to_be_visible()
    expect(page.locator(".reading")).to_contain_text("Read as: Germany × Cybersecurity")
    page.locator(".card").first.get_by_text("Why is this here?").click()
    expect(page.locator(".card").first).to_contain_text("“german” was read as Germany")

    page.get_by_role("link", name=re.compile("Country: Germany")).click()
    expect(page.get_by_role("heading", name="10 clusters")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Vertical: Cybersecurity"))).to_be_visible()
    assert "q=cybersecurity" in page.url


def test_words_instead_and_back(open_page: OpenPage) -> None:
    page = open_page("/clusters/?q=digital+france")
    page.get_by_role("link", name="Search for the words instead").click()
    expect(page.locator(".reading")).to_contain_text("Searched word by word")
    assert "read=words" in page.url

    page.get_by_role("link", name="Search for what they mean instead").click()
    expect(page.locator(".reading")).to_contain_text("France")


def test_nothing_found_leads_on(open_page: OpenPage) -> None:
    page = open_page("/clusters/?q=Finland")
    expect(page.get_by_role("heading", name="No published cluster in Finland yet")).to_be_visible()
    expect(page.locator(".empty")).to_contain_text("Tallinn")
    expect(page.get_by_role("link", name="Submit it")).to_have_attribute("href", "/submit/")

    page.goto("/clusters/?q=hotels+in+Germany")
    page.get_by_role("link", name="without “hotels”: 7 clusters").click()
    expect(page.get_by_role("heading", name="7 clusters")).to_be_visible()


def test_staff_tries_a_word_adds_it_and_visitors_find_with_it(open_page: OpenPage, staff_page: OpenPage) -> None:
    staff = staff_page("/admin/catalogue/synonym/?try=hotels+Deutschland")
    expect(staff.locator("dl.reading")).to_contain_text("Germany (country)")
    staff.get_by_role("link", name="add a synonym").first.click()
    expect(staff.get_by_label("Word:")).to_have_value("hotels")
    staff.get_by_label("Stands for:").select_option("expansion")
    staff.get_by_label("Means:").fill("start-ups")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.locator(".messagelist")).to_contain_text("hotels")

    page = open_page("/clusters/?q=hotels")
    expect(page.get_by_role("heading", name="0 clusters")).to_have_count(0)
    expect(page.locator(".card").first).to_be_visible()
