"""Caching, conditional requests, other sites, and the lists beside the clusters."""

from typing import Any

import pytest
from django.test import Client

from catalogue.models import Cluster
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.django_db
LIST = "/api/v1/clusters/"


def test_answer_that_is_still_true_is_304(client: Client) -> None:
    ClusterFactory(published=True, name="Before", slug="one")
    first = client.get(LIST)
    tag = first.headers["ETag"]

    again = client.get(LIST, headers={"if-none-match": tag})
    weak = client.get(LIST, headers={"if-none-match": f"W/{tag}"})
    cluster = Cluster.objects.get(slug="one")
    cluster.name = "After"
    cluster.save()
    changed = client.get(LIST, headers={"if-none-match": tag})

    assert [again.status_code, weak.status_code, changed.status_code] == [304, 304, 200]
    assert again.content == b""
    assert again.headers["ETag"] == tag
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert changed.json()["results"][0]["name"] == "After"
    assert changed.headers["ETag"] != tag


def test_compressed_answer_has_a_tag_that_still_works(client: Client) -> None:
    ClusterFactory.create_batch(5, published=True)

    first = client.get(LIST, headers={"accept-encoding": "gzip"})
    again = client.get(LIST, headers={"accept-encoding": "gzip", "if-none-match": first.headers["ETag"]})

    assert first.headers["Content-Encoding"] == "gzip"
    assert again.status_code == 304


def test_failed_precondition_is_json(client: Client) -> None:
    response = client.get(LIST, headers={"if-match": '"another"'})

    assert response.status_code == 412
    assert response.json() == {"detail": "This is not the version that If-Match asks for."}


def test_caches_must_ask_again(client: Client) -> None:
    response = client.get(LIST)

    assert response.headers["Cache-Control"] == "public, no-cache"
    assert "Accept" in [name.strip() for name in response.headers["Vary"].split(",")]
    assert not response.cookies


@pytest.mark.parametrize("query", ["", "?colour=blue"])
def test_other_sites_may_read_answers_and_errors(client: Client, query: str) -> None:
    response = client.get(f"{LIST}{query}", headers={"origin": "https://partner.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert {"ETag", "Retry-After"} <= {
        name.strip() for name in response.headers["Access-Control-Expose-Headers"].split(",")
    }


def test_browsers_may_ask_before_reading(client: Client) -> None:
    response = client.options(
        LIST, headers={"origin": "https://partner.example", "access-control-request-method": "GET"}
    )

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]


def test_head_has_the_headers_of_get(client: Client) -> None:
    get, head = client.get(LIST), client.head(LIST)

    assert head.content == b""
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_root_leads_to_every_list(client: Client) -> None:
    answer = client.get("/api/v1/").json()

    assert answer["clusters"] == "http://testserver/api/v1/clusters/"
    for address in answer.values():
        assert client.get(address).status_code == 200


def test_countries(client: Client) -> None:
    germany = CountryFactory(code="DE", name="Germany", h2020_contribution=7_000_000_000, h2020_participations=30)
    CountryFactory(code="AT", name="Austria", h2020_contribution=5)
    CountryFactory(code="ZZ", name="Nowhere")
    ClusterFactory.create_batch(2, published=True, country=germany)
    ClusterFactory(country=germany)

    answer = client.get("/api/v1/countries/").json()

    assert [row["code"] for row in answer["results"]] == ["AT", "DE"]
    assert answer["results"][1] == {
        "code": "DE",
        "name": "Germany",
        "h2020_contribution": 7_000_000_000,
        "h2020_participations": 30,
        "cluster_count": 2,
        "url": "http://testserver/clusters/?country=DE",
        "clusters_url": "http://testserver/api/v1/clusters/?country=DE",
    }
    assert client.get(answer["results"][1]["clusters_url"]).json()["count"] == 2


