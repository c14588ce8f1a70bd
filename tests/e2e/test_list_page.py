"""The page around the search: on a phone, by keyboard, on paper, under odd addresses, passed on to others."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
IS_IN_SIGHT = """(element) => {
  const box = element.getBoundingClientRect();
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return box.top >= 0 && box.bottom <= window.innerHeight && (element.contains(hit) || hit.contains(element));
}"""

TOP = "(element) => element.getBoundingClientRect().top"


def test_phone_filters_lead_to_the_results_and_say_how_many(open_page: OpenPage) -> None:
    page = open_page("/clusters/", width=390, height=844)
    page.get_by_text("Filters", exact=True).click()
    show = page.locator("[data-show-results]")
    expect(show).to_have_text("Show 68 clusters")
    assert show.evaluate(IS_IN_SIGHT)

    page.locator("#facet-country summary").click()
    page.get_by_role("checkbox", name=re.compile("^Germany")).check()
    expect(show).to_have_text("Show 7 clusters")
    assert show.evaluate(IS_IN_SIGHT)
    show.click()
    expect(page.locator("#results-heading")).to_be_focused()
    expect(page.locator("#results-heading")).to_be_in_viewport()
    expect(page.locator("#facet-country")).to_be_hidden()

    # Folded or not: each part stays as it was left while the list changes.
    page.get_by_text("Filters", exact=True).click()
    page.locator("#facet-vertical summary").click()
    page.locator("#facet-country summary").click()
    page.get_by_role("checkbox", name=re.compile("^Cybersecurity")).check()
    expect(show).to_have_text("Show 2 clusters")
    expect(page.locator("#facet-country")).not_to_have_attribute("open", "")


def test_phone_filters_without_javascript_are_applied_from_both_ends(open_page: OpenPage) -> None:
    page = open_page("/clusters/", width=390, height=844, java_script_enabled=False)
    apply = page.get_by_role("button", name="Apply filters")
    expect(apply).to_have_count(2)
    first_facet, results = (page.locator(one).evaluate(TOP) for one in ("#facet-country", "#results-heading"))
    assert [apply.nth(n).evaluate(TOP) < first_facet for n in (0, 1)] == [True, False]
    assert apply.nth(1).evaluate(IS_IN_SIGHT)
    assert first_facet < results
    page.locator("#country-IT").check()
    apply.last.click()
    expect(page.locator("#results-heading")).to_have_text("3 clusters")


@pytest.mark.parametrize("width", [390, 1440])
def test_suggestions_never_cover_the_list(open_page: OpenPage, width: int) -> None:
    page = open_page("/clusters/", width=width)
    page.locator("#q").press_sequentially("cyber", delay=60)
    expect(page.locator("#results-heading")).to_have_text(re.compile(r"^1\d clusters$"))
    suggestions = page.get_by_role("listbox", name="Suggestions")
    expect(suggestions).to_be_visible()
    box, results = suggestions.bounding_box(), page.locator("#results").bounding_box()
    assert box
    assert results
    assert box["y"] + box["height"] <= results["y"]

    # What is pressed is what is opened, though the page moves up when the suggestions go.
    page.set_viewport_size({"width": width, "height": 1600})
    link = page.locator(".card h3 a").first
    name = link.inner_text()
    link.click(delay=300)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("width", [360, 390])
def test_map_and_its_table_fit_a_phone(open_page: OpenPage, width: int) -> None:
    page = open_page("/clusters/map/", width=width)

    assert page.evaluate(
        "[...document.querySelectorAll('.map, .map-table')].map((one) => one.getBoundingClientRect().right <= innerWidth)"
    ) == [True, True]
    assert page.evaluate(
        "document.querySelector('.table-scroll').scrollWidth <= document.querySelector('.table-scroll').clientWidth"
    )


def test_keyboard_reaches_the_first_result_in_few_steps(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=DE")
    page.locator("#q").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to results")
    expect(skip).to_be_focused()
    assert skip.evaluate(IS_IN_SIGHT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="7 clusters")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.locator(".card").first.evaluate("(card) => card.contains(document.activeElement)")

    # A folded facet is one step.
    page.goto("/clusters/")
    for name in ("country", "vertical"):
        page.locator(f"#facet-{name} > summary").click()
    page.locator("#facet-country > summary").focus()
    for name in ("vertical", "priority", "region"):
        page.keyboard.press("Tab")
        expect(page.locator(f"#facet-{name} > summary")).to_be_focused()


@pytest.mark.parametrize("width", [390, 1440])
def test_focus_is_never_behind_the_bar_of_the_comparison(open_page: OpenPage, width: int) -> None:
    page = open_page("/clusters/?country=DE", width=width, height=700, reduced_motion="reduce")
    for number in range(4):
        page.locator("[data-compare]").nth(number).check()
    page.locator("#result-list").focus()
    hidden = []
    for _ in range(40):
        page.keyboard.press("Tab")
        element = page.evaluate_handle("document.activeElement").as_element()
        assert element
        if not element.evaluate(IS_IN_SIGHT):
            hidden.append(element.evaluate("(element) => element.outerHTML.slice(0, 80)"))

    assert hidden == []


def test_paper_has_all_results_their_address_and_no_controls(open_page: OpenPage) -> None:
    page = open_page("/clusters/?page=2")
    page.get_by_role("link", name="All on one page, to print").click()
    expect(page).to_have_url(re.compile(r"/clusters/\?view=print$"))
    expect(page.locator("tbody tr")).to_have_count(68)
    page.get_by_role("checkbox", name=re.compile("^Germany")).check()
    expect(page.locator("tbody tr")).to_have_count(7)
    expect(page).to_have_url(re.compile(r"country=DE&view=print$"))

    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    day = datetime.now(UTC)
    expect(page.locator("[data-printed]")).to_have_text(f"{page.url}, printed on {day.day} {day:%B %Y}")
    expect(page.get_by_text("Filters: Country: Germany.")).to_be_visible()
    shown = "(element) => element.checkVisibility()"
    assert [one for one in page.locator("button, select, .chip, input").all() if one.evaluate(shown)] == []


@pytest.mark.parametrize(
    ("path", "is_wide"), [("/clusters/side-by-side/?c=gaia&c=techuk&c=hsd&c=scs", True), ("/clusters/", False)]
)
def test_everything_is_on_the_paper(open_page: OpenPage, path: str, is_wide: bool) -> None:
    page = open_page(path)
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True)))

    # A4 in points; all sheets lie the same way.
    assert [tuple(round(float(side)) for side in size) for size in sizes] == [(842, 595) if is_wide else (595, 842)]
    # What is printed is as wide as a sheet without its margins (12 and 14 mm; 96 px an inch).
    page.set_viewport_size({"width": round((273 if is_wide else 182) / 25.4 * 96), "height": 700})
    page.emulate_media(media="print")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_a_list_is_passed_on_as_a_profile_is(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=DE&contry=FR", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#q").press_sequentially("silicon", delay=60)
    expect(page.locator("#results-heading")).to_have_text("2 clusters")
    address = page.url.partition("?")[0] + "?q=silicon&country=DE"
    page.get_by_role("button", name="Copy link", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("[data-copy-status]")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address
    mail = page.get_by_role("link", name="Share by e-mail").get_attribute("href")
    assert mail
    assert mail.startswith("mailto:?subject=%E2%80%9Csilicon%E2%80%9D%20%E2%80%93%20Clusters&body=http%3A%2F%2F")
    page.goto(address)
    expect(page.locator("#results-heading")).to_have_text("2 clusters")


@pytest.mark.parametrize("length", [9_000, 60_000])
def test_long_address_is_explained(open_page: OpenPage, length: int) -> None:
    page = open_page("/")
    page.goto(f"/clusters/?q={'x' * length}")
    expect(page.get_by_role("heading", level=1)).to_have_text("This address is too long")
    page.get_by_role("link", name="All clusters").click()
    expect(page.locator("#results-heading")).to_have_text("68 clusters")
    api = page.request.get(f"/api/v1/clusters/?q={'x' * 9_000}")
    assert (api.status, list(api.json())) == (414, ["detail"])


def test_address_that_leads_nowhere_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page(f"/clusters/{'no-such-cluster-' * 20}/", width=390)

    expect(page.get_by_role("heading", level=1)).to_have_text("This page is not here")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [390, 768, 1024])
def test_workplace_has_its_menu_at_every_width(staff_page: OpenPage, width: int) -> None:
    page = staff_page("/admin/catalogue/cluster/", width=width)
    page.get_by_text("Menu", exact=True).click()
    menu = page.get_by_role("navigation", name="Sections")
    expect(menu.locator("[aria-current=page]")).to_have_text("Clusters")
    menu.get_by_role("link", name="Networks").click()
    expect(page).to_have_url(re.compile("/admin/catalogue/network/$"))
