"""Submissions by partner sites: tokens, keys, strict types, the same rules and the same queue."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator

from catalogue.api.description import api_schema
from catalogue.models import Cluster
from outbox.models import Message
from submissions.api import examples
from submissions.api.schema import SUBMISSION_BODY
from submissions.api.views import MAX_BYTES, PartnerThrottle
from submissions.fields.definitions import FIELDS, Kind
from submissions.models import PartnerToken, PrivacyNotice, Submission, SubmissionPolicy
from submissions.services import partners, review
from submissions.services.review import Decision, FieldDecision
from tests.catalogue.test_api_schema import problems
from tests.concurrency import at_once
from tests.factories.catalogue import ClusterFactory, CountryFactory, TermFactory
from tests.factories.consortium import PartnerFactory
from tests.factories.submissions import accept_all, pending, reviewer
from tests.mail import sent_mails
from tests.submissions.visitor import words_of

pytestmark = pytest.mark.django_db
PATH = "/api/v1/submissions/"
NEW = {"kind": "new", "values": {"country": "AT", "name": "Alpine Photonics", "summary": "Lasers."}, "consent": True}


class Site:
    """A partner's site with its token."""

    def __init__(self, label: str = "its site", partner: Any = None) -> None:
        self.row, self.token = partners.issue_token(partner=partner or PartnerFactory(), label=label)
        self.client = Client()
        CountryFactory(code="AT", name="Austria")

    def send(self, body: Any = NEW, key: str = "", **headers: str) -> Any:
        """Send a body; a new key unless one is given."""
        content = body if isinstance(body, (str, bytes)) else json.dumps(body)
        given = {"authorization": f"Token {self.token}", "idempotency-key": key or str(uuid4()), **headers}
        return self.client.post(
            PATH, content, content_type="application/json", headers={k: v for k, v in given.items() if v}
        )

    def ask(self, path: str) -> Any:
        """Read an address."""
        return self.client.get(path, headers={"authorization": f"Token {self.token}"})


@pytest.fixture
def site(db: None) -> Site:
    """Return a partner's site."""
    return Site()


def test_a_new_cluster_reaches_the_queue_and_nothing_else(site: Site) -> None:
    TermFactory(slug="photonics", name="Photonics")
    response = site.send(examples.SUBMISSION)

    assert response.status_code == 201, response.content
    row = Submission.objects.get()
    assert (row.kind, row.channel, row.status, row.trust, row.partner_token) == (
        "new",
        "api",
        "pending",
        "partner",
        site.row,
    )
    assert (row.submitter_name, row.submitter_role, row.submitter_email) == (
        "Ada Example",
        "Manager",
        "ada@photonics.example",
    )
    assert row.payload == examples.SUBMISSION["values"]
    assert row.criteria == {"team": True, "members": True}
    assert row.notice == PrivacyNotice.current()
    assert not Cluster.objects.exists()
    assert [mail.to for mail in sent_mails(kind="submission_received")] == ["ada@photonics.example"]
    answer = response.json()
    assert problems("submissions_create", "201", answer) == []
    assert (answer["id"], answer["status"], answer["position"]) == (str(row.public_id), "pending", 1)
    page = urlsplit(answer["page_url"]).path
    assert "In review" in words_of(Client().get(page).content.decode())


def test_without_an_address_nobody_is_mailed(site: Site) -> None:
    site.send()
    assert not Message.objects.exists()


def test_an_update_holds_only_what_differs(site: Site) -> None:
    cluster = ClusterFactory(published=True, slug="alpine", place="Graz", members=10, members_qualifier="exact")
    for named in ("alpine", str(cluster.public_id)):
        response = site.send(
            {"kind": "update", "cluster": named, "values": {"place": "Linz", "members": 10}, "consent": True}
        )
        assert response.status_code == 201, response.content
        assert response.json()["cluster"]["slug"] == "alpine"
    assert [row.payload for row in Submission.objects.all()] == [{"place": "Linz"}] * 2
    same = site.send({"kind": "update", "cluster": "alpine", "values": {"place": "Graz"}, "consent": True})
    assert (same.status_code, same.json()) == (400, {"values": ["Nothing differs from the profile."]})


