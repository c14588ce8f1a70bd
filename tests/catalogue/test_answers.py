"""Stored answers and conditional requests: never older than the catalogue, whoever changes it."""

from typing import Any

import pytest
from django.test import Client

from catalogue.answers import answers
from catalogue.models import Cluster, Country
from consortium.models import Project
from tests.catalogue.test_index import ROWS
from tests.factories.catalogue import ClusterFactory

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

PATHS = (
    "/clusters/", "/clusters/?view=table", "/clusters/map/", "/clusters/one/", "/clusters/suggest/?q=on", "/networks/",
    "/clusters/side-by-side/?c=one", "/api/v1/clusters/", "/api/v1/clusters/one/", "/api/v1/clusters/facets/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def stores(settings: Any) -> Any:
    settings.ANSWER_MEMORY_MB = 1
    answers.clear()
    yield
    answers.clear()


@pytest.fixture
def one() -> Cluster:
    return ClusterFactory(published=True, slug="one", name="One", country__code="AT", country__name="Austria")


@pytest.mark.parametrize("path", PATHS)
def test_second_answer_comes_from_memory_and_a_conditional_one_is_empty(
    one: Cluster, client: Client, django_assert_num_queries: Any, path: str
) -> None:
    first = client.get(path)
    with django_assert_num_queries(1):  # the version
        second = client.get(path)
    with django_assert_num_queries(1):
        third = client.get(path, headers={"if-none-match": first.headers["ETag"]})

    assert second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert (third.status_code, third.content) == (304, b"")


@pytest.mark.parametrize("path", PATHS)
def test_any_change_is_seen_at_once(one: Cluster, client: Client, path: str) -> None:
    before = client.get(path)

    Cluster.objects.filter(pk=one.pk).update(name="Renamed")
    after = client.get(path, headers={"if-none-match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    if path not in ("/networks/", "/api/v1/clusters/facets/", "/clusters/map/", "/clusters/suggest/?q=on"):
        assert b"Renamed" in after.content
        assert b"Renamed" not in before.content


@pytest.mark.parametrize("table", sorted(ROWS))
def test_change_of_each_watched_table_gives_another_answer(one: Cluster, client: Client, table: str) -> None:
    before = client.get("/clusters/")
    row = ROWS[table](one)
    row.delete() if row is not one else row.save()

    assert client.get("/clusters/", headers={"if-none-match": before.headers["ETag"]}).status_code == 200


def test_project_and_country_are_part_of_every_page(one: Cluster, client: Client) -> None:
    client.get("/clusters/one/")
    Project.objects.update_or_create(pk=Project.current().pk or 1, defaults={"name": "Another Name"})
    Country.objects.filter(code="AT").update(name="Republic")

    page = client.get("/clusters/one/").content.decode()

    assert "Another Name" in page
    assert "Republic" in page


def test_withdrawn_cluster_is_gone_at_once(one: Cluster, client: Client) -> None:
    tag = client.get("/clusters/one/").headers["ETag"]
    Cluster.objects.filter(pk=one.pk).update(status="archived")

    assert client.get("/clusters/one/", headers={"if-none-match": tag}).status_code == 404
    assert b"One" not in client.get("/clusters/?view=table").content.partition(b"<tbody>")[2]


def test_packed_and_plain_answers_and_fragments_are_kept_apart(one: Cluster, client: Client) -> None:
    plain = client.get("/clusters/")
    packed = client.get("/clusters/", headers={"accept-encoding": "gzip"})
    part = client.get("/clusters/", headers={"hx-request": "true", "hx-target": "results"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"<html" in plain.content
    assert b"<html" not in part.content
    assert len({plain.headers["ETag"], packed.headers["ETag"], part.headers["ETag"]}) == 3
    assert {"Accept-Encoding", "HX-Request", "HX-Target"} <= {name.strip() for name in plain.headers["Vary"].split(",")}


def test_memory_is_bounded_and_the_oldest_answers_make_way(one: Cluster, client: Client, settings: Any) -> None:
    for number in range(120):
        client.get(f"/clusters/?members_min={number}")

    assert answers._bytes <= 1_000_000
    assert 0 < len(answers._stored) < 120


def test_search_without_result_is_counted_every_time(one: Cluster, client: Client) -> None:
    from catalogue.models import UnansweredWord

    for _ in range(3):
        client.get("/clusters/?q=xqzvwq")

    assert UnansweredWord.objects.get().times == 3
