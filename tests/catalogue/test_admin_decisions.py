"""Publish, archive and priority: asked first, then all or nothing, and only for those who may."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from catalogue.models import Cluster
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import ROLES, sign_in

pytestmark = pytest.mark.django_db

LIST = "admin:catalogue_cluster_changelist"
MAY_DECIDE = {"catalogue editor", "coordinator", "superuser"}
#: Reviewers decide what is public, not what has priority.
MAY_PUBLISH = MAY_DECIDE | {"reviewer"}
KEYS = ["publish", "archive", "make-priority", "remove-priority"]


@pytest.fixture
def editor() -> Client:
    return sign_in("catalogue editor")


def _decide(key: str) -> str:
    return reverse("admin:catalogue_cluster_decide", args=[key])


def _ids(*clusters: Cluster) -> str:
    return ",".join(str(cluster.pk) for cluster in clusters)


def _state() -> list[Any]:
    return list(Cluster.objects.order_by("pk").values_list("status", "published_at", "is_priority", "priority_reason"))


def _act(client: Client, action: str, *clusters: Cluster, query: str = "") -> Any:
    data = {"action": action, "_selected_action": [cluster.pk for cluster in clusters]}
    return client.post(reverse(LIST) + query, data)


def test_action_asks_and_changes_nothing(editor: Client) -> None:
    clusters = [ClusterFactory(name="Alpha", summary="Text."), ClusterFactory(name="Beta", summary="Text.")]
    before = _state()

    page = _act(editor, "publish", *clusters).content.decode()

    assert "<h1>Publish 2 clusters</h1>" in page
    assert "Alpha" in page
    assert "Beta" in page
    assert 'value="Publish 2 clusters"' in page
    assert "csrfmiddlewaretoken" in page
    assert _state() == before


def test_publishing_takes_effect_after_the_button_and_goes_back_to_the_filtered_list(editor: Client) -> None:
    clusters = ClusterFactory.create_batch(2, summary="Text.")

    asked = _act(editor, "publish", *clusters, query="?status=identified")
    ask = asked.context["ask"]
    response = editor.post(ask.action_url, {"ids": ask.ids, "back": ask.back.place, "query": ask.back.query})

    assert response.headers["Location"] == f"{reverse(LIST)}?status=identified"
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["2 clusters are published now."]
    assert set(Cluster.objects.values_list("status", flat=True)) == {"published"}
    newest = clusters[0].history.first()
    assert (newest.history_user.username, newest.history_change_reason) == ("catalogue editor", "Published")


def test_refused_without_summary_with_the_reason_and_the_others_offered(editor: Client) -> None:
    ready, empty = ClusterFactory(name="Ready", summary="Text."), ClusterFactory(name="Empty")

    response = _act(editor, "publish", ready, empty)

    page = response.content.decode()
    assert [(line.pk, line.remark) for line in response.context["ask"].refused] == [(empty.pk, "lacks a summary")]
    assert "lacks a summary" in page
    assert response.context["ask"].ids == str(ready.pk)
    assert 'value="Publish 1 cluster"' in page


def test_forged_post_with_one_that_lacks_a_summary_does_nothing_at_all(editor: Client) -> None:
    ready, empty = ClusterFactory(name="Ready", summary="Text."), ClusterFactory(name="Empty", summary="  ")
    before, versions = _state(), Cluster.history.count()

    response = editor.post(_decide("publish"), {"ids": _ids(ready, empty)})

    assert "Not published: Empty lacks a summary. Add it and try again." in response.content.decode()
    assert _state() == before
    assert Cluster.history.count() == versions


def test_only_clusters_without_summary_leave_no_button(editor: Client) -> None:
    page = _act(editor, "publish", ClusterFactory()).content.decode()

    assert 'type="submit" class="default' not in page


def test_archiving_and_publishing_again(editor: Client) -> None:
    cluster = ClusterFactory(published=True)
    first_published = cluster.published_at

    archived = editor.post(_decide("archive"), {"ids": _ids(cluster)})
    cluster.refresh_from_db()
    assert cluster.status == "archived"
    assert archived.headers["Location"] == reverse("admin:catalogue_cluster_change", args=[cluster.pk])

    editor.post(_decide("publish"), {"ids": _ids(cluster)})
    cluster.refresh_from_db()
    assert (cluster.status, cluster.published_at) == ("published", first_published)
    reasons = list(cluster.history.values_list("history_change_reason", flat=True))
    assert reasons[:2] == ["Published", "Archived"]


def test_what_is_so_already_is_left_alone(editor: Client) -> None:
    cluster = ClusterFactory(published=True)

    response = editor.post(_decide("publish"), {"ids": _ids(cluster)})

    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Nothing changed: that was so already."
    ]
    assert cluster.history.count() == 1


def test_priority_needs_a_reason(editor: Client) -> None:
    cluster = ClusterFactory()

    response = editor.post(_decide("make-priority"), {"ids": _ids(cluster), "reason": "  ", "back": "priority"})

    assert "A decision needs its reason" in response.content.decode()
    cluster.refresh_from_db()
    assert not cluster.is_priority


def test_priority_is_given_with_its_reason_in_the_history(editor: Client) -> None:
    cluster = ClusterFactory(name="Alpha")

    response = editor.post(
        _decide("make-priority"), {"ids": _ids(cluster), "reason": "Close to us.", "back": "priority"}
    )

    assert response.headers["Location"] == reverse("admin:catalogue_cluster_priority")
    cluster.refresh_from_db()
    assert (cluster.is_priority, cluster.priority_reason) == (True, "Close to us.")
    page = editor.get(reverse("admin:catalogue_cluster_history", args=[cluster.pk])).content.decode()
    assert "Priority given" in page
    assert "Close to us." in page


def test_priority_view_offers_its_actions(editor: Client) -> None:
    cluster = ClusterFactory(is_priority=True)
    address = reverse("admin:catalogue_cluster_priority")

    response = editor.post(f"{address}?rules=disagree", {"action": "remove_priority", "_selected_action": [cluster.pk]})

    assert response.context["ask"].button == "Remove priority from 1 cluster"
    assert response.context["ask"].back.url == f"{address}?rules=disagree"
    cluster.refresh_from_db()
    assert cluster.is_priority


@pytest.mark.parametrize("ids", ["", "x", "1;2", "999999", "-1", "٣", "9" * 40])
def test_nonsense_keys_are_not_found(ids: str, editor: Client) -> None:
    assert editor.get(_decide("publish"), {"ids": ids}).status_code == 404
    assert editor.post(_decide("publish"), {"ids": ids}).status_code == 404


def test_unknown_decision_is_not_found(editor: Client) -> None:
    assert editor.get(_decide("delete"), {"ids": _ids(ClusterFactory())}).status_code == 404


def test_way_back_leads_only_into_the_admin(editor: Client) -> None:
    cluster = ClusterFactory(summary="Text.")

    response = editor.post(
        _decide("publish"), {"ids": _ids(cluster), "back": "//evil.example", "query": "//evil.example"}
    )

    assert response.headers["Location"] == reverse("admin:catalogue_cluster_change", args=[cluster.pk])


@pytest.mark.parametrize("key", KEYS)
def test_post_without_its_token_is_refused(key: str) -> None:
    cluster = ClusterFactory(summary="Text.")
    signed_in = sign_in("superuser")
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    before = _state()

    response = client.post(_decide(key), {"ids": _ids(cluster), "reason": "Because."})

    assert response.status_code == 403
    assert _state() == before


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_decide(role: str, key: str) -> None:
    cluster = ClusterFactory(summary="Text.", is_priority=key == "remove-priority")
    client, before = sign_in(role), _state()
    allowed = MAY_PUBLISH if key in ("publish", "archive") else MAY_DECIDE

    asked = client.get(_decide(key), {"ids": _ids(cluster)})
    done = client.post(_decide(key), {"ids": _ids(cluster), "reason": "Because."})

    if role == "anonymous":
        expected = (302, 302)
        assert done.headers["Location"].startswith(reverse("admin:login"))
    else:
        expected = (200, 302) if role in allowed else (403, 403)
    assert (asked.status_code, done.status_code) == expected
    assert (_state() != before) == (role in allowed)


@pytest.mark.parametrize("action", ["publish", "archive", "make_priority", "remove_priority"])
@pytest.mark.parametrize("role", ["read-only", "evaluator", "engagement officer"])
def test_actions_are_not_offered_to_readers(role: str, action: str) -> None:
    client, cluster = sign_in(role), ClusterFactory(summary="Text.")

    page = client.get(reverse(LIST)).content.decode()
    posted = _act(client, action, cluster)

    assert f'value="{action}"' not in page
    assert "decide" not in posted.content.decode()


def test_publishing_needs_its_own_permission() -> None:
    from django.contrib.auth.models import Permission

    from tests.factories.consortium import UserFactory

    person = UserFactory()
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_cluster", "change_cluster"]))
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    cluster = ClusterFactory(summary="Text.")

    buttons = client.get(reverse("admin:catalogue_cluster_change", args=[cluster.pk])).context["decisions"]

    assert [label for _url, label in buttons] == ["Make priority …"]
    assert client.post(_decide("publish"), {"ids": _ids(cluster)}).status_code == 403


@pytest.mark.parametrize(
    ("status", "is_priority", "labels"),
    [
        ("identified", False, ["Publish …", "Archive …", "Make priority …", "Merge …"]),
        ("published", True, ["Archive …", "Remove priority …", "Still right? …", "Merge …"]),
        ("archived", False, ["Publish …", "Make priority …"]),
    ],
)
def test_buttons_of_a_clusters_form(status: str, is_priority: bool, labels: list[str], editor: Client) -> None:
    cluster = ClusterFactory(published=True, is_priority=is_priority)
    Cluster.objects.filter(pk=cluster.pk).update(status=status)

    context = editor.get(reverse("admin:catalogue_cluster_change", args=[cluster.pk])).context
    buttons = [*context["decisions"], *context["extension_buttons"]]

    assert [label for _url, label in buttons] == labels
    assert all(editor.get(url).status_code == 200 for url, _label in buttons)
