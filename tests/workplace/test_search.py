"""The search over everything: what each group finds, by which words and addresses, and what it costs."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from imports.models import SpreadsheetImport
from outbox.models import Message
from publicforms.log_masking import masked
from submissions.models import ClusterEditor
from submissions.services.retention import anonymise
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import ROLES, PartnerFactory, UserFactory, sign_in
from tests.factories.submissions import accept_all, draft, pending, update_of
from workplace.search import Found, Hit, SearchSource, search_sources

pytestmark = pytest.mark.django_db
URL = "/admin/search/"
ALL = {"Clusters", "Submissions", "People and addresses", "Imports", "Partners", "Staff", "Mails"}


def look(client: Client, text: str) -> Any:
    response = client.get(URL, {"q": text})
    assert response.status_code == 200
    return response


def found(client: Client, text: str) -> dict[str, list[str]]:
    """Return the titles of the hits by the label of their kind."""
    return {
        source.label: [hit.title for hit in result.hits] for source, result in look(client, text).context["results"]
    }


@pytest.fixture
def coordinator() -> Client:
    return sign_in("coordinator")


def everything() -> None:
    """Write a record of every kind that "photonics" finds."""
    ClusterFactory(name="Alpine Photonics")
    pending(name="Photonics North")
    PartnerFactory(short_name="PHOTONICS")
    UserFactory(username="photonics.fan")
    SpreadsheetImport.objects.create(file="x.csv", file_name="photonics.csv")


# --- who finds what ---


@pytest.mark.parametrize("role", ROLES)
def test_each_group_finds_what_it_may_see(role: str) -> None:
    everything()
    client = sign_in(role)

    response = client.get(URL, {"q": "photonics"})

    if role == "anonymous":
        assert response.status_code == 302
        return
    kinds = {source.label for source, _result in response.context["results"]}
    expected = {
        "member": set(), "superuser": ALL, "coordinator": ALL,
        "reviewer": ALL - {"Staff", "Mails"}, "evaluator": ALL - {"Staff", "Mails"},
    }.get(role, ALL - {"Staff"})  # fmt: skip
    assert kinds == expected
    assert {source.label for source in response.context["sources"]} == expected


@pytest.mark.parametrize(
    ("codename", "people"),
    [
        ("view_submission", ["ada@sender.example"]),
        ("view_clustereditor", ["ada@editor.example"]),
        ("view_cluster", None),
    ],
)
def test_people_are_found_where_the_user_may_see_them(codename: str, people: list[str] | None) -> None:
    pending(email="ada@sender.example")
    ClusterEditor.objects.create(cluster=ClusterFactory(), email="ada@editor.example")
    client = sign_in("member")
    User.objects.get(username="member").user_permissions.set(Permission.objects.filter(codename=codename))

    assert found(client, "ada@").get("People and addresses") == people


def test_nothing_to_see_says_what_to_do() -> None:
    assert "Ask a coordinator to put you into a group." in look(sign_in("member"), "photonics").content.decode()


# --- clusters ---


@pytest.mark.parametrize(
    "text",
    [
        "Lodz", "łódź", "Lodz Lasers", "KLL", "kll", "Old Lasers", "old-lasers", "lodz-lasers", "office@kll.example",
        "OFFICE@KLL.EXAMPLE", "somebody@kll.example", "kll.example", "www.kll.example", "https://www.kll.example/en",
        "https://www.kll.example/en/", "http://kll.example/elsewhere?x=1", "  Lodz \x00 ", "lasrs",
    ],
)  # fmt: skip
def test_a_cluster_is_found_by_all_its_names_and_addresses(coordinator: Client, text: str) -> None:
    cluster = ClusterFactory(
        name="Łódź Lasers", acronym="KLL", former_names="Old Lasers", slug="old-lasers",
        website="https://www.kll.example/en/", email="office@kll.example",
    )  # fmt: skip
    cluster.slug = "lodz-lasers"
    cluster.save()
    ClusterFactory(name="Another", website="https://notkll.example/", email="office@notkll.example")

    assert found(coordinator, text)["Clusters"] == ["Łódź Lasers"]


def test_a_cluster_is_found_by_its_public_id(coordinator: Client) -> None:
    cluster = ClusterFactory()
    ClusterFactory()

    assert found(coordinator, str(cluster.public_id)) == {"Clusters": [cluster.name]}


def test_a_free_mailbox_leads_to_no_website(coordinator: Client) -> None:
    free = "gmail" + ".com"  # no address of anybody
    ClusterFactory(website=f"https://www.{free}/", email=f"cluster@{free}")

    assert found(coordinator, f"stranger@{free}") == {}


def test_the_exact_cluster_comes_first(coordinator: Client) -> None:
    for number in range(9):
        ClusterFactory(name=f"Gaia Lasers {number}")
    ClusterFactory(name="Zeta", acronym="GAIA")

    hits = found(coordinator, "gaia")["Clusters"]

    assert hits[0] == "Zeta"
    assert len(hits) == 8


@pytest.mark.parametrize("text", ["lodz", "office@kll.example", "kll.example"])
def test_the_count_leads_to_a_list_of_the_same_clusters(coordinator: Client, text: str) -> None:
    for number in range(10):
        ClusterFactory(name=f"Łódź {number}", email="office@kll.example", website="https://kll.example")
    ClusterFactory(name="Another")

    (_source, result), *_others = look(coordinator, text).context["results"]

    assert result.count == 10
    assert coordinator.get(result.list_url).context["cl"].result_count == 10


# --- the other kinds ---


def test_a_submission_is_found_by_name_and_reference(coordinator: Client) -> None:
    row = pending(name="Nordic Lasers")
    pending(name="Other", email="other@else.example")

    for text in ("nordic", str(row.public_id), str(row.public_id)[:8]):
        response = look(coordinator, text)
        (_source, result) = next(pair for pair in response.context["results"] if pair[0].label == "Submissions")
        assert [hit.title for hit in result.hits] == ["New cluster: Nordic Lasers"]
        assert "Nordic Lasers" in coordinator.get(result.list_url).content.decode()


def test_people_are_grouped_by_their_address(coordinator: Client) -> None:
    cluster = ClusterFactory(published=True, name="Alpine Lasers")
    pending()
    update_of(cluster, summary="Text.")
    ClusterEditor.objects.create(cluster=cluster, email="ada@photonics.example", name="Ada E.")

    for text in ("ada@photonics.example", "Ada Example", "photonics.example"):
        (_source, result) = next(
            pair for pair in look(coordinator, text).context["results"] if pair[0].name == "people"
        )
        assert result.count == 1
        (hit,) = result.hits
        assert hit.title == "ada@photonics.example"
        assert "2 submissions · editor of Alpine Lasers" in hit.remark
        assert "Ada Example" in hit.remark
        assert "Alpine Lasers" in coordinator.get(hit.url).content.decode()


def test_an_editor_who_sent_nothing_leads_to_the_editor(coordinator: Client) -> None:
    row = ClusterEditor.objects.create(cluster=ClusterFactory(), email="eve@photonics.example")

    page = look(coordinator, "eve@photonics.example").content.decode()

    assert reverse("admin:submissions_clustereditor_change", args=[row.pk]) in page


def test_the_address_itself_comes_before_those_that_contain_it(coordinator: Client) -> None:
    cluster = ClusterFactory()
    for number in range(9):
        ClusterEditor.objects.create(cluster=cluster, email=f"a{number}.z@lasers.example")
    ClusterEditor.objects.create(cluster=cluster, email="z@lasers.example")

    hits = found(coordinator, "z@lasers.example")["People and addresses"]

    assert hits[0] == "z@lasers.example"
    assert len(hits) == 8


def test_drafts_and_anonymised_people_are_not_found(coordinator: Client) -> None:
    draft(email="dora@draft.example")
    cluster = ClusterFactory(published=True)
    accept_all(update_of(cluster, summary="New text.", email="gone@photonics.example"))
    ClusterEditor.objects.all().delete()
    assert "People and addresses" in found(coordinator, "gone@photonics.example")

    Message.objects.update(status="accepted", outcome_at=timezone.now(), secrets=None)
    anonymise(now=timezone.now() + timedelta(days=9999))

    assert found(coordinator, "gone@photonics.example") == {}
    assert "People and addresses" not in found(coordinator, "dora@draft.example")


def test_mails_are_found_without_what_is_secret(coordinator: Client) -> None:
    row = pending()
    message = Message.objects.filter(recipient="ada@photonics.example").latest("id")
    Message.objects.update(secrets={"link": "https://portal.example/s3cr3t/"}, status="queued", outcome_at=None)

    for text in ("ada@photonics.example", message.subject, message.message_id):
        assert str(message) in found(coordinator, text)["Mails"]
    assert "Mails" not in found(coordinator, "s3cr3t")
    assert "s3cr3t" not in look(coordinator, "ada@photonics.example").content.decode()
    assert row.pk


def test_partners_users_and_imports_are_found(coordinator: Client) -> None:
    everything()
    UserFactory(username="anna", first_name="Anna", last_name="Sample", email="anna@partner.example")

    hits = found(coordinator, "photonics")
    assert (hits["Partners"], hits["Imports"]) == (["PHOTONICS"], ["photonics.csv"])
    assert found(coordinator, "Anna Sample") == {"Staff": ["anna"]}
    assert "anna" in found(coordinator, "anna@partner.example")["Staff"]


# --- what is typed ---


@pytest.mark.parametrize(
    "text", ["100%", "phot_nics", "%%", "__", "\\\\", "'\"", "<script>", "q@", "//", "http://[", "@.", "…"]
)
def test_signs_stand_for_themselves(coordinator: Client, text: str) -> None:
    everything()

    assert found(coordinator, text) == {}


@pytest.mark.parametrize("text", ["", "a", " ", "\x00"])
def test_too_short_a_text_shows_what_can_be_found(coordinator: Client, text: str) -> None:
    page = coordinator.get(URL, {"q": text.replace("\x00", "")} if text else {}).content.decode()

    assert "What can be found" in page
    assert "public id" in page
    assert ("Type at least 2 characters." in page) is (text == "a")


def test_too_long_a_text_is_refused(coordinator: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = look(coordinator, "photonics " * 500).content.decode()

    assert "at most 200 characters" in page
    assert not any("sort_name" in query["sql"] for query in queries)


def test_nothing_found_says_so(coordinator: Client) -> None:
    page = look(coordinator, "qqqzzz").content.decode()

    assert "Nothing found for “qqqzzz”" in page
    assert "What can be found" in page


def test_thirty_of_each_cost_as_many_queries_as_one(coordinator: Client) -> None:
    costs = []
    for start, stop in ((0, 1), (1, 30)):
        for number in range(start, stop):
            cluster = ClusterFactory(published=True, name=f"Photonics Cluster {number}")
            pending(name=f"Photonics {number}", email=f"p{number}@photonics.example")
            ClusterEditor.objects.create(cluster=cluster, email=f"p{number}@photonics.example")
            partner = PartnerFactory(short_name=f"Photonics {number}")
            partner.users.add(UserFactory(username=f"photonics{number}"))
            SpreadsheetImport.objects.create(file="x.csv", file_name=f"photonics{number}.csv")
        look(coordinator, "photonics")
        with CaptureQueriesContext(connection) as queries:
            response = look(coordinator, "photonics")
        costs.append(len(queries))

    assert {source.label for source, _result in response.context["results"]} == ALL
    assert costs[0] == costs[1]
    assert all(len(result.hits) == 8 for _source, result in response.context["results"])


# --- the page and its neighbours ---


@pytest.fixture
def own_source() -> Iterator[None]:
    """Find what a test app holds."""
    search_sources.register(
        SearchSource(
            "test", "Test records", lambda _request, text, limit: Found([Hit("/x/", f"Test {text} {limit}")], 1),
            lambda request: request.user.is_superuser, "anything", 1,
        )
    )  # fmt: skip
    yield
    search_sources.unregister("test")


def test_another_app_can_be_searched(own_source: None) -> None:
    assert found(sign_in("superuser"), "lasers") == {"Test records": ["Test lasers 8"]}
    assert found(sign_in("coordinator"), "lasers") == {}


@pytest.mark.parametrize(
    "name", ["index", "catalogue_cluster_changelist", "submissions_submission_changelist", "search"]
)
def test_every_staff_page_has_the_box(coordinator: Client, name: str) -> None:
    page = coordinator.get(reverse(f"admin:{name}")).content.decode()

    assert 'role="search" action="/admin/search/"' in page
    assert 'id="staff-search" name="q"' in page


def test_the_sign_in_page_has_no_box() -> None:
    assert "staff-search" not in Client().get(reverse("admin:login")).content.decode()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("GET /admin/search/?q=ada%40photonics.example HTTP/1.1", "GET /admin/search/?q=*** HTTP/1.1"),
        ("at /admin/search/?x=1&q=ada+lasers&y=2", "at /admin/search/?x=1&q=***&y=2"),
        ('"path": "/admin/search/?q=ada@photonics.example"', '"path": "/admin/search/?q=***"'),
        ("/admin/catalogue/cluster/?q=gaia", "/admin/catalogue/cluster/?q=gaia"),
        ("/admin/search/ 200", "/admin/search/ 200"),
    ],
)
def test_the_log_does_not_hold_what_staff_searched_for(line: str, shown: str) -> None:
    assert masked(line) == shown


def test_a_search_that_breaks_logs_no_text(
    own_source: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(request: Any, text: str) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("portal.admin_site.search", broken)
    client = sign_in("superuser")
    client.raise_request_exception = False

    with caplog.at_level(logging.DEBUG, logger="django.request"):
        response = client.get(URL, {"q": "ada@photonics.example"})

    assert response.status_code == 500
    assert "ada@" not in caplog.text


def test_clusters_stay_findable_by_words_with_a_dot(coordinator: Client) -> None:
    ClusterFactory(name="TICE.PT")

    assert found(coordinator, "tice.pt")["Clusters"] == ["TICE.PT"]
    assert Cluster.objects.count() == 1
