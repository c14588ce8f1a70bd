"""Filters and facets, on the page and in the API, against a naive recount."""

import html
import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from catalogue.listing.page import PAGE_SIZE
from catalogue.models import Cluster
from tests.catalogue.searching import slugs
from tests.factories.catalogue import ClusterFactory

pytestmark = pytest.mark.both_databases

#: (address, the clusters found), on the real data.
TABLE: list[tuple[str, list[str]]] = [
    ("country=IT", ["idm-south-tyrol", "service-innovation-clust-er", "siit"]),
    ("country=it", ["idm-south-tyrol", "service-innovation-clust-er", "siit"]),
    ("country=IT&country=AL", ["aita", "idm-south-tyrol", "service-innovation-clust-er", "siit"]),
    ("country=DE&vertical=cybersecurity", ["consumer-affairs-zdb", "cyberforum"]),
    ("vertical=space&vertical=photonics", ["aerospace-valley", "alpha-rlh"]),
    ("region=galicia", ["cluster-tic-galicia", "ineo"]),
    ("region=galicia&region=liguria", ["cluster-tic-galicia", "ineo", "siit"]),
    ("network=conetic", ["gaia"]),
    ("network=uk-cyber-security-forum", ["south-wales-cyber"]),
    ("priority=true&country=FR", ["cap-digital", "digital-league", "scs", "systematic"]),
    ("priority=false&country=BE", ["dsp-valley", "infopole"]),
    ("members_min=800", ["aerospace-valley", "cap-digital", "systematic", "techuk"]),
    ("members_min=100&members_max=299", ["dsp-valley", "gaia", "infopole"]),
    ("q=ict&country=SI", ["ict-technology-network"]),
    ("country=CH", []),  # it has a cluster, but no published one: no country of the catalogue
]


@pytest.mark.parametrize(("query", "expected"), TABLE[:-1], ids=[row[0] for row in TABLE[:-1]])
def test_filter_table(data: None, client: Client, query: str, expected: list[str]) -> None:
    page = client.get(f"/clusters/?{query}")
    answer = client.get(f"/api/v1/clusters/?{query}").json()

    assert sorted(cluster.slug for cluster in page.context["listing"].page) == expected
    assert sorted(row["slug"] for row in answer["results"]) == expected
    assert page.context["listing"].total == answer["count"] == len(expected)


