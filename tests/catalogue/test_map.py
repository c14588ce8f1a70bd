"""The map says what the list says."""

from collections import Counter
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.index.catalogue_index import current_index
from catalogue.listing.filters import ClusterFilter
from catalogue.map.cluster_map import ClusterMap
from catalogue.models import Cluster
from tests.catalogue.recount import queries
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_map_numbers_equal_the_lists_for_random_filters(data_once: None, db: None, data: st.DataObject) -> None:
    filterset = ClusterFilter(data.draw(queries()))
    found = list(filterset.qs.select_related("country", "region"))

    drawn = ClusterMap.of_filter(filterset)

    assert drawn.total == len(found)
    assert drawn.total_priority == sum(cluster.is_priority for cluster in found)
    assert {total.country: total.count for total, _ in drawn.country_rows} == Counter(c.country.name for c in found)
    by_region = Counter((c.country.name, c.region.name) for c in found if c.region)
    assert {(row.country, row.region): row.count for _, rows in drawn.country_rows for row in rows} == by_region
    marks = [*drawn.markers, *drawn.canary_markers]
    assert sum(mark.count for mark in marks) + drawn.not_drawn == len(found)
    shaded = {country.outline.code: country.count for country in drawn.countries if country.count}
    everywhere = Counter(c.country_id for c in found)
    assert all(everywhere[code] == count for code, count in shaded.items())
    if drawn.zoomed is None:
        assert shaded == {code: count for code, count in everywhere.items() if code != "EU"}
        assert drawn.not_drawn == 0


def test_every_number_links_to_the_list_behind_it(data: None, client: Client) -> None:
    drawn = ClusterMap.of_filter(ClusterFilter({"vertical": ["ict-software"]}))

    for total, regions in drawn.country_rows:
        for row in (total, *regions):
            assert client.get(row.url).context["listing"].total == row.count, row


def test_marks_never_overlap(data: None) -> None:
    for zoom in ("", "DE", "ES", "GB"):
        drawn = ClusterMap(Cluster.objects.all(), zoom=zoom)
        for marks in (drawn.markers, drawn.canary_markers):
            for position, mark in enumerate(marks):
                for other in marks[position + 1 :]:
                    distance = ((mark.x - other.x) ** 2 + (mark.y - other.y) ** 2) ** 0.5
                    assert distance >= mark.radius + other.radius, (mark.label, other.label)


def test_priority_has_its_shape_and_vague_places_a_hollow_mark(data: None) -> None:
    drawn = ClusterMap.of_filter(ClusterFilter({"country": ["EE", "LT", "LV"]}))

    labels = {mark.label: (mark.kind, mark.is_vague) for mark in drawn.markers}
    assert labels["ITL - Estonian Association of Information Technology and Telecommunications (priority)"] == (
        "priority",
        False,
    )
    assert labels["Latvian IT Cluster"] == ("other", False)
    assert [value for label, value in labels.items() if label.startswith("2 clusters: DITEK")] == [("other", True)]


def test_canary_islands_have_their_window(data: None, client: Client) -> None:
    drawn = ClusterMap.of_filter(ClusterFilter({}))

    assert [mark.names for mark in drawn.canary_markers] == [["Canarias Excelencia Tecnológica"]]
    assert 'aria-label="Canary Islands"' in client.get("/clusters/map/").content.decode()
    assert 'aria-label="Canary Islands"' not in client.get("/clusters/map/?country=DE").content.decode()


def test_one_country_is_drawn_large_and_leads_back(data: None, client: Client) -> None:
    html = client.get("/clusters/map/?country=DE&vertical=ict-software").content.decode()

    assert 'href="/clusters/map/?vertical=ict-software"' in html
    assert 'href="/clusters/?vertical=ict-software&amp;country=DE"' in html
    assert ClusterMap.of_filter(ClusterFilter({"country": ["DE"]})).zoom > 3


def test_map_page_carries_credit_and_disclaimer(data: None, client: Client) -> None:
    html = client.get("/clusters/map/").content.decode()

    assert "Place coordinates © GeoNames (geonames.org), CC BY 4.0" in html
    assert "state no opinion on any territory" in html
    assert len(html) < 200_000


def test_wrong_filter_is_said_on_the_map_too(data: None, client: Client) -> None:
    response = client.get("/clusters/map/?country=XX&vertical=space")

    assert response.status_code == 200
    assert "“XX” is no country of the catalogue" in response.content.decode()
    assert response.context["listing"].map.total == 2


def test_fragment_for_htmx_is_the_result_part_only(data: None, client: Client) -> None:
    response = client.get("/clusters/map/?country=DE", headers={"HX-Request": "true", "HX-Target": "results"})

    html = response.content.decode()
    assert "<html" not in html
    assert "data-map" in html
    assert response["Vary"].count("HX-Target") == 1


@pytest.mark.parametrize(
    "query", ["", "?country=DE", "?country=DE&country=FR&vertical=health&priority=false&q=digital"]
)
def test_map_has_a_constant_number_of_queries(
    data: None, client: Client, django_assert_num_queries: Any, query: str
) -> None:
    current_index()
    # project settings, version, rows, names of countries and regions, places
    with django_assert_num_queries(6):
        client.get(f"/clusters/map/{query}")


def test_profile_shows_where_the_cluster_is(data: None, client: Client) -> None:
    seat = client.get("/clusters/gaia/").content.decode()
    vague = client.get("/clusters/alliance-cluster/").content.decode()

    assert 'aria-label="Map: San Sebastián (Donostia), Spain"' in seat
    assert 'aria-label="Map: Hungary"' in vague
    assert "Only the country is known." in vague
    assert "Budapest" not in vague
    assert len(seat) < 100_000


@pytest.mark.django_db
def test_mark_in_the_canary_window_keeps_its_size_when_spain_is_large() -> None:
    spain = CountryFactory(code="ES", name="Spain")
    ClusterFactory(
        published=True, country=spain, latitude="28.1018", longitude="-15.4157", precision="seat", name="Islands"
    )

    whole = ClusterMap.of_filter(ClusterFilter({})).canary_markers
    large = ClusterMap.of_filter(ClusterFilter({"country": ["ES"]})).canary_markers

    assert [mark.radius for mark in whole] == [mark.radius for mark in large] != []
