"""Staff's map of priority clusters."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.admin.map import StaffMap
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.consortium import UserFactory

pytestmark = pytest.mark.django_db
PLACE = {"latitude": "48.1", "longitude": "11.6", "precision": "seat"}


@pytest.fixture
def staff(client: Client) -> Client:
    """Return a client signed in as a superuser."""
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_map_shows_every_priority_cluster_but_archived_ones(staff: Client) -> None:
    germany = CountryFactory(code="DE", name="Germany")
    spain = CountryFactory(code="ES", name="Spain")
    ClusterFactory(name="Hidden Loyal", slug="hidden", country=germany, is_priority=True, loyal_position=1, **PLACE)
    ClusterFactory(
        name="Shown Active", published=True, country=spain, is_priority=True, is_collaborator=True,
        latitude="40.4", longitude="-3.7", precision="seat",
    )  # fmt: skip
    ClusterFactory(name="No Priority", country=germany, **PLACE)
    ClusterFactory(name="Gone", status="archived", is_priority=True, country=germany, **PLACE)

    response = staff.get(reverse("admin:catalogue_cluster_map"))

    drawn: StaffMap = response.context["map"]
    assert {mark.label: mark.highlight for mark in drawn.markers} == {
        "Hidden Loyal (priority)": "loyal",
        "Shown Active (priority)": "potential",
    }
    assert drawn.total == 2
    html = response.content.decode()
    assert "ring-loyal" in html
    assert "ring-potential" in html
    assert "potential: an active collaborator" in html


def test_numbers_link_to_the_lists_behind_them(staff: Client) -> None:
    germany = CountryFactory(code="DE", name="Germany")
    ClusterFactory.create_batch(2, country=germany, is_priority=True, **PLACE)
    ClusterFactory(country=germany, is_priority=True, status="archived")
    ClusterFactory(country=germany)

    drawn: StaffMap = staff.get(reverse("admin:catalogue_cluster_map")).context["map"]

    (total, _regions) = drawn.country_rows[0]
    assert total.count == staff.get(total.url).context["cl"].result_count == 2


def test_mark_leads_to_the_cluster_in_the_workplace(staff: Client) -> None:
    cluster = ClusterFactory(slug="marked", is_priority=True, country=CountryFactory(code="DE"), **PLACE)

    html = staff.get(reverse("admin:catalogue_cluster_map")).content.decode()
    url = re.search(r'<a href="([^"]+)" class="mark"', html)
    assert url
    assert staff.get(url[1])["Location"] == reverse("admin:catalogue_cluster_change", args=[cluster.pk])


def test_map_zooms_to_a_country_and_survives_a_wrong_one(staff: Client) -> None:
    ClusterFactory(is_priority=True, country=CountryFactory(code="DE"), **PLACE)

    assert staff.get(reverse("admin:catalogue_cluster_map"), {"country": "DE"}).context["map"].zoom > 3
    wrong = staff.get(reverse("admin:catalogue_cluster_map"), {"country": "nowhere"})
    assert (wrong.status_code, wrong.context["map"].total) == (200, 0)


def test_public_map_marks_nobody_as_loyal(client: Client) -> None:
    ClusterFactory(published=True, is_priority=True, loyal_position=1, country=CountryFactory(code="DE"), **PLACE)

    html = client.get("/clusters/map/").content.decode()

    assert "ring-" not in html
    assert "loyal" not in html


def test_only_staff_with_the_permission_sees_it(client: Client) -> None:
    url = reverse("admin:catalogue_cluster_map")
    assert client.get(url).status_code == 302

    client.force_login(UserFactory(is_staff=True))
    assert client.get(url).status_code == 403
