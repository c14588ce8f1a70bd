"""Files and feed of random filters on the real data: the page's set, all of it."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.listing.filters import ClusterFilter
from catalogue.models import Cluster
from tests.catalogue.readers import content, read_csv, read_xlsx
from tests.catalogue.recount import queries
from tests.effort import examples

ATOM = "{http://www.w3.org/2005/Atom}"


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_output_equals_the_pages_set(data_once: None, db: None, data: st.DataObject) -> None:
    filterset = ClusterFilter(data.draw(queries()))
    query = filterset.query_string()
    client = Client()

    slugs = [cluster.slug for cluster in filterset.qs]

    assert [row["slug"] for row in read_csv(client, query)] == slugs
    assert [row["slug"] for row in read_xlsx(client, query)] == slugs
    answer = json.loads(content(client.get(f"/clusters/export.json?{query}")))
    assert ([row["slug"] for row in answer["results"]], answer["count"]) == (slugs, len(slugs))
    features = json.loads(content(client.get(f"/clusters/export.geojson?{query}")))["features"]
    assert [feature["properties"]["slug"] for feature in features] == slugs
    feed = ElementTree.fromstring(content(client.get(f"/clusters/feed.atom?{query}")))  # noqa: S314 - our own answer
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert sorted(ids) == sorted(f"urn:uuid:{cluster.public_id}" for cluster in filterset.qs)
    assert f"{len(slugs)} cluster" in client.get(f"/clusters/embed/?{query}").content.decode()


def test_types_and_credit(data: None, client: Client) -> None:
    row = next(row for row in read_xlsx(client, "q=techuk"))
    record = json.loads(content(client.get("/clusters/export.json?q=techuk")))
    feature = json.loads(content(client.get("/clusters/export.geojson?q=techuk")))

    assert (row["members"], row["members_qualifier"], row["priority"]) == (950, "at_least", True)
    assert (row["latitude"], row["verticals"]) == (51.5085, "ICT & Software")
    assert record["results"][0]["verticals"] == ["ICT & Software"]
    assert record["results"][0]["founded"] is None
    assert feature["features"][0]["geometry"] == {"type": "Point", "coordinates": [-0.1257, 51.5085]}
    for credit in (
        row["credit"],
        record["attribution"],
        feature["attribution"],
        read_csv(client, "q=techuk")[0]["credit"],
    ):
        assert credit == "Place coordinates © GeoNames (geonames.org), CC BY 4.0"
    feed = content(client.get("/clusters/feed.atom")).decode()
    assert "<rights>Place coordinates © GeoNames" in feed


@pytest.mark.parametrize("path", ["export.csv", "export.xlsx", "export.json", "export.geojson", "feed.atom"])
def test_wrong_filter_is_refused_by_name(data: None, client: Client, path: str) -> None:
    response = client.get(f"/clusters/{path}?country=XX")

    assert response.status_code == 400
    assert "XX" in response.json()["country"][0]


def test_wrong_separator_is_refused_by_name(data: None, client: Client) -> None:
    assert "semicolon" in client.get("/clusters/export.csv?separator=dot").json()["separator"][0]
    assert client.get("/clusters/export.json?separator=dot").status_code == 400


def test_descriptions_for_machines(data: None, client: Client) -> None:
    search = ElementTree.fromstring(client.get("/opensearch.xml").content)  # noqa: S314 - our own answer
    templates = [url.get("template", "") for url in search.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")]
    text, names, kinds, urls = json.loads(client.get("/clusters/suggest.json?q=german").content)
    dataset = json.loads(client.get("/dataset.jsonld").content)

    assert client.get(templates[0].replace("{searchTerms}", "gaia")).context["listing"].total == 1
    assert (text, names[0], kinds[0], urls[0]) == (
        "german",
        "Germany",
        "Country",
        "http://testserver/clusters/?country=DE",
    )
    assert dataset["@type"] == "dcat:Dataset"
    for distribution in dataset["dcat:distribution"]:
        url = (distribution.get("dcat:downloadURL") or distribution["dcat:accessURL"])["@id"]
        response = client.get(url)
        assert response.status_code == 200
        assert content(response)


def test_list_carries_its_clusters_as_structured_data(data: None, client: Client) -> None:
    html = client.get("/clusters/?country=IT").content.decode()
    body = html.split('<script type="application/ld+json">')[1].split("</script>")[0]
    names = [item["name"] for item in json.loads(body)["itemListElement"]]

    assert names == list(
        Cluster.objects.published().filter(country="IT").order_by("sort_name").values_list("name", flat=True)
    )


def test_page_offers_every_output_of_its_filter(data: None, client: Client) -> None:
    html = client.get("/clusters/?country=IT&page=1").content.decode()

    for path in ("export.csv", "export.xlsx", "export.json", "export.geojson", "feed.atom", "embed/"):
        assert f"/clusters/{path}?country=IT" in html
    assert 'data-copy="http://testserver/api/v1/clusters/?country=IT"' in html