def test_a_cluster_that_is_not_public_is_as_unknown_as_any(site: Site) -> None:
    hidden = ClusterFactory(slug="hidden", name="Hidden")
    for named in ("hidden", str(hidden.public_id), "nobody", str(uuid4()), "x\0y"):
        response = site.send({"kind": "update", "cluster": named, "values": {"place": "Linz"}, "consent": True})
        assert (response.status_code, response.json()) == (
            400, {"cluster": ["No cluster of the catalogue has this id or slug."]},
        )  # fmt: skip


# --- Once --------------------------------------------------------------------------------------------


def test_the_same_key_and_body_is_the_same_submission(site: Site) -> None:
    first = site.send(key="key-12345678")
    # Spaces and the order of keys say nothing.
    second = site.send(json.dumps(dict(reversed(NEW.items())), indent=3), key="key-12345678")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Submission.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(site: Site) -> None:
    site.send(key="key-12345678")
    response = site.send({**NEW, "message": "Hello"}, key="key-12345678")

    assert response.status_code == 422
    assert "Use a new key" in response.json()["detail"]
    assert Submission.objects.count() == 1


def test_a_key_through_two_tokens_of_a_partner_is_one_submission(site: Site) -> None:
    exchanged = Site(label="its new site", partner=site.row.partner)

    first, second = site.send(key="key-12345678"), exchanged.send(key="key-12345678")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert exchanged.send({**NEW, "message": "Hello"}, key="key-12345678").status_code == 422
    assert Submission.objects.count() == 1


@pytest.mark.services("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_key_through_two_tokens_at_once_is_one_submission() -> None:
    partner = PartnerFactory()
    sites = [Site(label=f"site {number}", partner=partner) for number in range(4)]

    for turn in range(5):
        found = at_once(*[partial(site.send, key=f"key-1234567{turn}") for site in sites])

        assert sorted(response.status_code for response in found) == [200, 200, 200, 201]
        assert len({response.json()["id"] for response in found}) == 1
    assert Submission.objects.count() == 5


def test_keys_of_two_partners_do_not_meet(site: Site) -> None:
    other = Site()
    assert [one.send(key="key-12345678").status_code for one in (site, other)] == [201, 201]


def test_a_body_that_was_refused_can_be_sent_again_put_right(site: Site) -> None:
    assert site.send({**NEW, "consent": False}, key="key-12345678").status_code == 400
    assert site.send(key="key-12345678").status_code == 201


def test_two_at_the_same_moment_are_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # Both looked before either wrote.
    first = site.send(key="key-12345678").json()
    asked = iter([None])
    real = partners.known_under
    monkeypatch.setattr(partners, "known_under", lambda *a: next(asked, real(*a)))
    second = site.send(key="key-12345678")

    assert (second.status_code, second.json()["id"]) == (200, first["id"])
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short", "with space in it", "ümläute-in-it", "x" * 101])
def test_a_key_is_needed(site: Site, key: str) -> None:
    headers = {"authorization": f"Token {site.token}"} | ({"idempotency-key": key} if key else {})
    response = site.client.post(PATH, json.dumps(NEW), content_type="application/json", headers=headers)

    assert response.status_code == 400
    assert set(response.json()) == {"Idempotency-Key"}


# --- Tokens -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["", "Token", "Token ", "Token wrong", "Bearer {token}", "{token}", "Token {token}x", "Token \x00", "Token ä"],
)
def test_without_the_right_token_nothing_happens(site: Site, value: str) -> None:
    response = site.send(authorization=value.format(token=site.token))

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Token realm="submissions"'
    assert set(response.json()) == {"detail"}
    assert not Submission.objects.exists()


