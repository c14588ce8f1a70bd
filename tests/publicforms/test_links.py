"""Signed links of any app: registered, sent, opened, spent, renewed; masked in every log line."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from publicforms import links, purposes
from publicforms.exceptions import LinkNotUsable, RequestRefused
from publicforms.link_pages import Button, LinkPage, ShowPageAgain
from publicforms.log_masking import masked
from publicforms.models import LinkToken
from publicforms.purposes import Purpose, UnknownPurpose
from submissions.models import Submission
from tests.factories.consortium import UserFactory
from tests.factories.submissions import sent
from tests.submissions.visitor import words_of

pytestmark = pytest.mark.django_db
ADA = "ada@photonics.example"
Register = Callable[..., Purpose]


def _page(request: HttpRequest, link: LinkToken) -> LinkPage:
    return LinkPage(title="Do you come?", lead=f"You are invited, {link.subject}.", buttons=(Button("I come", "yes"),))


def _act(request: HttpRequest, link: LinkToken) -> HttpResponse:
    if request.POST.get("answer") == "later":
        raise ShowPageAgain(_page(request, link))
    if request.POST.get("answer") == "full":
        User.objects.filter(pk=link.object_id).update(first_name="refused")
        raise RequestRefused("The last seat is taken.")
    User.objects.filter(pk=link.object_id).update(first_name="comes")
    return HttpResponseRedirect("/")


def _ask_again(request: HttpRequest, old: LinkToken) -> HttpResponse:
    links.issue(old.purpose, subject=old.subject, email=old.email)
    return HttpResponse("A new one is on its way.")


def _lock(key: int) -> User | None:
    return User.objects.select_for_update().filter(pk=key).first()


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Return a function that registers the purpose of an app of this test, for this test."""
    monkeypatch.setattr(purposes, "_purposes", dict(purposes._purposes))

    def registered(**options: Any) -> Purpose:
        purpose = Purpose(**{
            "name": "invitation", "label": "answer an invitation", "lasts": timedelta(days=3), "is_single_use": True,
            "subjects": User.objects.all, "lock": _lock, "page": _page, "act": _act, "renew": _ask_again, **options,
        })  # fmt: skip
        purposes.register(purpose)
        return purpose

    return registered


def invited() -> tuple[User, LinkToken]:
    user = UserFactory(first_name="")
    return user, links.issue("invitation", subject=user, email="Ada@Photonics.example")


def test_link_of_a_registered_purpose_shows_its_page_acts_once_and_is_spent(client: Client, register: Register) -> None:
    register()
    user, link = invited()
    path = links.path_of(link)

    for _scanner in range(2):
        response = client.get(path)
        page = words_of(response.content.decode())
        assert (response.status_code, response["Referrer-Policy"]) == (200, "strict-origin")
        assert all(text in page for text in ("Do you come?", f"You are invited, {user}.", "I come", "and once"))
    link.refresh_from_db()
    assert (link.used_at, link.email) == (None, ADA)

    assert client.post(path, {"answer": "yes"})["Location"] == "/"

    user.refresh_from_db()
    link.refresh_from_db()
    assert user.first_name == "comes"
    assert link.used_at is not None
    for again in (client.get(path), client.post(path, {"answer": "yes"})):
        assert again.status_code == 410
        assert "This link was used already" in again.content.decode()


@pytest.mark.parametrize(("answer", "status", "text"), [("full", 409, "The last seat"), ("later", 422, "I come")])
def test_act_that_does_not_happen_spends_nothing_and_changes_nothing(
    client: Client, register: Register, answer: str, status: int, text: str
) -> None:
    register()
    user, link = invited()

    response = client.post(links.path_of(link), {"answer": answer})

    user.refresh_from_db()
    link.refresh_from_db()
    assert (response.status_code, text in response.content.decode()) == (status, True)
    assert (user.first_name, link.used_at) == ("", None)


def test_expired_link_offers_a_new_one_to_the_same_address(client: Client, register: Register) -> None:
    register()
    _user, link = invited()
    LinkToken.objects.update(expires_at=timezone.now())

    for old in (client.get(links.path_of(link)), client.post(links.path_of(link), {"answer": "yes"})):
        page = old.content.decode()
        assert (old.status_code, "This link is too old" in page, "Send me a new link" in page) == (410, True, True)
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    answer = client.post("/submit/link/", {"token": token[1]})

    assert answer.content.decode() == "A new one is on its way."
    new = LinkToken.objects.get(expires_at__gt=timezone.now())
    assert (new.email, new.object_id) == (ADA, link.object_id)
    assert client.get(links.path_of(new)).status_code == 200


