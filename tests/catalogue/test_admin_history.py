"""The history of a record: who changed what, from what to what; to be read, not to be brought back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.models import Cluster
from tests.catalogue.test_admin_cluster import _change, _form
from tests.factories.catalogue import ClusterFactory, CountryFactory, TermFactory
from tests.factories.consortium import ROLES, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return sign_in("catalogue editor")


def _history(cluster: Cluster) -> str:
    return reverse("admin:catalogue_cluster_history", args=[cluster.pk])


def _version(cluster: Cluster, place: int = 0) -> str:
    return reverse("admin:catalogue_cluster_simple_history", args=[cluster.pk, cluster.history.all()[place].pk])


def _changes(client: Client, cluster: Cluster) -> dict[str, Any]:
    newest = client.get(_history(cluster)).context["page_obj"].object_list[0]
    return {change.label: change.pieces for change in newest.changes}


def test_one_save_is_one_version_with_fields_and_terms(editor: Client) -> None:
    health, energy = TermFactory(name="Health"), TermFactory(name="Energy")
    cluster = ClusterFactory(name="Alpha", terms=[health], country=CountryFactory(name="Spain", code="ES"))
    portugal = CountryFactory(name="Portugal", code="PT")
    versions = cluster.history.count()

    editor.post(_change(cluster), _form(cluster, name="Beta", terms=[energy.pk], country=portugal.pk))

    assert cluster.history.count() == versions + 1
    assert _changes(editor, cluster) == {
        "Name": (("gone", "Alpha"), ("new", "Beta")),
        "Country": (("gone", "Spain"), ("new", "Portugal")),
        "Terms": (("gone", "Health"), ("new", "Energy")),
    }
    page = editor.get(_history(cluster)).content.decode()
    assert '<del><span class="visually-hidden">before: </span>Health</del>' in page
    assert '<ins><span class="visually-hidden">after: </span>Energy</ins>' in page
    assert "by catalogue editor" in page


def test_saving_without_a_change_writes_no_version(editor: Client) -> None:
    cluster = ClusterFactory(terms=[TermFactory()])
    versions = cluster.history.count()

    editor.post(_change(cluster), _form(cluster))

    assert cluster.history.count() == versions


def test_status_is_in_the_history_though_no_form_shows_it(editor: Client) -> None:
    cluster = ClusterFactory(summary="Text.")

    editor.post(reverse("admin:catalogue_cluster_decide", args=["publish"]), {"ids": cluster.pk})

    assert _changes(editor, cluster)["Status"] == (("gone", "Identified"), ("new", "Published"))


def test_showcase_and_social_links_are_named_in_the_reason(editor: Client) -> None:
    cluster = ClusterFactory()
    item = {"showcase_items-TOTAL_FORMS": "1", "showcase_items-0-kind": "event", "showcase_items-0-title": "Fair"}

    editor.post(_change(cluster), _form(cluster, **item))

    assert cluster.history.first().history_change_reason == "Showcase item “Fair” added"


def test_text_of_others_is_escaped(editor: Client) -> None:
    cluster = ClusterFactory()

    editor.post(_change(cluster), _form(cluster, name="<script>alert(1)</script>"))
    pages = [editor.get(address).content.decode() for address in (_history(cluster), _version(cluster))]

    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_version_shows_the_values_of_its_time(editor: Client) -> None:
    cluster = ClusterFactory(name="Alpha", terms=[TermFactory(name="Health")])
    editor.post(_change(cluster), _form(cluster, name="Beta"))

    old, new = (editor.get(_version(cluster, place)).context["values"] for place in (1, 0))

    assert {field.label: field.value for field in old}["Name"] == "Alpha"
    assert {field.label: field.value for field in new}["Name"] == "Beta"
    assert {field.label: field.value for field in new}["Terms"] == "Health"


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("anonymous", "member")])
def test_nobody_brings_a_version_back_by_a_forged_post(role: str) -> None:
    cluster = ClusterFactory(published=True, name="Alpha")
    address = _version(cluster)
    Cluster.objects.filter(pk=cluster.pk).update(status="archived", name="Beta")

    response = sign_in(role).post(address, _form(cluster))

    cluster.refresh_from_db()
    assert response.status_code == 405
    assert (cluster.status, cluster.name) == ("archived", "Beta")


def test_last_version_of_a_page_is_compared_with_the_first_of_the_next(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalogue.admin.cluster import ClusterAdmin

    monkeypatch.setattr(ClusterAdmin, "history_list_per_page", 1)
    cluster = ClusterFactory(name="Alpha")
    cluster.name = "Beta"
    cluster.save()

    pages = [editor.get(_history(cluster), {"p": page}).context["page_obj"].object_list for page in (1, 2)]

    assert [change.label for change in pages[0][0].changes] == ["Name"]
    assert not hasattr(pages[1][0], "changes")


@pytest.mark.parametrize("count", [1, 6])
def test_queries_do_not_grow_with_the_versions(count: int, editor: Client, django_assert_num_queries: Any) -> None:
    cluster = ClusterFactory()
    for number in range(count):
        cluster.country, cluster.name = CountryFactory(), f"Name {number}"
        cluster.save()
        cluster.terms.add(TermFactory())
    editor.get(_history(cluster))

    with django_assert_num_queries(13):
        editor.get(_history(cluster))


@pytest.mark.parametrize("path", ["x/history/", "999999/history/", "x/history/1/", "1/history/x/", "1/history/999999/"])
def test_addresses_that_lead_nowhere_are_not_found(path: str, editor: Client) -> None:
    response = editor.get(f"{reverse('admin:catalogue_cluster_changelist')}{path}")

    assert response.status_code == 404
