"""Clusters in the API: list, profile, facets."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.api.representation import ATTRIBUTION
from catalogue.index.catalogue_index import current_index
from catalogue.models import Cluster
from tests.catalogue.test_api_schema import add_lists, full_cluster
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIST = "/api/v1/clusters/"
FACETS = "/api/v1/clusters/facets/"


def slugs(client: Client, query: str = "") -> list[str]:
    """Return the slugs of the list in their order."""
    return [row["slug"] for row in client.get(LIST + query).json()["results"]]


def test_list_row(client: Client) -> None:
    cluster = full_cluster(successor=None)

    answer = client.get(LIST).json()

    row = answer.pop("results")[0]
    assert answer == {
        "count": 1, "next": None, "previous": None, "interpretation": None, "attribution": ATTRIBUTION,
    }  # fmt: skip
    assert row == {
        "id": str(cluster.public_id),
        "slug": "full-cluster",
        "name": "Full Cluster",
        "acronym": "FC",
        "country": {"code": "DE", "name": "Germany"},
        "region": {"slug": "bavaria", "name": "Bavaria"},
        "verticals": [{"slug": "vertical-term", "name": "vertical term"}],
        "sectors": [{"slug": "sector-term", "name": "sector term"}],
        "emerging_industries": [{"slug": "emerging_industry-term", "name": "emerging_industry term"}],
        "technology_fields": [{"slug": "technology_field-term", "name": "technology_field term"}],
        "s3_priorities": [{"slug": "s3_priority-term", "name": "s3_priority term"}],
        "networks": [{"slug": "full-network", "name": "Full Network"}],
        "priority": True,
        "members": 120,
        "members_qualifier": "at_least",
        "members_as_of": "2019-05-01",
        "founded": 1999,
        "summary": "Brings firms and researchers together.",
        "core_cybersecurity": True,
        "quality_label": "gold",
        "location": {"place": "Munich", "latitude": 48.1374, "longitude": 11.5755, "precision": "seat"},
        "confirmed_on": "2020-01-02",
        "url": "http://testserver/clusters/full-cluster/",
        "api_url": "http://testserver/api/v1/clusters/full-cluster/",
    }
    assert row["url"] == f"http://testserver{cluster.get_absolute_url()}"


def test_profile_adds_to_the_row(client: Client) -> None:
    cluster = full_cluster()
    add_lists(cluster)
    row = next(row for row in client.get(LIST).json()["results"] if row["slug"] == "full-cluster")

    profile = client.get(row["api_url"]).json()

    successor = Cluster.objects.get(slug="next-cluster")
    assert {key: profile[key] for key in row} == row
    assert {key: value for key, value in profile.items() if key not in row} == {
        "former_names": ["Old Full", "Older Full"],
        "place_local_name": "München",
        "description": "**Bold** words",
        "benefits": "* one",
        "website": "https://full.example/",
        "email": "office@full.example",
        "phone": "+49 89 0000",
        "logo_url": "http://testserver/clusters/full-cluster/logo/",
        "members_split": {"sme": 80, "large": 10, "research": 20, "public": 5},
        "staff": 7.5,
        "quality": {
            "label": "gold",
            "evidence": "https://labels.example/1",
            "valid_until": (timezone.localdate() + timedelta(days=1)).isoformat(),
        },
        "social_links": [{"kind": "linkedin", "url": "https://social.example/full"}],
        "showcase": [
            {"kind": "event", "title": "Fair", "url": None, "date": "2019-06", "note": "Speaker"},
            {"kind": "project", "title": "Grant", "url": "https://grant.example/", "date": None, "note": ""},
        ],
        "figures": [
            {"label": "Jobs represented", "value": "700000", "qualifier": "approximately", "note": "", "as_of": None}
        ],
        "region_nuts": ["DE2"],
        "sources": [
            {
                "field": "members",
                "origin": "report",
                "label": "report D4.5",
                "as_of": "2019-06",
                "text": "report D4.5, June 2019",
            }
        ],
        "target_markets": [{"code": "FR", "name": "France"}],
        "successor": {
            "id": str(successor.public_id),
            "slug": "next-cluster",
            "name": "Next Cluster",
            "url": "http://testserver/clusters/next-cluster/",
            "api_url": "http://testserver/api/v1/clusters/next-cluster/",
        },
        "attribution": ATTRIBUTION,
    }


def test_unknown_values_are_null(client: Client) -> None:
    ClusterFactory(published=True, slug="bare")

    profile = client.get(f"{LIST}bare/").json()

    for name in ("region", "members", "members_qualifier", "members_as_of", "founded", "location", "website",
                 "email", "phone", "logo_url", "staff", "quality", "quality_label", "successor", "confirmed_on"):  # fmt: skip
        assert profile[name] is None
    assert profile["members_split"] == {"sme": None, "large": None, "research": None, "public": None}
    assert profile["acronym"] == profile["description"] == ""


def test_label_that_expired_is_not_given(client: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    label = {"quality_label": "gold", "quality_evidence": "https://labels.example/1"}
    ClusterFactory(published=True, slug="today", quality_expires_on=timezone.localdate(), **label)
    ClusterFactory(published=True, slug="expired", quality_expires_on=yesterday, **label)

    labels = {row["slug"]: row["quality_label"] for row in client.get(LIST).json()["results"]}

    assert labels == {"today": "gold", "expired": None}
    assert client.get(f"{LIST}expired/").json()["quality"] is None


def test_capital_of_a_mere_country_is_not_given_as_place(client: Client) -> None:
    ClusterFactory(published=True, slug="somewhere", place="Berlin", place_local_name="Bärlin", latitude="52.5",
                   longitude="13.4", precision="country")  # fmt: skip

    profile = client.get(f"{LIST}somewhere/").json()

    assert profile["location"] == {"place": None, "latitude": 52.5, "longitude": 13.4, "precision": "country"}
    assert profile["place_local_name"] == ""


def test_old_slug_leads_to_the_new_one(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="before")
    cluster = Cluster.objects.get(pk=cluster.pk)
    cluster.slug = "after"
    cluster.save()

    response = client.get(f"{LIST}before/")

    assert (response.status_code, response.headers["Location"]) == (301, "/api/v1/clusters/after/")
    # The slug may be changed back, so nobody may keep the redirect.
    assert response.headers["Cache-Control"] == "no-cache"


def test_id_leads_to_the_profile(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="named")

    response = client.get(f"{LIST}{cluster.public_id}/")

    assert (response.status_code, response.headers["Location"]) == (302, "/api/v1/clusters/named/")


def test_pages(client: Client) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        ClusterFactory(published=True, name=name, slug=name.lower())

    first = client.get(f"{LIST}?page_size=2&sort=-name").json()
    second = client.get(first["next"]).json()

    assert [row["slug"] for row in first["results"]] == ["gamma", "beta"]
    assert first["count"] == second["count"] == 3
    assert [row["slug"] for row in second["results"]] == ["alpha"]
    assert second["next"] is None
    assert client.get(second["previous"]).json() == first


def test_page_size_is_50_by_default_and_200_at_most(client: Client) -> None:
    country = CountryFactory()
    ClusterFactory.create_batch(51, published=True, country=country)

    assert len(client.get(LIST).json()["results"]) == 50
    assert len(client.get(f"{LIST}?page_size=200").json()["results"]) == 51


def test_search_orders_by_relevance(client: Client) -> None:
    ClusterFactory(published=True, slug="text", name="Alpha", summary="All about photonics.")
    ClusterFactory(published=True, slug="name", name="Photonics Valley")
    ClusterFactory(published=True, slug="other", name="Steel")

    assert slugs(client, "?q=photonics") == ["name", "text"]
    assert slugs(client, "?q=photonisc") == ["name", "text"]
    assert slugs(client, "?q=photonics&sort=name") == ["text", "name"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (LIST, 4),  # version, rows, terms, networks
        (f"{LIST}?country=DE&vertical=vertical-term", 4),
        (f"{LIST}?q=cluster&sort=-members", 4),
        (FACETS, 1),  # version
    ],
)
def test_queries_do_not_grow_with_rows(
    client: Client, django_assert_num_queries: Any, count: int, path: str, queries: int
) -> None:
    cluster = full_cluster(successor=None)
    for number in range(1, count):
        ClusterFactory(published=True, country=cluster.country, region=cluster.region, name=f"Cluster {number}",
                       terms=list(cluster.terms.all()), networks=list(cluster.networks.all()))  # fmt: skip

    current_index()  # read once, whatever is asked afterwards
    with django_assert_num_queries(queries):
        answer = client.get(path).json()

    assert answer["count"] == count


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_a_profile(client: Client, django_assert_num_queries: Any, count: int) -> None:
    cluster = full_cluster()
    add_lists(cluster)
    for number in range(1, count):
        cluster.terms.add(TermFactory())
        NetworkFactory(clusters=[cluster])
        cluster.social_links.create(kind="other", url=f"https://social.example/{number}")

    with django_assert_num_queries(9):  # version, row, terms, networks, links, showcase, markets, figures, sources
        answer = client.get(f"{LIST}full-cluster/").json()

    assert len(answer["networks"]) == len(answer["social_links"]) == count


# --- filters against a naive recount ---------------------------------------------------------------

COUNTRIES, VERTICALS, NETWORKS = ("DE", "FR", "IT"), ("health", "energy", "space"), ("north", "south")
SIZES = (None, 10, 500, 950)


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    """Make 24 clusters, 18 of them published, and return what is known of the published ones."""
    countries = {code: CountryFactory(code=code) for code in COUNTRIES}
    regions = {
        code: RegionFactory(country=country, slug=f"region-{code.lower()}") for code, country in countries.items()
    }
    terms = {slug: TermFactory(slug=slug, name=slug.title()) for slug in VERTICALS}
    networks = {slug: NetworkFactory(slug=slug, name=slug.title()) for slug in NETWORKS}
    known = []
    for number in range(24):
        row = {
            "slug": f"cluster-{number:02}",
            "country": COUNTRIES[number % 3],
            "has_region": number % 2 == 0,
            "verticals": {slug for place, slug in enumerate(VERTICALS) if (number >> place) & 1},
            "networks": {slug for place, slug in enumerate(NETWORKS) if (number // 3 >> place) & 1},
            "priority": number % 5 == 0,
            "members": SIZES[number % 4],
            "confirmed": None if number % 3 == 2 else date(2026, 1, number + 1),
        }
        ClusterFactory(
            published=number % 4 != 3 or number == 3,
            slug=row["slug"],
            name=f"Cluster {number:02}",
            country=countries[row["country"]],
            region=regions[row["country"]] if row["has_region"] else None,
            terms=[terms[slug] for slug in row["verticals"]],
            networks=[networks[slug] for slug in row["networks"]],
            is_priority=row["priority"],
            members=row["members"],
            members_qualifier="" if row["members"] is None else "exact",
            confirmed_on=row["confirmed"],
        )
        if number % 4 != 3 or number == 3:
            known.append(row)
    return known


def fits(row: dict[str, Any], chosen: dict[str, Any], leave_out: str = "") -> bool:
    """Return whether a row answers to the filters chosen, one of them perhaps left out."""
    tests = {
        "country": lambda value: not value or row["country"] in value,
        "region": lambda value: not value or (row["has_region"] and f"region-{row['country'].lower()}" in value),
        "vertical": lambda value: not value or bool(row["verticals"] & set(value)),
        "network": lambda value: value is None or value in row["networks"],
        "priority": lambda value: value is None or row["priority"] == (value == "true"),
        "members_min": lambda value: value is None or (row["members"] is not None and row["members"] >= value),
        "members_max": lambda value: value is None or (row["members"] is not None and row["members"] <= value),
        "confirmed_since": lambda value: value is None or (row["confirmed"] is not None and row["confirmed"] >= value),
    }
    return all(test(chosen[name]) for name, test in tests.items() if name != leave_out)


CHOICES = st.fixed_dictionaries(
    {
        "country": st.lists(st.sampled_from(COUNTRIES), unique=True, max_size=2),
        "region": st.lists(st.sampled_from(["region-de", "region-fr"]), unique=True, max_size=2),
        "vertical": st.lists(st.sampled_from(VERTICALS), unique=True, max_size=2),
        "network": st.none() | st.sampled_from(NETWORKS),
        "priority": st.none() | st.sampled_from(["true", "false"]),
        "members_min": st.none() | st.sampled_from([0, 10, 11]),
        "members_max": st.none() | st.sampled_from([500, 950]),
        "confirmed_since": st.none() | st.dates(date(2025, 12, 31), date(2026, 1, 25)),
    }
)


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=CHOICES)
def test_list_and_facets_equal_a_naive_recount(client: Client, rows: list[dict[str, Any]], chosen: dict) -> None:
    query = {name: value for name, value in chosen.items() if value not in (None, [])}

    listed = client.get(LIST, query).json()
    facets = client.get(FACETS, query).json()

    expected = [row["slug"] for row in rows if fits(row, chosen)]
    assert [row["slug"] for row in listed["results"]] == expected
    assert listed["count"] == facets["count"] == len(expected)
    for name in ("country", "vertical", "network", "priority"):
        others = [row for row in rows if fits(row, chosen, leave_out=name)]
        recount = {
            "country": {code: sum(row["country"] == code for row in others) for code in COUNTRIES},
            "vertical": {slug: sum(slug in row["verticals"] for row in others) for slug in VERTICALS},
            "network": {slug: sum(slug in row["networks"] for row in others) for slug in NETWORKS},
            "priority": {
                "true": sum(row["priority"] for row in others),
                "false": sum(not row["priority"] for row in others),
            },
        }
        assert {item["value"]: item["count"] for item in facets["facets"][name]} == recount[name]


def test_facets_mark_chosen_values(client: Client, rows: list[dict[str, Any]]) -> None:
    facets = client.get(f"{FACETS}?country=FR&vertical=health&priority=true").json()["facets"]

    chosen = {name: [item["value"] for item in items if item["selected"]] for name, items in facets.items()}
    assert {name: values for name, values in chosen.items() if values} == {
        "country": ["FR"],
        "vertical": ["health"],
        "priority": ["true"],
    }
    assert {item["parent"] for item in facets["region"]} == set(COUNTRIES)
    assert facets["sector"] == []


def test_facets_take_the_address_of_the_list(client: Client, rows: list[dict[str, Any]]) -> None:
    plain = client.get(f"{FACETS}?country=FR").json()

    assert client.get(f"{FACETS}?country=FR&page=2&page_size=2&sort=-members").json() == plain


def test_api_follows_an_archived_cluster_to_its_successor(client: Client) -> None:
    successor = ClusterFactory(published=True, slug="new-one")
    ClusterFactory(slug="merged", status="archived", successor=successor)

    response = client.get("/api/v1/clusters/merged/")

    assert (response.status_code, response["Location"]) == (301, "/api/v1/clusters/new-one/")