def test_a_token_is_stored_as_a_fingerprint_and_can_be_switched_off(site: Site) -> None:
    assert site.token not in json.dumps(list(PartnerToken.objects.values()), default=str)
    assert site.token.startswith(site.row.hint)
    site.send()
    assert PartnerToken.objects.get().last_used_at is not None
    PartnerToken.objects.update(is_active=False)
    assert site.send().status_code == 401


def test_the_status_is_for_the_partner_alone(site: Site) -> None:
    path = f"{PATH}{site.send().json()['id']}/"
    of_form = f"{PATH}{pending().public_id}/"
    same_partner = Site("another site", partner=site.row.partner)

    assert site.ask(path).json()["status"] == "pending"
    assert same_partner.ask(path).status_code == 200
    assert Site().ask(path).status_code == 404
    assert site.ask(of_form).status_code == 404
    assert Client().get(path).status_code == 401


def test_the_status_has_the_decision_by_field(site: Site) -> None:
    cluster = ClusterFactory(published=True, slug="alpine", place="Graz", phone="")
    path = (
        site.send(
            {"kind": "update", "cluster": "alpine", "values": {"place": "Linz", "phone": "+43 1 1"}, "consent": True}
        )
        .json()["url"]
        .removeprefix("http://testserver")
    )
    row = Submission.objects.get()
    review.decide(row, Decision(reviewer=reviewer("rita"), snapshot=review.current_snapshot(row), fields={
            "place": FieldDecision(False, "The register says Graz."),
            "phone": FieldDecision(True, value="+43 1 234", is_edited=True),
        }, reason="Thanks."))  # fmt: skip
    response = site.ask(path)
    answer = response.json()

    assert problems("submissions_retrieve", "200", answer) == []
    assert (answer["status"], answer["reason"], answer["position"]) == ("partly_approved", "Thanks.", None)
    assert answer["decisions"] == [
        {"field": "place", "decision": "refused", "reason": "The register says Graz."},
        {"field": "phone", "decision": "edited", "reason": ""},
    ]
    assert answer["cluster"]["id"] == str(cluster.public_id)
    assert "rita" not in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response


def test_an_approved_one_leads_to_the_profile(site: Site) -> None:
    path = site.send().json()["url"].removeprefix("http://testserver")
    assert site.ask(path).json()["cluster"] is None
    accept_all(Submission.objects.get(), publish=False)
    assert site.ask(path).json()["cluster"] is None, "an identified cluster is not public"
    Cluster.objects.update(status="published", published_at="2027-01-01T00:00Z")
    assert site.ask(path).json()["cluster"]["slug"] == "alpine-photonics"


# --- What it may hold --------------------------------------------------------------------------

