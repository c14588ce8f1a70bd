"""What axe says of an open page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_faults(page: Page, *rules: str) -> list[str]:
    """Return what axe finds serious or worse, with the place; with ``rules`` only what breaks those."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    response = Axe().run(page, options=options).response
    return [
        f"{fault['id']}: {node['html'][:150]} – {node.get('failureSummary', '')[:200]}"
        for fault in response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def lasting_faults(page: Page, *rules: str) -> list[str]:
    """Return the serious faults that are still there after a second: a page may be caught while it settles.

    Colours are seen half way between two schemes, and a busy machine has laid out a menu before its links.
    """
    for milliseconds in (50, 1000):
        page.evaluate(f"new Promise((done) => requestAnimationFrame(() => setTimeout(done, {milliseconds})))")
        if not (faults := serious_faults(page, *rules)):
            break
    return faults


def faults_in_both_schemes(page: Page) -> list[str]:
    """Return the faults in the light scheme and, of the dark one, those of colours: the rest is the same page."""
    found = lasting_faults(page)
    page.emulate_media(color_scheme="dark")
    dark = lasting_faults(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    return found + dark
