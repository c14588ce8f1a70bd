"""Nothing of an unpublished cluster, and nothing for staff only, comes out of the API."""

import json

import pytest
from django.test import Client

from catalogue.models import Cluster, Network
from tests.catalogue.test_api_schema import add_lists, full_cluster
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.django_db
PATHS = (
    "/api/v1/",
    "/api/v1/clusters/",
    "/api/v1/clusters/?q=hidden",
    "/api/v1/clusters/?q=hiden",
    "/api/v1/clusters/?network=mixed",
    "/api/v1/clusters/facets/",
    "/api/v1/clusters/facets/?q=hidden",
    "/api/v1/clusters/open/",
    "/api/v1/countries/",
    "/api/v1/regions/",
    "/api/v1/vocabularies/",
    "/api/v1/vocabularies/vertical/",
    "/api/v1/networks/",
    "/api/v1/networks/mixed/",
    "/api/v1/schema/",
)


@pytest.fixture(params=["identified", "archived"])
def hidden(request: pytest.FixtureRequest) -> Cluster:
    """Make a cluster that is not public, in a country and region of its own, linked from a public one."""
    term = TermFactory(slug="shared", name="Shared")
    country = CountryFactory(code="HH", name="Hiddenland")
    cluster = full_cluster(
        published=False, status=request.param, slug="hidden", name="Hidden Cluster", summary="hidden summary",
        former_names="Hiddenformer", country=country, region=RegionFactory(country=country, slug="hidden-region"),
        place="Hiddentown", terms=[term], networks=[], successor=None,
    )  # fmt: skip
    NetworkFactory(slug="mixed", name="Mixed", clusters=[cluster], facilitator=cluster)
    # A country of its own: the factory's next code might be that of the hidden one.
    elsewhere = CountryFactory(code="OP", name="Openland")
    visible = ClusterFactory(
        published=True, slug="open", name="Open", terms=[term], successor=cluster, country=elsewhere
    )
    Network.objects.get(slug="mixed").clusters.add(visible)
    visible.target_markets.add(visible.country)
    return cluster


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_it_is_named(client: Client, hidden: Cluster, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    text = response.content.decode().lower().replace("?q=hidden", "").replace("?q=hiden", "")
    # What was typed is given back; nothing may be beside it.
    text = text.replace('"text":"hidden"', "").replace('"words":["hidden"]', "").replace('"unknown":["hidden"]', "")
    text = text.replace('"text":"hiden"', "").replace('"words":["hiden"]', "").replace('"unknown":["hiden"]', "")
    assert "hidden" not in text
    assert str(hidden.public_id) not in text


def test_nothing_of_it_is_counted(client: Client, hidden: Cluster) -> None:
    facets = client.get("/api/v1/clusters/facets/").json()
    counts = {(name, item["value"]): item["count"] for name, items in facets["facets"].items() for item in items}

    assert facets["count"] == client.get("/api/v1/clusters/").json()["count"] == 1
    assert counts["vertical", "shared"] == counts["network", "mixed"] == counts["priority", "false"] == 1
    assert counts["priority", "true"] == 0
    terms = client.get("/api/v1/vocabularies/vertical/").json()["results"]
    assert {term["slug"]: term["cluster_count"] for term in terms}["shared"] == 1
    networks = client.get("/api/v1/networks/").json()["results"]
    assert {network["slug"]: network["cluster_count"] for network in networks}["mixed"] == 1
    network = client.get("/api/v1/networks/mixed/").json()
    assert [cluster["slug"] for cluster in network["clusters"]] == ["open"]
    assert network["facilitator"] is None
    assert client.get("/api/v1/clusters/open/").json()["successor"] is None


def test_filters_answer_as_for_something_that_does_not_exist(client: Client, hidden: Cluster) -> None:
    for name, secret, invented in (("country", "HH", "QQ"), ("region", "hidden-region", "nowhere")):
        known = client.get(f"/api/v1/clusters/?{name}={secret}")
        unknown = client.get(f"/api/v1/clusters/?{name}={invented}")

        assert (known.status_code, unknown.status_code) == (400, 400)
        assert known.content.decode().replace(secret, "") == unknown.content.decode().replace(invented, "")


def test_its_addresses_are_404(client: Client, hidden: Cluster) -> None:
    cluster = Cluster.objects.get(pk=hidden.pk)
    cluster.slug = "hidden-later"
    cluster.save()

    for part in ("hidden", "hidden-later", str(hidden.public_id)):
        response = client.get(f"/api/v1/clusters/{part}/")
        assert response.status_code == 404
        assert set(response.json()) == {"detail"}
        assert "Location" not in response.headers


def test_network_without_published_clusters_counts_none(client: Client, hidden: Cluster) -> None:
    NetworkFactory(slug="silent", name="Silent", clusters=[hidden])

    network = client.get("/api/v1/networks/silent/").json()

    assert (network["cluster_count"], network["clusters"]) == (0, [])


def test_country_with_figures_is_public_by_itself(client: Client, hidden: Cluster) -> None:
    CountryFactory(code="PP", name="Plainland", h2020_contribution=5)

    countries = {row["code"]: row["cluster_count"] for row in client.get("/api/v1/countries/").json()["results"]}

    assert countries["PP"] == 0
    assert "HH" not in countries


def test_withdrawn_cluster_is_not_found_at_once(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="soon-gone", name="Soon Gone")
    before = client.get("/api/v1/clusters/")

    cluster.status = Cluster.Status.ARCHIVED
    cluster.save()
    after = client.get("/api/v1/clusters/", headers={"if-none-match": before.headers["ETag"]})

    assert before.json()["count"] == 1
    assert (after.status_code, after.json()["count"]) == (200, 0)
    assert client.get("/api/v1/clusters/soon-gone/").status_code == 404


def test_what_is_for_staff_only_stays_with_staff(client: Client) -> None:
    cluster = full_cluster()
    add_lists(cluster)
    network = cluster.networks.get()
    network.note = "secret-network-note"
    network.save()

    for path in ("/api/v1/clusters/", "/api/v1/clusters/full-cluster/", "/api/v1/networks/full-network/"):
        answer = client.get(path).json()
        assert "secret" not in json.dumps(answer)
    profile = client.get("/api/v1/clusters/full-cluster/").json()
    for name in ("note", "priority_reason", "loyal_position", "found_via", "found_on", "is_collaborator", "status"):
        assert name not in profile
