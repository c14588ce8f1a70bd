"""Faults that were found by trying the portal, each tested so that it stays fixed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogue.listing.filters import ClusterFilter
from catalogue.map.cluster_map import ClusterMap
from catalogue.models import Cluster
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PLACE = {"latitude": "48.1", "longitude": "11.6", "precision": "seat"}


@pytest.mark.parametrize("missing", [{"longitude": None}, {"latitude": None}, {"precision": ""}])
def test_half_a_place_is_refused_by_form_and_database(missing: dict[str, Any]) -> None:
    cluster = ClusterFactory(published=True, country=CountryFactory(code="DE"), **PLACE)

    with pytest.raises(IntegrityError), transaction.atomic():
        Cluster.objects.filter(pk=cluster.pk).update(**missing)
    for name, value in missing.items():
        setattr(cluster, name, value)
    with pytest.raises(ValidationError, match="all three or none"):
        cluster.full_clean()


def test_redirect_of_an_old_slug_is_not_cached(client: Client) -> None:
    cluster = ClusterFactory(published=True, slug="first")
    cluster.slug = "second"
    cluster.save()

    response = client.get("/clusters/first/")

    # Browsers would keep it for ever, and go round in a circle once the slug comes back.
    assert (response.status_code, response["Cache-Control"]) == (301, "no-cache")


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


def test_form_with_an_empty_slug_and_another_mistake_keeps_what_was_typed(client: Client) -> None:
    cluster = ClusterFactory(published=True)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    response = client.post(reverse("admin:catalogue_cluster_change", args=[cluster.pk]), {"slug": "", "name": "Typed"})

    assert response.status_code == 200
    assert "Typed" in response.content.decode()


def test_mark_in_the_canary_window_keeps_its_size_when_spain_is_large() -> None:
    spain = CountryFactory(code="ES", name="Spain")
    ClusterFactory(
        published=True, country=spain, latitude="28.1018", longitude="-15.4157", precision="seat", name="Islands"
    )

    whole = ClusterMap.of_filter(ClusterFilter({})).canary_markers
    large = ClusterMap.of_filter(ClusterFilter({"country": ["ES"]})).canary_markers

    assert [mark.radius for mark in whole] == [mark.radius for mark in large] != []


@pytest.mark.parametrize(
    "path", ["/", "/clusters/", "/clusters/export.csv", "/clusters/map/", "/networks/", "/robots.txt", "/sitemap.xml"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_pages_that_only_answer_say_so(path: str, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(path)

    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "HEAD"}


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


def test_messages_at_the_top_name_their_filter(client: Client) -> None:
    html = client.get("/clusters/?members_min=-5&sort=foo").content.decode()

    assert "<strong>Members from:</strong>" in html
    assert "<strong>Sort by:</strong>" in html


def test_confirmation_cannot_lie_in_the_future() -> None:
    cluster = ClusterFactory(published=True)
    cluster.confirmed_on = timezone.localdate() + timedelta(days=1)

    with pytest.raises(ValidationError, match="has not come yet"):
        cluster.full_clean()


def test_api_follows_an_archived_cluster_to_its_successor(client: Client) -> None:
    successor = ClusterFactory(published=True, slug="new-one")
    ClusterFactory(slug="merged", status="archived", successor=successor)

    response = client.get("/api/v1/clusters/merged/")

    assert (response.status_code, response["Location"]) == (301, "/api/v1/clusters/new-one/")


def test_title_follows_the_search(client: Client) -> None:
    response = client.get("/clusters/?q=lasers", headers={"HX-Request": "true", "HX-Target": "results"})

    assert "<title>“lasers” – Clusters" in response.content.decode()


def test_admin_refuses_null_characters(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    for path in ("cluster/?vertical=%00", "cluster/?country__code__exact=%00", "cluster/map/?country=%00"):
        assert client.get(f"/admin/catalogue/{path}").status_code == 400
