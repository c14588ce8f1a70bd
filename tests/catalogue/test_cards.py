"""What cards and the table say of a cluster: town, logo, distance, priority."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from catalogue.models import Cluster
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory

pytestmark = pytest.mark.django_db
CARD, TABLE = "components/cluster_card.html", "components/cluster_table.html"


def shown(template: str, cluster: Cluster, near: str = "", **values: Any) -> str:
    """Return the words of a template about ``cluster``."""
    listing = SimpleNamespace(near=SimpleNamespace(name=near) if near else None)
    html = render_to_string(template, {"cluster": cluster, "clusters": [cluster], "listing": listing, **values})
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def graz(**values: Any) -> Cluster:
    country = CountryFactory(code="AT", name="Austria")
    place = {"place": "Graz", "latitude": "47.07", "longitude": "15.44", "precision": "seat"}
    region = RegionFactory(country=country, name="Styria")
    return ClusterFactory(
        **{"published": True, "name": "Alpine", "country": country, "region": region, **place, **values}
    )


@pytest.mark.parametrize(
    ("values", "card", "cell"),
    [
        ({}, "Austria · Styria · Graz Alpine", "Styria Graz"),
        ({"precision": "region"}, "Austria · Styria · near Graz Alpine", "Styria near Graz"),
        ({"precision": "country"}, "Austria · Styria Alpine", "Styria"),
        ({"place": "Styria"}, "Austria · Styria Alpine", "Styria"),
        ({"region": None}, "Austria · Graz Alpine", "Austria Graz"),
    ],
)
def test_the_town_is_shown_as_far_as_it_is_known(values: dict[str, Any], card: str, cell: str) -> None:
    cluster = graz(**values)

    assert shown(CARD, cluster).startswith(card)
    assert shown(TABLE, cluster).endswith(cell)


@pytest.mark.parametrize(
    ("distance", "precision", "card", "cell"),
    [
        (12.4, "seat", "12 km from Lyon", "12 km"),
        (0.3, "seat", "less than 1 km from Lyon", "less than 1 km"),
        (0.0, "region", "less than 1 km from Lyon", "less than 1 km"),
        (1234.4, "region", "about 1,234 km from Lyon", "about 1,234 km"),
    ],
)
def test_the_distance_is_shown_where_the_list_is_sorted_by_it(
    distance: float, precision: str, card: str, cell: str
) -> None:
    cluster: Any = graz(precision=precision)
    cluster.distance_km = distance

    assert f"Graz {card} Alpine" in shown(CARD, cluster, "Lyon")
    assert shown(TABLE, cluster, "Lyon").endswith(f"Graz {cell}")
    assert "From Lyon" in shown(TABLE, cluster, "Lyon")


def test_without_a_distance_nothing_is_said_of_it() -> None:
    cluster: Any = graz()

    assert " km" not in shown(CARD, cluster, "Lyon")
    cluster.distance_km = None
    assert " km" not in shown(CARD, cluster, "Lyon") + shown(TABLE, cluster, "Lyon")
    cluster.distance_km = 12.0
    assert " km" not in shown(CARD, cluster) + shown(TABLE, cluster)


def test_a_logo_has_a_fixed_box_and_is_loaded_late(client: Client) -> None:
    graz(slug="alpine", logo="logos/alpine.png")
    ClusterFactory(published=True, slug="plain", name="Plain")

    page = client.get("/clusters/").content.decode()

    assert re.findall(r'<img[^>]*src="(/clusters/[^"]*)" alt="" width="56" height="56" loading="lazy"', page) == [
        "/clusters/alpine/logo/"
    ]


@pytest.mark.parametrize("path", ["/clusters/", "/clusters/alpine/", "/clusters/?priority=true"])
def test_priority_is_explained_where_it_is_shown(client: Client, path: str) -> None:
    graz(slug="alpine", is_priority=True)

    page = client.get(path).content.decode()

    explained = re.findall(r"<details class=\"explain\"><summary[^>]*><span>Priority</span></summary><p>([^<]*)", page)
    assert [" ".join(text.split()) for text in explained] == [
        "Priority clusters are those that matter most to the consortium. Its staff decides; rules, such as field and "
        "size, explain the decision."
    ]
    assert page.count("Its staff decides; rules") == (1 if path == "/clusters/alpine/" else 2), "in the facet too"
