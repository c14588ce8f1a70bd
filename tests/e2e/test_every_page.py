"""Every page: accessible in both schemes, within the strict policy, no sideways scrolling, printable."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import faults_in_both_schemes, serious_faults

OpenPage = Callable[..., Page]

PUBLIC = {
    "home": "/",
    "list": "/clusters/",
    "filtered": "/clusters/?country=DE&vertical=cybersecurity&q=securty",
    "table": "/clusters/?view=table",
    "empty": "/clusters/?country=DE&q=zzzqqq",
    "wrong": "/clusters/?country=XX&sort=size&page=99&members_min=x&network=none&priority=maybe",
    "profile": "/clusters/gaia/",
    "profile with more": "/clusters/south-wales-cyber/",
    "networks": "/networks/",
    "network": "/networks/uk-cyber-security-forum/",
    "network without clusters": "/networks/cyber-wales-ecosystem/",
    "submit": "/submit/",
    "new link": "/submit/link/",
    "correct a profile": "/clusters/gaia/update/",
    "ask the consortium": "/clusters/gaia/ask/",
    "about": "/about/",
    "accessibility": "/accessibility/",
    "privacy": "/privacy/",
    "terms": "/terms/",
    "not found": "/clusters/no-such-cluster/",
    "API docs": "/api/docs/",
    "outbox": "/outbox/",
}
STAFF = {
    "workplace": "/admin/",
    "clusters": "/admin/catalogue/cluster/",
    "new cluster": "/admin/catalogue/cluster/add/",
    "cluster": "/admin/catalogue/cluster/1/change/",
    "history": "/admin/catalogue/cluster/1/history/",
    "timeline": "/admin/catalogue/cluster/1/timeline/",
    "timeline of one kind": "/admin/catalogue/cluster/1/timeline/?kind=merge",
    "search": "/admin/search/?q=cyber",
    "search for nothing": "/admin/search/?q=zzzqqq",
    "priority view": "/admin/catalogue/cluster/priority/",
    "staff map": "/admin/catalogue/cluster/map/",
    "submissions": "/admin/submissions/submission/",
    "a decided submission": "/admin/submissions/submission/1/change/",
    "canned reasons": "/admin/submissions/cannedreason/",
    "new canned reason": "/admin/submissions/cannedreason/add/",
    "cluster editors": "/admin/submissions/clustereditor/",
    "new cluster editor": "/admin/submissions/clustereditor/add/",
    "help texts": "/admin/submissions/fieldhelp/",
    "help text": "/admin/submissions/fieldhelp/add/?field=summary",
    "privacy notices": "/admin/submissions/privacynotice/",
    "new privacy notice": "/admin/submissions/privacynotice/add/",
    "tokens": "/admin/submissions/partnertoken/",
    "new token": "/admin/submissions/partnertoken/add/",
    "submission settings": "/admin/submissions/submissionpolicy/",
    "sites allowed to embed": "/admin/catalogue/embedorigin/",
    "priority rules": "/admin/catalogue/priorityrule/",
    "mails": "/admin/outbox/message/",
    "suppressed addresses": "/admin/outbox/suppression/",
    "new suppressed address": "/admin/outbox/suppression/add/",
    "wordings": "/admin/outbox/wording/",
    "wording": "/admin/outbox/wording/kind/test/",
    "imports": "/admin/imports/spreadsheetimport/",
    "import a spreadsheet": "/admin/imports/spreadsheetimport/add/",
    "report of an import": "/admin/imports/spreadsheetimport/1/change/",
    "duplicates of an import": "/admin/imports/spreadsheetimport/1/change/?show=duplicate",
    "findings": "/admin/quality/qualityfinding/",
    "freshness plan": "/admin/quality/freshnessplan/",
    "freshness requests": "/admin/quality/freshnessrequest/",
    "merges": "/admin/duplicates/clustermerge/",
    "merge": "/admin/catalogue/cluster/merge/?ids=1,2",
    "partners": "/admin/consortium/partner/",
    "pages": "/admin/consortium/page/",
}


@pytest.mark.parametrize("path", PUBLIC.values(), ids=PUBLIC)
def test_axe_finds_nothing_serious(open_page: OpenPage, path: str) -> None:
    page = open_page(path, reduced_motion="reduce")

    assert faults_in_both_schemes(page) == []


@pytest.mark.parametrize("path", ["/", "/clusters/?country=DE", "/clusters/gaia/"])
def test_axe_finds_nothing_serious_on_a_phone_with_everything_open(open_page: OpenPage, path: str) -> None:
    page = open_page(path, width=390)
    for summary in page.locator("details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()

    assert serious_faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_accepts_open_suggestions(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/", color_scheme=scheme)
    page.get_by_label("Search clusters").press_sequentially("cyb", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")

    assert serious_faults(page) == []


def test_axe_finds_nothing_serious_on_staff_pages(staff_page: OpenPage) -> None:
    # One sign-in for all.
    page = staff_page("/admin/", bypass_csp=True, reduced_motion="reduce")
    faults = {}
    for name, path in STAFF.items():
        page.goto(path)
        if found := faults_in_both_schemes(page):
            faults[name] = found

    assert faults == {}


def test_staff_pages_keep_to_the_policy_and_fit_a_phone_or_scroll_by_keyboard(staff_page: OpenPage) -> None:
    page = staff_page("/admin/", width=390)
    faults = []
    for name, path in STAFF.items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        faults += [f"{name}: {found}" for found in page.evaluate("window.cspViolations")]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name}: too wide")
        faults += page.evaluate(
            """(name) => [...document.querySelectorAll(".results")]
            .filter((box) => box.scrollWidth > box.clientWidth && box.tabIndex !== 0).map(() => `${name}: no focus`)""",
            name,
        )

    assert faults == []


# 320 px is a screen of 1280 px at 400%, 640 px the same at 200%. A page is opened at the first of each.
WIDTHS = ((1440, 768, 640), (320, 390))


def test_every_page_has_a_title_and_one_heading_and_scrolls_sideways_at_no_width(open_page: OpenPage) -> None:
    page = open_page("/")
    titles, too_wide = {}, []
    for name, path in PUBLIC.items():
        for first, *others in WIDTHS:
            page.set_viewport_size({"width": first, "height": 900})
            page.goto(path)
            expect(page.locator("h1")).to_have_count(1)
            expect(page.get_by_role("main")).to_have_count(1)
            titles[name] = page.title()
            for width in (first, *others):
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    too_wide.append(f"{name} at {width} px")

    assert too_wide == []
    assert all(titles.values())
    assert (
        titles["profile"]
        == "GAIA - Association of Knowledge and Applied Technologies industries in the Basque Country – Cluster Portal"
    )


def test_print_leaves_the_controls_out(open_page: OpenPage) -> None:
    page = open_page("/clusters/?country=DE")
    page.emulate_media(media="print")

    expect(page.locator(".facets")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".card").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgba(0, 0, 0, 0)",
        "rgb(255, 255, 255)",
    )


def test_nothing_moves_for_those_who_asked_for_calm(open_page: OpenPage) -> None:
    page = open_page("/clusters/", reduced_motion="reduce")

    assert page.evaluate("getComputedStyle(document.querySelector('.catalogue')).transitionDuration") == "0s"
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_copy_link_puts_the_address_on_the_clipboard(open_page: OpenPage) -> None:
    page = open_page("/clusters/gaia/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
