"""A filter with dozens of values: folded at first, whole with one tick, with and without JavaScript."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import serious_faults
from tests.e2e.conftest import Portal

OpenPage = Callable[..., Page]

_ADD = """
from django.utils import timezone
from catalogue.models import Cluster, Region
for n in range(40):
    region = Region.objects.create(country_id="DE", name=f"Zone {n:02}", slug=f"zone-{n:02}")
    for copy in range(2 if n < 25 else 1):
        Cluster.objects.create(
            name=f"Zonal {n} {copy}", country_id="DE", region=region, status="published", summary="Text.",
            published_at=timezone.now(),
        )
"""
_REMOVE = """
from catalogue.models import Cluster, Region
Cluster.objects.filter(region__slug__startswith="zone-").delete()
Region.objects.filter(slug__startswith="zone-").delete()
"""


@pytest.fixture
def many_regions(portal: Portal) -> Iterator[None]:
    """91 regions in the catalogue for one test."""
    portal.shell(_ADD)
    yield
    portal.shell(_REMOVE)


def test_folded_filter_by_keyboard(many_regions: None, open_page: OpenPage) -> None:
    page = open_page("/clusters/?region=zone-39")
    facet = page.locator("#facet-region")
    expect(facet.locator(".facet-values input")).to_have_count(21)
    expect(facet.get_by_role("checkbox", name=re.compile("^Zone 39"))).to_be_checked()

    everything = page.get_by_role("checkbox", name="Show all 91 regions")
    everything.focus()
    page.keyboard.press("Space")
    expect(facet.locator(".facet-values input")).to_have_count(91)
    expect(page.locator("#all-region")).to_be_focused()
    expect(page).to_have_url(re.compile(r"region=zone-39&all=region$"))
    assert serious_faults(page) == []

    # The list stays whole while somebody chooses from it, and folds again on request; choices stay.
    facet.get_by_role("checkbox", name=re.compile("^Zone 38")).check()
    expect(page.locator("#results-heading")).to_have_text("2 clusters")
    expect(page.locator("#region-zone-37")).to_be_visible()
    page.locator("#all-region").uncheck()
    expect(page.locator("#region-zone-37")).to_have_count(0)
    expect(page.locator("#region-zone-38")).to_be_checked()
    expect(page.locator("#region-zone-39")).to_be_checked()


def test_folded_filter_without_javascript(many_regions: None, open_page: OpenPage) -> None:
    page = open_page("/clusters/", java_script_enabled=False)
    page.locator("#facet-region summary").click()
    page.locator("#vertical-cybersecurity").check()
    page.get_by_role("checkbox", name="Show all 91 regions").check()
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.locator("#vertical-cybersecurity")).to_be_checked()
    page.locator("#vertical-cybersecurity").uncheck()
    page.locator("#region-zone-39").check()
    page.get_by_role("button", name="Apply filters").first.click()
    expect(page.locator("#results-heading")).to_have_text("1 cluster")
    expect(page.locator("#region-zone-39")).to_be_checked()