def test_regions(client: Client) -> None:
    germany = CountryFactory(code="DE", name="Germany")
    saxony, bavaria = (RegionFactory(country=germany, slug=name.lower(), name=name) for name in ("Saxony", "Bavaria"))
    RegionFactory(country=germany)
    ClusterFactory(published=True, country=germany, region=saxony)
    ClusterFactory(published=True, country=germany, region=bavaria)

    answer = client.get("/api/v1/regions/").json()

    assert [row["slug"] for row in answer["results"]] == ["bavaria", "saxony"]
    assert answer["results"][0] == {
        "slug": "bavaria",
        "name": "Bavaria",
        "country": {"code": "DE", "name": "Germany"},
        "local_name": "",
        "nuts": [],
        "cluster_count": 1,
        "url": "http://testserver/clusters/?region=bavaria",
        "clusters_url": "http://testserver/api/v1/clusters/?region=bavaria",
    }


def test_vocabularies_and_their_terms(client: Client) -> None:
    health, space = (TermFactory(slug=slug, name=slug.title()) for slug in ("health", "space"))
    TermFactory(vocabulary="sector", slug="ict", name="ICT")
    ClusterFactory(published=True, terms=[health])
    ClusterFactory(terms=[health, space])

    vocabularies = client.get("/api/v1/vocabularies/").json()
    terms = client.get(vocabularies["results"][0]["api_url"]).json()

    assert [(row["vocabulary"], row["term_count"]) for row in vocabularies["results"]] == [
        ("vertical", 2),
        ("sector", 1),
        ("emerging_industry", 0),
        ("technology_field", 0),
        ("s3_priority", 0),
    ]
    assert [(row["slug"], row["name"], row["cluster_count"]) for row in terms["results"]] == [
        ("health", "Health", 1),
        ("space", "Space", 0),
    ]
    assert client.get(terms["results"][0]["clusters_url"]).json()["count"] == 1


def test_networks(client: Client) -> None:
    member = ClusterFactory(published=True, slug="member", name="Member")
    NetworkFactory(slug="zeta", name="Zeta")
    NetworkFactory(slug="alpha", name="Alpha", clusters=[member, ClusterFactory()], facilitator=member,
                   stated_members=37, website="https://alpha.example/", description="*Words*")  # fmt: skip

    listed = client.get("/api/v1/networks/").json()
    network = client.get(listed["results"][0]["api_url"]).json()

    assert [row["slug"] for row in listed["results"]] == ["alpha", "zeta"]
    reference = {
        "id": str(member.public_id),
        "slug": "member",
        "name": "Member",
        "url": "http://testserver/clusters/member/",
        "api_url": "http://testserver/api/v1/clusters/member/",
    }
    assert network == {
        "slug": "alpha",
        "name": "Alpha",
        "cluster_count": 1,
        "stated_members": 37,
        "website": "https://alpha.example/",
        "url": "http://testserver/networks/alpha/",
        "api_url": "http://testserver/api/v1/networks/alpha/",
        "clusters_url": "http://testserver/api/v1/clusters/?network=alpha",
        "description": "*Words*",
        "facilitator": reference,
        "clusters": [reference],
    }


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),  # one is the version
    [
        ("/api/v1/countries/", 3),
        ("/api/v1/regions/", 3),
        ("/api/v1/vocabularies/", 2),
        ("/api/v1/vocabularies/vertical/", 3),
        ("/api/v1/networks/", 3),
        ("/api/v1/networks/first/", 3),
    ],
)
def test_queries_do_not_grow(
    client: Client, django_assert_num_queries: Any, count: int, path: str, queries: int
) -> None:
    first = NetworkFactory(slug="first")
    for _ in range(count):
        country = CountryFactory()
        ClusterFactory(published=True, country=country, region=RegionFactory(country=country), terms=[TermFactory()],
                       networks=[first, NetworkFactory()])  # fmt: skip

    with django_assert_num_queries(queries):
        response = client.get(path)

    assert response.status_code == 200
