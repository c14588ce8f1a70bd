"""What the API answers to wrong questions: always JSON, never 500."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.throttling import AnonRateThrottle

from catalogue.listing.declared import SORT_CHOICES
from catalogue.listing.filters import ClusterFilter
from portal import urls as portal_urls
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, NetworkFactory

pytestmark = pytest.mark.django_db
LIST = "/api/v1/clusters/"
FACETS = "/api/v1/clusters/facets/"
PARAMETERS = (*ClusterFilter.base_filters, "page", "page_size", "format", "view", "colour")


def broken(request: HttpRequest) -> HttpResponse:
    """Fail as a view with a mistake in it does."""
    raise ZeroDivisionError


urlpatterns = [path("api/v1/broken/", broken), path("", include(portal_urls.urlpatterns))]
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"


def is_json(response: Any) -> bool:
    """Return whether an answer is JSON by its header and its content."""
    return response.headers["Content-Type"] == "application/json" and isinstance(response.json(), dict)


@pytest.mark.parametrize("address", [LIST, FACETS])
@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("country=XX", "country", "“XX” is no country of the catalogue. Use a two-letter ISO code such as DE."),
        ("country=DE&country=XX", "country", "“XX” is no country of the catalogue. Use a two-letter ISO code such as DE."),
        ("network=nort", "network", "“nort” is no network of the catalogue. Did you mean “north” (North)?"),
        ("contry=DE", "contry", "“contry” is no filter. Did you mean “country”?"),
        ("priority=maybe", "priority", "“maybe” is no value of “Priority”. Use one of: true, false."),
        ("priority=ture", "priority", "“ture” is no value of “Priority”. Did you mean “true” (Priority)?"),
        ("sort=Member", "sort", "“Member” is no order of the list. Did you mean “members” (Members (fewest first))?"),
        ("members_min=many", "members_min", "“many” is no whole number from 0 to 10,000,000."),
        ("members_min=NaN", "members_min", "“NaN” is no whole number from 0 to 10,000,000."),
        ("members_max=-1", "members_max", "“-1” is no whole number from 0 to 10,000,000."),
        ("members_max=1e400", "members_max", "“1e400” is no whole number from 0 to 10,000,000."),
        ("confirmed_since=Today", "confirmed_since", "“Today” is no day. Give a day as YYYY-MM-DD, such as 2026-09-30."),
        ("q=a%00b", "q", "A character of the text cannot be read, so nothing was looked for. Type the text again."),
        ("q=a%ffb", "q", "A character of the text cannot be read, so nothing was looked for. Type the text again."),
        ("q=" + "ab " * 100 + "c", "q", f"“{'ab ' * 13}a…” has 301 characters, and at most 200 are looked for. Nothing was: shorten it."),
        # One message for each mistake, with the value as it was typed.
        ("country=xx&country=XX", "country", "“xx” is no country of the catalogue. Use a two-letter ISO code such as DE."),
        ("country=de&country=germany", "country", "“germany” is no country of the catalogue. Use a two-letter ISO code such as DE."),
        ("network=nort&network=NORT", "network", "“NORT” is no network of the catalogue. Did you mean “north” (North)?"),
        ("sort=name&sort=zzz", "sort", f"“zzz” is no order of the list. Use one of: {', '.join(dict(SORT_CHOICES))}."),
        ("sort=zzz&sort=name", "sort", "“sort” can be given once. Given were zzz, name; the last one counts."),
        ("page=0", "page", "Give the number of one page: 1, 2, 3 and so on."),
        ("page=last", "page", "Give the number of one page: 1, 2, 3 and so on."),
        ("page=1.0", "page", "Give the number of one page: 1, 2, 3 and so on."),
        ("page=%D9%A1", "page", "Give the number of one page: 1, 2, 3 and so on."),
        ("page=1&page=2", "page", "Give the number of one page: 1, 2, 3 and so on."),
        ("page_size=0", "page_size", "Give one whole number from 1 to 200."),
        ("page_size=201", "page_size", "Give one whole number from 1 to 200."),
        ("page_size=-1", "page_size", "Give one whole number from 1 to 200."),
        ("page_size=1_0", "page_size", "Give one whole number from 1 to 200."),
        ("view=table", "view", "“view” chooses how the page looks; the API has no such parameter."),
        ("format=xml", "format", "Answers come as json."),
    ],
)  # fmt: skip
def test_wrong_value_is_refused_by_name(client: Client, address: str, query: str, name: str, message: str) -> None:
    ClusterFactory(
        published=True, country=CountryFactory(code="DE"), networks=[NetworkFactory(slug="north", name="North")]
    )

    response = client.get(f"{address}?{query}")

    assert response.status_code == 400
    assert response.json() == {name: [message]}
    assert response.headers["Cache-Control"] == "no-store"


def test_page_beyond_the_end_is_refused(client: Client) -> None:
    ClusterFactory(published=True)

    response = client.get(f"{LIST}?page=2")

    assert (response.status_code, response.json()) == (404, {"page": ["There is no page 2: the last one is 1."]})


def test_all_mistakes_are_answered_at_once(client: Client) -> None:
    response = client.get(f"{LIST}?contry=DE&members_min=x&page=0&page_size=9999&network=a")

    assert set(response.json()) == {"contry", "members_min", "page", "page_size", "network"}


@pytest.mark.parametrize(
    "address",
    ["/api/v1/", "/api/v1/countries/", "/api/v1/regions/", "/api/v1/vocabularies/", "/api/v1/vocabularies/sector/",
     "/api/v1/networks/", "/api/v1/networks/north/", "/api/v1/clusters/known/", "/api/v1/schema/"],
)  # fmt: skip
def test_unknown_parameter_is_refused_everywhere(client: Client, address: str) -> None:
    ClusterFactory(published=True, slug="known", networks=[NetworkFactory(slug="north")])

    assert client.get(address).status_code == 200
    assert client.get(f"{address}?utm_source=letter").status_code == 200
    response = client.get(f"{address}?colour=blue")
    assert response.status_code == 400
    assert set(response.json()) == {"colour"}


HOSTILE = (
    "%00", "%FF%FE", "%ED%A0%80", "NaN", "-Infinity", "9" * 5000, "-" + "9" * 400, "1e999", "%D9%A1%D9%A2", "%F0%9D%9F%99",
    "%C2%B2", "'; DROP TABLE catalogue_cluster; --", "%25%5F%5C", "x" * 3000, "[]", "null", "%E2%80%AE", "+", "0x10",
)  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_hostile_value_never_breaks_it(client: Client, name: str) -> None:
    ClusterFactory(published=True)

    for value in HOSTILE:
        for address in (LIST, FACETS):
            response = client.get(f"{address}?{name}={value}")
            # No town is called like that.
            assert response.status_code in ((200, 400, 404) if name == "near" else (200, 400)), value
            assert is_json(response), value
            if response.status_code == 400:
                assert set(response.json()) == {name}, value


@settings(deadline=None, max_examples=examples(80))
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60), number=st.text(max_size=12))
def test_any_text_is_answered(client_factory: Any, text: str, number: str) -> None:
    response = client_factory.get(LIST, {"q": text, "members_min": number.encode("utf-8", "replace")})

    assert response.status_code in (200, 400)
    assert is_json(response)


@pytest.fixture(scope="module")
def client_factory() -> Client:
    """Return one client for all examples of a property."""
    return Client()


def test_too_many_parameters_are_refused(client: Client) -> None:
    response = client.get(f"{LIST}?" + "&".join(["country=DE"] * 1001))

    assert (response.status_code, set(response.json())) == (400, {"query"})


@pytest.mark.parametrize(
    "address",
    ["/api/v1/nothing/", "/api/nothing", "/api/v1/clusters/nobody/", "/api/v1/networks/none/", "/api/v1/clusters/a/b/",
     "/api/v1/vocabularies/colour/", "/api/v1/clusters/%00/", "/api/v1/clusters/9f8b1c1e-0000-4000-8000-000000000000/"],
)  # fmt: skip
def test_unknown_address_is_404_in_json(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 404
    assert is_json(response)
    assert set(response.json()) == {"detail"}


@pytest.mark.parametrize("address", ["/api/v1/", LIST, FACETS, "/api/v1/networks/", "/api/v1/schema/", "/api/docs/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_is_405_in_json(address: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)

    response = getattr(client, method)(address, data="{", content_type="application/json")

    assert response.status_code == 405
    assert response.json() == {"detail": f'Method "{method.upper()}" not allowed.'}
    assert "GET" in response.headers["Allow"]


def test_other_media_types_are_406_in_json(client: Client) -> None:
    response = client.get(LIST, headers={"accept": "application/xml"})

    assert response.status_code == 406
    assert is_json(response)


def test_too_many_requests_are_429_with_the_time_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "2/min"})

    answers = [client.get(LIST) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert is_json(answers[2])
    assert set(answers[2].json()) == {"detail"}
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert client.options(LIST).status_code == 200


@pytest.mark.urls(__name__)
def test_failure_of_ours_is_500_in_json() -> None:
    response = Client(raise_request_exception=False).get("/api/v1/broken/")

    assert response.status_code == 500
    assert is_json(response)
