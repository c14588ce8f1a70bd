"""A facet with hundreds of values: folded, whole on request, and pages that stay small."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalogue.listing.facets import LARGE, SHOWN_OF_LARGE, Facet, FacetValue
from catalogue.models import Cluster, Region
from tests.factories.catalogue import CountryFactory

REGIONS = 300


@pytest.fixture
def many_regions(db: None) -> None:
    """300 regions of 30 countries; region number n has one published cluster, every tenth one has two."""
    countries = [CountryFactory(code=f"{first}{second}") for first in "ABCDEF" for second in "VWXYZ"]
    Region.objects.bulk_create(
        Region(country=countries[n % 30], name=f"Region of number {n:03}", slug=f"region-of-number-{n:03}")
        for n in range(REGIONS)
    )
    regions = list(Region.objects.order_by("slug"))
    text = "Brings firms and researchers of the region together and helps them to find partners abroad. " * 2
    for region in regions:
        region.sort_name = region.slug.replace("-", " ")
    Region.objects.bulk_update(regions, ["sort_name"])
    Cluster.objects.bulk_create(
        Cluster(
            name=f"Cluster of the region {n}", slug=f"cluster-of-the-region-{n}", sort_name=f"cluster {n:03}",
            country=region.country, region=region, status="published", summary=text, published_at=timezone.now(),
            latitude=36 + n % 30, longitude=n % 37 - 8, precision="seat", place="Town",
        )
        for n, region in enumerate([*regions, *regions[::10]])
    )  # fmt: skip


def shown(html: str) -> list[str]:
    return re.findall(r'name="region" value="([^"]*)"', html)


def numbers(*found: int) -> list[str]:
    return [f"region-of-number-{number:03}" for number in found]


def test_large_facet_shows_the_values_with_most_clusters_and_those_chosen(many_regions: None, client: Client) -> None:
    first = shown(client.get("/clusters/").content.decode())
    html = client.get("/clusters/?region=region-of-number-007").content.decode()

    assert first == numbers(*range(0, 200, 10)), "twenty of those with two clusters"
    assert shown(html) == numbers(0, 7, *range(10, 200, 10)), "what is chosen comes on top, in its place"
    assert 'value="region-of-number-007" id="region-region-of-number-007" checked' in html
    assert "Show all 300 regions" in html
    assert "those with most clusters" in html


def test_values_without_a_cluster_are_not_among_the_few(many_regions: None, client: Client) -> None:
    html = client.get("/clusters/?country=AV").content.decode()

    assert shown(html) == numbers(*range(0, 300, 30))
    assert "all that have clusters here" in html


def test_all_values_are_one_tick_away_and_stay(many_regions: None, client: Client) -> None:
    html = client.get("/clusters/?all=region&country=AV").content.decode()

    assert len(shown(html)) == REGIONS
    assert 'name="all" value="region" id="all-region" checked' in html
    assert re.search(r'<details class="facet" id="facet-region" open>', html)
    # Chips and the other ways to show the list keep it, files and the API do not need it.
    assert 'href="/clusters/?all=region" data-refocus' in html
    assert 'href="/clusters/?country=AV&amp;view=table&amp;all=region"' in html
    assert 'href="/clusters/map/?country=AV&amp;all=region"' in html
    assert 'href="/clusters/export.csv?country=AV"' in html
    assert client.get("/clusters/map/?all=region").context["listing"].notices == []
    assert client.get("/api/v1/clusters/?all=region").status_code == 200


def test_unknown_facet_to_show_whole_is_said(db: None, client: Client) -> None:
    listing = client.get("/clusters/?all=regions&all=region").context["listing"]

    assert listing.shows_all == ["region"]
    assert any("“regions” is no filter whose values" in notice for notice in listing.notices)


def test_facets_of_the_api_stay_whole(many_regions: None, client: Client) -> None:
    facets = client.get("/api/v1/clusters/facets/").json()

    assert f"region-of-number-{REGIONS - 1:03}" in str(facets)


@pytest.mark.parametrize(("path", "limit"), [
    ("/clusters/", 100_000),
    ("/clusters/?view=table", 100_000),
    ("/clusters/?region=region-of-number-007&region=region-of-number-011&sort=-members", 100_000),
    ("/clusters/map/", 200_000),
    ("/clusters/map/?all=region", 200_000),
])  # fmt: skip
def test_pages_stay_small_with_300_regions(many_regions: None, client: Client, path: str, limit: int) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert len(response.content) < limit


@pytest.mark.parametrize(
    ("label", "plural"),
    [("Region", "regions"), ("S3 priority", "S3 priorities"), ("Emerging industry", "emerging industries")],
)
def test_plural_of_a_facet(label: str, plural: str) -> None:
    assert Facet("name", label, (), is_multiple=True).plural == plural


@pytest.mark.parametrize("number", [LARGE, LARGE + 1])
def test_only_large_facets_fold(number: int) -> None:
    values = tuple(FacetValue(str(n), str(n), count=n + 1, is_selected=False) for n in range(number))
    facet = Facet("region", "Region", values, is_multiple=True)
    whole: Any = Facet("region", "Region", values, is_multiple=True, shows_all=True)

    assert len(facet.shown) == (number if number <= LARGE else SHOWN_OF_LARGE)
    assert facet.hides_some == (number > LARGE)
    assert whole.shown == values
    assert not whole.hides_some