WRONG: list[tuple[dict[str, Any], set[str]]] = [
    ({"kind": "closure"}, {"kind"}),
    ({"kind": None}, {"kind"}),
    ({"consent": "true"}, {"consent"}),
    ({"consent": 1}, {"consent"}),
    ({"cluster": "alpine"}, {"cluster"}),
    ({"colour": "blue"}, {"colour"}),
    ({"values": []}, {"values"}),
    ({"values": {}}, {"values.country", "values.name", "values.summary"}),
    ({"submitter": "Ada"}, {"submitter"}),
    ({"submitter": {"email": "ada"}}, {"submitter.email"}),
    ({"submitter": {"email": "ada@x.example\nBcc: eve@x.example"}}, {"submitter.email"}),
    ({"submitter": {"phone": "1"}}, {"submitter.phone"}),
    ({"submitter": {"name": 7}}, {"submitter.name"}),
    ({"criteria": "team"}, {"criteria"}),
    ({"criteria": ["money"]}, {"criteria"}),
    ({"criteria": [{}]}, {"criteria"}),
    ({"criteria_evidence": "nonsense"}, {"criteria_evidence"}),
    ({"message": "x" * 2001}, {"message"}),
    ({"message": "a\0b"}, {"message"}),
]
VALUES: list[tuple[dict[str, Any], str]] = [
    ({"members": "120"}, "values.members"),
    ({"members": 12.0}, "values.members"),
    ({"members": True}, "values.members"),
    ({"members": -1}, "values.members"),
    ({"members": 10**4000}, "values.members"),
    ({"staff": 2.5}, "values.staff"),
    ({"staff": "NaN"}, "values.staff"),
    ({"core_cybersecurity": "yes"}, "values.core_cybersecurity"),
    ({"core_cybersecurity": 1}, "values.core_cybersecurity"),
    ({"verticals": "health"}, "values.verticals"),
    ({"verticals": ["health"]}, "values.verticals"),
    ({"verticals": [["health"]]}, "values.verticals"),
    ({"target_markets": ["AT", "AT"]}, "values.target_markets"),
    ({"country": "XX"}, "values.country"),
    ({"name": ["x"]}, "values.name"),
    ({"name": None}, "values.name"),
    ({"name": ""}, "values.name"),
    ({"name": "a\0b"}, "values.name"),
    ({"name": "\ud800"}, "values.name"),
    ({"name": "Two\nlines"}, "values.name"),
    ({"summary": "x" * 601}, "values.summary"),
    ({"website": "javascript:alert(1)"}, "values.website"),
    ({"members_as_of": 20260101}, "values.members_as_of"),
    ({"members_as_of": "2026-13-01"}, "values.members_as_of"),
    ({"founded": 1066}, "values.founded"),
    ({"logo": "x.png"}, "values.logo"),
    ({"status": "published"}, "values.status"),
    ({"quality_label": "gold"}, "values.quality_label"),
]


@pytest.mark.parametrize(("change", "named"), WRONG, ids=[str(row[0])[:40] for row in WRONG])
def test_mistakes_come_back_by_field(site: Site, change: dict[str, Any], named: set[str]) -> None:
    response = site.send({**NEW, **change})

    assert response.status_code == 400, response.content
    assert set(response.json()) == named
    assert problems("submissions_create", "400", response.json()) == []
    assert not Submission.objects.exists()


@pytest.mark.parametrize(("value", "named"), VALUES, ids=[str(row[0])[:40] for row in VALUES])
def test_values_keep_their_json_types(site: Site, value: dict[str, Any], named: str) -> None:
    response = site.send({**NEW, "values": {**NEW["values"], **value}})  # type: ignore[dict-item]

    assert response.status_code == 400, response.content
    assert named in response.json()
    assert all(isinstance(text, str) for texts in response.json().values() for text in texts)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', "NaN", '{"kind": NaN}', "[" * 100_000, b"\xff\xfe", "7" * 5000]
)
def test_what_is_no_json_object_is_refused_in_json(site: Site, body: Any) -> None:
    response = site.send(body)
    assert response.status_code == 400
    assert isinstance(response.json(), dict)


def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    assert site.send({**NEW, "message": "x" * MAX_BYTES}).status_code == 413


def test_other_media_types_and_methods_are_refused_in_json(site: Site) -> None:
    headers = {"authorization": f"Token {site.token}", "idempotency-key": "key-12345678"}
    form = site.client.post(PATH, {"kind": "new"}, headers=headers)
    assert (form.status_code, set(form.json())) == (415, {"detail"})
    for method in ("get", "put", "patch", "delete", "options"):
        response = getattr(Client(), method)(PATH)
        assert (response.status_code, response.json()) == (405, {"detail": f'Method "{method.upper()}" not allowed.'})


