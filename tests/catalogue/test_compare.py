"""Up to four clusters side by side."""

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from catalogue.profile.comparison import Comparison
from consortium.models import Project
from tests.factories.catalogue import ClusterFactory, NetworkFactory, TermFactory

pytestmark = pytest.mark.django_db


def compare(*slugs: str) -> Comparison:
    return Comparison(QueryDict("&".join(f"c={slug}" for slug in slugs)))


def test_clusters_are_in_the_order_of_the_address() -> None:
    for slug in ("b", "a", "c"):
        ClusterFactory(published=True, slug=slug)

    assert [cluster.slug for cluster in compare("c", "a", "b", "a").clusters] == ["c", "a", "b"]


def test_rows_without_anything_are_left_out_and_differences_marked() -> None:
    term = TermFactory(name="Space")
    ClusterFactory(published=True, slug="a", founded=2001, terms=[term], summary="Same.")
    ClusterFactory(published=True, slug="b", terms=[term], summary="Same.")

    rows = {row.label: (row.differs, [cell.lines for cell in row.cells]) for row in compare("a", "b").rows}

    assert rows["Founded"] == (True, [("2001",), ()])
    assert rows["Verticals"] == (False, [("Space",), ("Space",)])
    assert rows["Summary"][0] is False
    assert "Website" not in rows
    assert "Priority" not in rows


def test_unpublished_unknown_and_too_many_are_said(client: Client) -> None:
    for slug in "abcde":
        ClusterFactory(published=True, slug=slug, name=f"Name {slug}")
    ClusterFactory(slug="hidden", name="Secret name")

    response = client.get("/clusters/side-by-side/?c=a&c=hidden&c=nothing&c=b&c=c&c=d&c=e")

    html = response.content.decode()
    assert [cluster.slug for cluster in response.context["comparison"].clusters] == ["a", "b", "c", "d"]
    assert "“hidden” is no cluster of the catalogue" in html
    assert "“nothing” is no cluster of the catalogue" in html
    assert "Left out: Name e." in html
    assert "Secret" not in html


def test_empty_comparison_offers_a_way_on(client: Client) -> None:
    assert "Nothing to compare yet" in client.get("/clusters/side-by-side/").content.decode()


def test_contact_is_compared_and_where_there_is_none_somebody_can_be_asked(client: Client) -> None:
    Project.objects.update_or_create(pk=1, defaults={"name": "Portal", "contact_email": "office@portal.example"})
    reachable = {"website": "https://a.example", "email": "hello@a.example", "phone": "+43 1 23"}
    ClusterFactory(published=True, slug="a", **reachable)
    ClusterFactory(published=True, slug="b", contact_email="hidden@b.example")
    ClusterFactory(published=True, slug="c")
    ClusterFactory(published=True, slug="d", phone="+43 9")

    page = client.get("/clusters/side-by-side/?c=a&c=b&c=c&c=d").content.decode()
    rows = dict(re.findall(r'<th scope="row">([^<]*).*?</th>(.*?)</tr>', page, re.DOTALL))
    cells = {
        label: [re.findall(r'href="([^"]*)"|(not stated)', cell) for cell in rows[label].split("</td>")[:4]]
        for label in ("Website", "E-mail", "Phone")
    }

    none = [("", "not stated")]
    assert cells == {
        "Website": [[("https://a.example", "")], none, none, none],
        "E-mail": [[("mailto:hello@a.example", "")], [("/clusters/b/write/", "")], [("/clusters/c/ask/", "")], none],
        "Phone": [[("tel:+43123", "")], none, none, [("tel:+439", "")]],
    }


@pytest.mark.parametrize("count", [1, 3])
def test_constant_number_of_queries(client: Client, django_assert_num_queries: Any, count: int) -> None:
    for number in range(count):
        ClusterFactory(published=True, slug=f"s{number}", terms=[TermFactory()], networks=[NetworkFactory()])

    with django_assert_num_queries(8):
        client.get("/clusters/side-by-side/?" + "&".join(f"c=s{number}" for number in range(count)))


def test_cluster_that_is_called_compare_has_its_profile(client: Client) -> None:
    ClusterFactory(published=True, slug="compare", name="Compare")

    assert client.get("/clusters/compare/").context["cluster"].name == "Compare"


@pytest.mark.parametrize("query", ["c=%00", "c=a%00b&c=shown"])
def test_null_character_breaks_no_comparison(client: Client, query: str) -> None:
    ClusterFactory(published=True, slug="shown")

    assert client.get(f"/clusters/side-by-side/?{query}").status_code == 200


def test_comparison_follows_a_renamed_cluster(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="old-name", name="Renamed")
    cluster.slug = "new-name"
    cluster.save()

    comparison = client.get("/clusters/side-by-side/?c=old-name").context["comparison"]

    assert [cluster.name for cluster in comparison.clusters] == ["Renamed"]
    assert comparison.notices == []