def test_country_with_unpublished_clusters_only_looks_like_one_without(data: None, client: Client) -> None:
    hidden = client.get("/api/v1/clusters/?country=CH")
    absent = client.get("/api/v1/clusters/?country=MT")

    assert hidden.status_code == absent.status_code == 400
    assert hidden.json()["country"][0].replace("CH", "MT") == absent.json()["country"][0]


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("country=XX", "country", "XX"),
        ("country=DE&country=XX", "country", "XX"),
        ("vertical=cybersecurty", "vertical", "cybersecurity"),
        ("region=nowhere", "region", "nowhere"),
        ("network=nothing", "network", "nothing"),
        ("priority=maybe", "priority", "maybe"),
        ("priority=1", "priority", "1"),
        ("members_min=many", "members_min", "whole number"),
        ("members_min=-1", "members_min", "0"),
        ("members_max=1e9", "members_max", "whole number"),
        ("members_min=99999999999999999999", "members_min", "10,000,000"),
        ("confirmed_since=yesterday", "confirmed_since", "YYYY-MM-DD"),
        ("confirmed_since=1.10.2026", "confirmed_since", "2026-09-30"),
        ("confirmed_since=2026-02-30", "confirmed_since", "YYYY-MM-DD"),
        ("confirmed_since=2026-01-01&confirmed_since=2026-02-01", "confirmed_since", "once"),
        ("sort=size", "sort", "size"),
        ("sort=name&sort=country", "sort", "once"),
        ("contry=DE", "contry", "country"),
        ("q=" + "x" * 201, "q", "200"),
    ],
)
def test_wrong_value_is_named_beside_the_filter_and_refused_by_the_api(
    data: None, client: Client, query: str, field: str, words: str
) -> None:
    answer = client.get(f"/api/v1/clusters/?{query}")
    page = client.get(f"/clusters/?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert words in answer.json()[field][0]
    assert page.status_code == 200
    assert page.context["listing"].errors[field] == answer.json()[field]
    assert 'role="alert"' in page.content.decode()
    assert page.content.decode().count(answer.json()[field][0][:10].replace("“", "“")) >= 1


@pytest.mark.parametrize(
    ("query", "link"),
    [
        ("vertical=helth&country=DE&page=2", '<a href="/clusters/?vertical=health&amp;country=DE">Health</a>?'),
        (
            "vertical=health&vertical=Spaec%20&vertical=xx",
            '<a href="/clusters/?vertical=health&amp;vertical=space&amp;vertical=xx">Space</a>?',
        ),
        ("contry=DE&country=FR", '<a href="/clusters/?country=FR&amp;country=DE">country</a>?'),
        ("sort=member", '<a href="/clusters/?sort=members">Members (fewest first)</a>?'),
        ("vertical=%22%3E%3Cb%3Espace", '<a href="/clusters/?vertical=space">Space</a>?'),
    ],
)
def test_what_was_meant_is_a_link(data: None, client: Client, query: str, link: str) -> None:
    page = client.get(f"/clusters/?{query}").content.decode()

    assert link in page
    assert '"><b>space' not in page


@pytest.mark.parametrize(
    ("query", "code", "note"),
    [
        ("country=UK", "GB", "“UK” was read as United Kingdom (GB)."),
        ("country=el", "GR", ""),
        ("country=germany", "DE", "“germany” was read as Germany (DE)."),
        ("country=Deutschland&country=ES", "DE", "was read as Germany (DE)."),
        ("region=Bayern", "bavaria", "“Bayern” was read as Bavaria (bavaria)."),
        ("vertical=salud", "health", "was read as Health (health)."),
    ],
)
def test_other_name_of_a_value_is_read_with_a_note_and_named_by_the_api(
    data: None, client: Client, query: str, code: str, note: str
) -> None:
    page = client.get(f"/clusters/?{query}")
    answer = client.get(f"/api/v1/clusters/?{query}")

    assert answer.status_code == 400
    if note:
        assert note in page.content.decode()
        assert code in page.context["listing"].filterset.selected(query.split("=")[0])
        assert f"Did you mean “{code}”" in str(answer.json())
    else:  # a known country without published clusters
        assert page.context["listing"].total == 68
        assert "“el” is no country" in page.content.decode()


@pytest.mark.parametrize("text", ["x" * 201, "cyber%00", "cyber%ff", "%ED%A0%80"])
def test_search_text_that_cannot_be_used_finds_nothing_and_says_why(data: None, client: Client, text: str) -> None:
    pages = [client.get(f"{path}?country=DE&q={text}") for path in ("/clusters/", "/clusters/map/", "/clusters/embed/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    listing = pages[0].context["listing"]
    assert [one.context["listing"].total for one in pages[:2]] == [0, 0]
    assert pages[2].context["total"] == 0
    assert [(way.text, way.count, way.query) for way in listing.ways] == [("without the search text", 7, "?country=DE")]
    for page in pages:
        assert str(listing.errors["q"][0]) in html.unescape(page.content.decode())
    assert "so nothing was looked for" in pages[0].content.decode()


def test_contradictory_range_is_a_message_on_the_page_and_empty_for_programs(data: None, client: Client) -> None:
    page = client.get("/clusters/?members_min=10&members_max=5")
    answer = client.get("/api/v1/clusters/?members_min=10&members_max=5")

    assert page.context["listing"].total == answer.json()["count"] == 0
    assert "The smallest number of members (10) is larger than the largest (5). Swap the two." in page.content.decode()


def test_confirmed_since_finds_those_of_the_day_and_later(db: None, client: Client) -> None:
    for name, day in (
        ("Before", date(2026, 3, 31)),
        ("On", date(2026, 4, 1)),
        ("After", date(2026, 4, 2)),
        ("No", None),
    ):
        ClusterFactory(published=True, name=name, confirmed_on=day)
    ClusterFactory(name="Hidden", confirmed_on=date(2026, 4, 2))

    page = client.get("/clusters/?confirmed_since=2026-04-01")
    answer = client.get("/api/v1/clusters/?confirmed_since=2026-04-01").json()
    file = client.get("/clusters/export.json?confirmed_since=2026-04-01")

    listing = page.context["listing"]
    assert [cluster.name for cluster in listing.page] == ["After", "On"]
    assert [row["name"] for row in answer["results"]] == ["After", "On"]
    assert [row["name"] for row in json.loads(b"".join(file.streaming_content))["results"]] == ["After", "On"]
    assert [(chip.label, chip.value, chip.remove_query) for chip in listing.chips] == [
        ("Confirmed since", "1 April 2026", "?"),
    ]
    assert [group.name for group in listing.input_groups if group.is_open] == ["confirmed"]
    assert listing.outputs.api == "/api/v1/clusters/?confirmed_since=2026-04-01"
    assert 'name="confirmed_since" type="date"' in page.content.decode()


@time_machine.travel(datetime(2026, 4, 2, 12, tzinfo=UTC), tick=False)
def test_future_day_is_a_message_on_the_page_and_empty_for_programs(db: None, client: Client) -> None:
    ClusterFactory(published=True, confirmed_on=date(2026, 4, 2))

    page = client.get("/clusters/?confirmed_since=2026-04-03")
    answer = client.get("/api/v1/clusters/?confirmed_since=2026-04-03")

    assert page.context["listing"].total == answer.json()["count"] == 0
    assert "3 April 2026 is still to come: nothing was confirmed since. Choose an earlier day." in page.content.decode()
    assert [(way.text, way.count) for way in page.context["listing"].ways] == [
        ("without the filter “Confirmed since”", Cluster.objects.published().count())
    ]


def test_right_values_stay_when_one_is_wrong(data: None, client: Client) -> None:
    listing = client.get("/clusters/?country=IT&country=XX&vertical=ict-software").context["listing"]

    assert {cluster.country_id for cluster in listing.page} == {"IT"}
    assert [chip.value for chip in listing.chips] == ["Italy", "ICT & Software"]


def test_parameters_of_other_sites_are_passed_over(data: None, client: Client) -> None:
    assert client.get("/api/v1/clusters/?utm_source=letter&country=IT").json()["count"] == 3


def test_empty_fields_of_the_form_mean_nothing(data: None, client: Client) -> None:
    listing = client.get("/clusters/?q=&members_min=&members_max=&sort=&priority=&network=&confirmed_since=").context[
        "listing"
    ]

    assert (listing.total, listing.errors, listing.chips) == (68, {}, [])


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "1.5", "９", "1" * 30])
def test_wrong_page_says_so_and_shows_one_that_exists(data: None, client: Client, page: str) -> None:
    response = client.get("/clusters/", {"page": page})

    listing = response.context["listing"]
    assert response.status_code == 200
    assert f"There is no page “{page}”" in listing.notices[0]
    assert len(listing.page) > 0


def test_pages_together_show_every_cluster_once(data: None, client: Client) -> None:
    slugs: list[str] = []
    for number in (1, 2, 3):
        slugs += [cluster.slug for cluster in client.get("/clusters/", {"page": number}).context["listing"].page]

    assert len(slugs) == len(set(slugs)) == 68
    assert PAGE_SIZE == 24


SORTS = {
    "name": lambda c: (c.sort_name, c.slug),
    "country": lambda c: (c.country.sort_name, c.sort_name, c.slug),
    "members": lambda c: (c.members is None, c.members or 0, c.sort_name, c.slug),
    "-members": lambda c: (c.members is None, -(c.members or 0), c.sort_name, c.slug),
    "founded": lambda c: (c.founded is None, c.founded or 0, c.sort_name, c.slug),
    "-founded": lambda c: (c.founded is None, -(c.founded or 0), c.sort_name, c.slug),
    "relevance": lambda c: (c.sort_name, c.slug),
}


@pytest.mark.parametrize("sort", SORTS)
def test_sort(data: None, sort: str) -> None:
    found = slugs(sort=sort)

    expected = sorted(Cluster.objects.published().select_related("country"), key=SORTS[sort])
    assert found == [cluster.slug for cluster in expected]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("page=1&page=2", "“page” was given more than once"),
        ("view=cards&view=table", "“view” was given more than once"),
        ("page_size=9", "“page_size” is no filter"),
        ("format=zz", "“format” is no filter"),
    ],
)
def test_nothing_in_an_address_is_dropped_in_silence(client: Client, query: str, words: str) -> None:
    ClusterFactory.create_batch(30, published=True)

    assert words in client.get(f"/clusters/?{query}").content.decode()


@pytest.mark.django_db
def test_messages_at_the_top_name_their_filter(client: Client) -> None:
    html = client.get("/clusters/?members_min=-5&sort=foo").content.decode()

    assert "<strong>Members from:</strong>" in html
    assert "<strong>Sort by:</strong>" in html