def test_expired_link_of_a_purpose_without_renewal_offers_none(client: Client, register: Register) -> None:
    register(renew=None)
    _user, link = invited()
    LinkToken.objects.update(expires_at=timezone.now())

    assert "Send me a new link" not in client.get(links.path_of(link)).content.decode()
    assert client.post("/submit/link/", {"token": links.token_of(link)}).status_code == 404
    assert LinkToken.objects.count() == 1


def test_link_for_many_uses_acts_until_it_expires(client: Client, register: Register) -> None:
    register(is_single_use=False)
    user, link = invited()
    path = links.path_of(link)

    assert "and once" not in words_of(client.get(path).content.decode())
    for _ in range(2):
        User.objects.update(first_name="")
        assert client.post(path, {"answer": "yes"}).status_code == 302
        user.refresh_from_db()
        assert user.first_name == "comes"
    LinkToken.objects.update(expires_at=timezone.now())
    assert client.post(path, {"answer": "yes"}).status_code == 410
    with pytest.raises(LinkNotUsable, match="too old"):
        links.spend(link)


def test_page_about_another_subject_than_the_link_today_is_shown_once_more(client: Client, register: Register) -> None:
    register(mark=lambda user: user.username)
    user, link = invited()
    other = UserFactory(first_name="")
    shown = re.search(r'name="about" value="([^"]+)"', client.get(links.path_of(link)).content.decode())
    assert shown is not None
    LinkToken.objects.update(object_id=other.pk)

    response = client.post(links.path_of(link), {"answer": "yes", "about": shown[1]})

    assert shown[1] == user.username
    assert response.status_code == 422
    assert f"What you looked at is part of {other} now." in words_of(response.content.decode())
    assert not User.objects.filter(first_name="comes").exists()
    assert client.post(links.path_of(link), {"answer": "yes", "about": other.username}).status_code == 302


def test_link_that_moved_since_it_was_read_locks_and_acts_on_its_new_subject(register: Register) -> None:
    locked: list[int] = []

    def lock(key: int) -> User | None:
        locked.append(key)
        return _lock(key)

    register(lock=lock)
    user, link = invited()
    other = UserFactory()
    LinkToken.objects.update(object_id=other.pk)

    assert links.use(link, lambda link: link.subject) == other
    assert locked == [user.pk, other.pk]


def test_unknown_purposes_and_subjects_of_another_model_are_refused(client: Client, register: Register) -> None:
    user = UserFactory()
    with pytest.raises(UnknownPurpose):
        links.issue("invitation", subject=user)
    register()
    with pytest.raises(TypeError, match="User"):
        links.issue("invitation", subject=sent())
    assert not LinkToken.objects.filter(purpose="invitation").exists()


def test_link_of_an_app_that_is_not_installed_any_more_leads_nowhere(client: Client, register: Register) -> None:
    register()
    _user, link = invited()
    path = links.path_of(link)
    del purposes._purposes["invitation"]

    assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)
    assert str(link) == "link to invitation"


def test_purpose_is_registered_once_and_complete(register: Register) -> None:
    register()
    with pytest.raises(ValueError, match="two purposes of links named invitation"):
        register(label="another")
    with pytest.raises(ValueError, match="both a page and an act"):
        register(name="half", act=None)
    with pytest.raises(ValueError, match="at most 30"):
        register(name="x" * 31)
    assert purposes.get("invitation").label == "answer an invitation"


def test_links_end_with_their_subject(client: Client) -> None:
    row = sent()
    path = links.path_of(row.links.get(purpose="confirm"))
    other = sent(name="Other", email="ben@photonics.example")
    row.events.all().delete()
    row.delete()

    assert client.get(path).status_code == 404
    assert {link.subject for link in LinkToken.objects.all()} == {other}
    assert Submission.objects.get() == other


# --- Masking -----------------------------------------------------------------------------------------


def test_token_of_a_registered_path_is_masked(register: Register) -> None:
    line = "GET /events/answer/abc.def-_1/ 200"
    assert masked(line) == line

    register(paths=("events/answer",))

    assert masked(line) == "GET /events/answer/***/ 200"
    assert masked("/events//answer%2Fabc.def/?x=/submit/link/abc/") == "/events//answer%2F***/?x=/submit/link/***/"


def token_routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield the beginning of every address of the portal that holds a token."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from token_routes(entry, route)
        elif isinstance(entry, URLPattern) and "<str:token>" in route:
            yield route.partition("<str:token>")[0]


def test_every_address_with_a_token_is_masked() -> None:
    routes = set(token_routes(get_resolver()))

    assert {"submit/link/", "submit/status/"} <= routes
    for route in routes:
        assert masked(f"GET /{route}abc.def/ 200") == f"GET /{route}***/ 200"