def test_a_closed_form_is_closed_here_too(site: Site) -> None:
    SubmissionPolicy.objects.create(pk=1, is_open=False, closed_text="Back in January.")
    response = site.send(key="key-12345678")
    assert (response.status_code, response.json()) == (503, {"detail": "Back in January."})
    assert not Submission.objects.exists()
    SubmissionPolicy.objects.update(is_open=True)
    assert site.send(key="key-12345678").status_code == 201, "the same key and body, sent again"
    SubmissionPolicy.objects.update(is_open=False)
    known = site.send(key="key-12345678")
    assert (known.status_code, known.json()["status"]) == (200, "pending"), "what was sent can be asked for"


def test_requests_are_counted_by_token(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartnerThrottle, "rate", "2/min")
    statuses = [site.send().status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert Site().send().status_code == 201


# --- The description ----------------------------------------------------------------------------------


def test_the_description_knows_every_field() -> None:
    described = SUBMISSION_BODY["properties"]["values"]["properties"]
    assert set(described) == {spec.name for spec in FIELDS if spec.kind != Kind.LOGO}
    paths = api_schema()["paths"]
    create, read = paths[PATH]["post"], paths[f"{PATH}{{public_id}}/"]["get"]
    assert set(create["responses"]) == {"200", "201", "400", "401", "413", "415", "422", "429", "503"}
    assert set(read["responses"]) == {"200", "401", "404", "429"}
    assert create["security"] == read["security"] == [{"partnerToken": []}]
    assert api_schema()["components"]["securitySchemes"]["partnerToken"]["name"] == "Authorization"


def test_what_the_description_calls_wrong_is_refused_and_its_example_is_right(site: Site) -> None:
    validator = Draft202012Validator(SUBMISSION_BODY)
    assert list(validator.iter_errors(examples.SUBMISSION)) == []
    assert problems("submissions_create", "201", examples.SUBMISSION_ANSWER) == []
    wrong = [{**NEW, **change} for change, _named in WRONG]
    refused_by_schema = [body for body in wrong if list(validator.iter_errors(body))]
    assert len(refused_by_schema) >= 10
    assert all(site.send(body).status_code == 400 for body in refused_by_schema)


def test_the_requests_of_the_guide_work(site: Site) -> None:
    guide = Path(settings.BASE_DIR, "docs", "api.md").read_text()
    bodies = re.findall(r"Idempotency-Key: ([^\"]+)\".*?<<'BODY'\n(.*?)\nBODY", guide, re.DOTALL)
    TermFactory(slug="photonics", name="Photonics")
    ClusterFactory(published=True, slug="gaia", founded=1983)

    assert len(bodies) == 2
    assert [site.send(body, key=key).status_code for key, body in bodies] == [201, 201]
    assert [row.kind for row in Submission.objects.order_by("pk")] == ["new", "update"]


def test_a_partner_that_exchanges_its_token_repeats_nothing() -> None:
    partner = PartnerFactory()
    old, new = Site("old", partner), Site("new", partner)
    key = str(uuid4())

    first, again = old.send(key=key), new.send(key=key)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Site("of somebody else").send(key=key).status_code == 201
    assert Submission.objects.count() == 2


def test_half_a_surrogate_pair_is_refused_by_the_api(client: Client) -> None:
    import io

    from rest_framework.exceptions import ParseError

    from submissions.api.views import BoundedJSONParser

    def parsed(text: str) -> Any:
        return BoundedJSONParser().parse(io.BytesIO(text.encode()))

    assert parsed('{"kind": "new"}') == {"kind": "new"}
    with pytest.raises(ParseError):
        parsed('{"\\ud800": 1}')
    assert Submission.objects.count() == 0


def test_the_api_takes_an_id_or_slug_of_old_after_a_merge() -> None:
    from submissions.api.serializers import _target

    target = ClusterFactory(published=True)
    source = ClusterFactory(published=True, successor=target)
    type(source).objects.filter(pk=source.pk).update(status="archived")
    for named in (source.slug, str(source.public_id), target.slug):
        errors: dict[str, list[str]] = {}
        assert _target({"cluster": named}, "update", errors) == target
        assert errors == {}
