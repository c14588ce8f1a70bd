"""What the worker finds out before a person looks."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from submissions.models import Submission
from submissions.review import checks
from submissions.services import drafts, review, submit
from submissions.services.checks import lost_checks, run_checks
from submissions.services.request_changes import override_check
from submissions.services.review import Decision
from submissions.tasks import check_lost_submissions, check_submission
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.factories.submissions import accept_all, notice, pending, reviewer, sent, update_of
from webcheck.fetcher import Fetched, Fetcher, Outcome
from webcheck.mail_domains import Answer

pytestmark = pytest.mark.django_db

ENGLISH = "The cluster is an association of firms. " + "We are the home of news and events for our members. " * 6
GERMAN = (
    "Der Cluster verbindet Firmen und Hochschulen. " + "Wir organisieren jedes Jahr viele Treffen für Mitglieder. " * 6
)


class Handler(BaseHTTPRequestHandler):
    """Pages by path: their status, language and text."""

    pages = {
        "/en": (200, "en-GB", ENGLISH),
        "/de": (200, "de", GERMAN),
        "/silent": (200, "", ENGLISH),
        "/gone": (404, "en", "Not found"),
    }

    def do_GET(self) -> None:
        status, language, text = self.pages[self.path]
        lang = f' lang="{language}"' if language else ""
        content = f"<html{lang}><title>Photonics</title><body><p>{text}</p></body></html>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """Run a web server of this machine; return its port."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running.server_port
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def fetcher(server: int) -> Fetcher:
    """Return a real fetcher that knows the names of the test."""

    def resolve(host: str, _seconds: float) -> list[str]:
        if host == "nobody.example":
            return []
        if host == "noanswer.example":
            raise OSError
        return ["127.0.0.1"]

    return Fetcher(resolver=resolve, permitted_for_tests=frozenset({("127.0.0.1", server)}), total_seconds=3)


def taking(address: str) -> Answer:
    """Say that every domain takes mail."""
    return Answer.YES


def nothing(url: str) -> Fetched:
    """Reach nobody."""
    return Fetched(Outcome.UNREACHABLE, url, "Its name could not be looked up; try again later.")


def found(submission: Submission) -> dict[str, tuple[str, str]]:
    """Return outcome and text by key, as they are stored."""
    return {
        check["key"]: (check["outcome"], check["text"]) for check in Submission.objects.get(pk=submission.pk).checks
    }


@pytest.mark.parametrize(
    ("path", "website", "english"),
    [
        ("/en", ("ok", "It answers. Its title: “Photonics”."), ("ok", "It says that its language is en-GB.")),
        ("/silent", ("ok", "It answers. Its title: “Photonics”."), ("ok", "Its text reads like English.")),
        (
            "/de", ("ok", "It answers. Its title: “Photonics”."),
            ("warning", "It says that its language is de. Is there a page in English?"),
        ),
        ("/gone", ("failed", "It answers with the error 404."), ("unknown", "The page could not be read.")),
    ],
)  # fmt: skip
def test_a_website_is_fetched_for_real(fetcher, server, path, website, english):
    submission = pending()
    Submission.objects.filter(pk=submission.pk).update(
        payload={**submission.payload, "website": f"http://photonics.example:{server}{path}"}
    )

    assert run_checks(submission.pk, get=fetcher.fetch, ask_domain=taking)

    assert (found(submission)["website"], found(submission)["english"]) == (website, english)


@pytest.mark.parametrize(
    ("website", "outcome"),
    [
        ("https://nobody.example", "failed"),  # the name does not exist
        ("https://noanswer.example", "unknown"),  # our own network may be the matter
        ("https://photonics.example", "failed"),  # leads into our own network: refused
    ],
)
def test_an_unreachable_website_is_unknown_and_a_missing_one_failed(fetcher, website, outcome):
    submission = pending(website=website)

    run_checks(submission.pk, get=fetcher.fetch, ask_domain=taking)

    assert found(submission)["website"][0] == outcome


def test_a_new_cluster_gets_every_check_that_makes_sense():
    submission = pending(place="Graz")
    Submission.objects.filter(pk=submission.pk).update(
        payload={**submission.payload, "email": "office@photonics.example"}
    )

    run_checks(submission.pk, get=nothing, ask_domain=taking)

    assert {key: outcome for key, (outcome, _text) in found(submission).items()} == {
        "website": "warning",  # none is given
        "email": "ok",
        "place": "unknown",
        "texts": "warning",
        "criteria": "warning",
        "duplicates": "ok",
        "others": "ok",
    }
    assert Submission.objects.get(pk=submission.pk).checked_at is not None


def test_an_update_is_checked_only_in_what_it_changes():
    cluster = ClusterFactory(published=True, website="https://known.example", place="Graz")
    submission = update_of(cluster, phone="+43 1 1")

    run_checks(submission.pk, get=nothing, ask_domain=taking)

    assert set(found(submission)) == {"others"}


@pytest.mark.parametrize(
    ("fetched", "expected"),
    [
        (Fetched(Outcome.OK, "x", title="Alive"), ("warning", "It still answers: does the cluster really exist no more? Its title: “Alive”.")),
        (Fetched(Outcome.UNREACHABLE, "x", "Its name does not exist."), ("ok", "It does not answer any more. Its name does not exist.")),
        (Fetched(Outcome.REFUSED, "x", "It uses port 8080; only 80 and 443 are fetched."),
         ("unknown", "It cannot be checked. It uses port 8080; only 80 and 443 are fetched.")),
    ],
)  # fmt: skip
def test_a_closure_asks_whether_the_website_still_answers(fetched, expected):
    cluster = ClusterFactory(published=True, website="https://known.example")
    row, _link = drafts.start_draft(kind="closure", target=cluster, email="a@b.example", is_email_confirmed=True)
    submit.send(submission=row, notice=notice())

    run_checks(row.pk, get=lambda url: fetched, ask_domain=taking)

    assert found(row)["website"] == expected


@pytest.mark.parametrize(
    ("answer", "outcome"), [(Answer.YES, "ok"), (Answer.NO, "failed"), (Answer.UNKNOWN, "unknown")]
)
def test_the_domain_of_the_email_is_checked(answer, outcome):
    assert checks.email_domain("office@photonics.example", answer).outcome == outcome
    assert checks.email_domain("", None) is None


@pytest.mark.parametrize(
    ("values", "known", "outcome"),
    [
        ({"country": "AT", "latitude": "47.07", "longitude": "15.44"}, [], "ok"),
        ({"country": "AT", "latitude": "41.15", "longitude": "-8.6"}, [], "failed"),
        ({"country": "AT", "place": "Graz"}, ["AT", "DE"], "ok"),
        ({"country": "AT", "place": "Porto"}, ["PT"], "warning"),
        ({"country": "AT", "place": "Nowhere"}, [], "unknown"),
        ({"country": "EU", "place": "Porto"}, ["PT"], None),
        ({"country": "AT"}, [], None),
    ],
)
def test_the_place_is_compared_with_the_country(values, known, outcome):
    check = checks.place(values, known, {"AT": "Austria", "PT": "Portugal"})

    assert (check.outcome if check else None) == outcome


def test_places_are_known_from_other_clusters():
    ClusterFactory(place="Porto", country=CountryFactory(code="PT", name="Portugal"))
    submission = pending(place="porto")

    run_checks(submission.pk, get=nothing, ask_domain=taking)

    assert found(submission)["place"] == ("warning", "The only porto that we know is in Portugal, not in Austria.")


@pytest.mark.parametrize(
    ("summary", "description", "outcome"),
    [("", "", "failed"), ("Short.", "d" * 300, "warning"), ("s" * 80, "", "warning"), ("s" * 80, "d" * 300, "ok")],
)
def test_the_length_of_texts_is_judged(summary, description, outcome):
    assert checks.texts({"summary": summary, "description": description}).outcome == outcome


ALL = {"team": True, "members": True, "types": True, "english": True, "activity": True}


@pytest.mark.parametrize(
    ("ticked", "members", "evidence", "outcome"),
    [
        (ALL, 20, "https://x.example", "ok"),
        (ALL, 20, "", "warning"),
        (ALL, 9, "https://x.example", "failed"),
        ({**ALL, "types": False}, 20, "https://x.example", "warning"),
        ({"recognised": True}, 9, "", "ok"),
    ],
)
def test_criteria_are_compared_with_the_numbers_and_the_evidence(ticked, members, evidence, outcome):
    assert checks.criteria(ticked, {"members": members}, evidence, was_asked=True).outcome == outcome


def test_criteria_that_were_never_asked_for_are_not_missing():
    assert checks.criteria({}, {"members": 20}, "", was_asked=False).outcome == "unknown"
    assert checks.criteria({}, {"members": 9}, "", was_asked=False).outcome == "warning"


def test_duplicates_and_other_submissions_are_found_with_their_keys():
    cluster = ClusterFactory(name="Alpine Photonics Cluster", country__code="AT", country__name="Austria")
    other = pending(name="Alpine Photonics Cluster")
    submission = pending(name="Alpine Photonics Cluster e.V.")

    run_checks(submission.pk, get=nothing, ask_domain=taking)

    stored = {check["key"]: check for check in Submission.objects.get(pk=submission.pk).checks}
    assert stored["duplicates"]["outcome"] == "warning"
    assert [match["cluster"] for match in stored["duplicates"]["matches"]] == [cluster.pk]
    assert stored["duplicates"]["matches"][0]["reasons"]
    assert stored["others"]["submissions"] == [other.pk]


def test_a_check_that_was_set_aside_stays_so_while_the_finding_is_the_same():
    submission = pending(website="https://photonics.example")
    run_checks(submission.pk, get=nothing, ask_domain=taking)
    override_check(submission=submission, key="website", reviewer=reviewer(), reason="It moves today.")

    run_checks(submission.pk, get=nothing, ask_domain=taking)
    stored = {check["key"]: check for check in Submission.objects.get(pk=submission.pk).checks}
    assert stored["website"]["overridden"]["reason"] == "It moves today."

    run_checks(submission.pk, get=lambda url: Fetched(Outcome.HTTP_ERROR, url, "Error 500."), ask_domain=taking)
    stored = {check["key"]: check for check in Submission.objects.get(pk=submission.pk).checks}
    assert "overridden" not in stored["website"]


def test_a_check_makes_no_page_of_a_reviewer_stale():
    submission = pending()
    snapshot = review.current_snapshot(submission)
    run_checks(submission.pk, get=nothing, ask_domain=taking)

    review.decide(submission, Decision(reviewer=reviewer(), snapshot=snapshot, reason="No.", is_rejection=True))


def test_checks_leave_a_submission_decided_or_changed_meanwhile_as_it_is():
    decided = pending()
    accept_all(decided)
    assert run_checks(decided.pk, get=nothing, ask_domain=taking)
    assert found(decided) == {}

    submission = pending(name="Other", website="https://other.example")

    def changes_meanwhile(url: str) -> Fetched:
        Submission.objects.filter(pk=submission.pk).update(payload={**submission.payload, "name": "New"})
        return nothing(url)

    assert run_checks(submission.pk, get=changes_meanwhile, ask_domain=taking)
    assert found(submission) == {}
    assert not run_checks(10**9, get=nothing, ask_domain=taking)


def test_a_submission_deleted_during_its_checks_is_no_error():
    submission = pending(website="https://other.example")

    def deletes(url: str) -> Fetched:
        Submission.objects.filter(pk=submission.pk).delete()
        return nothing(url)

    assert not run_checks(submission.pk, get=deletes, ask_domain=taking)


def test_lost_checks_are_scheduled_again(monkeypatch):
    now = timezone.now()
    old, new, checked, answered, sheet = (pending(name=f"Cluster {number}") for number in range(5))
    unconfirmed = sent(name="Unconfirmed")
    long_ago = now - timedelta(minutes=6)
    Submission.objects.exclude(pk=new.pk).update(last_move_at=long_ago)
    Submission.objects.filter(pk=checked.pk).update(checked_at=now)
    Submission.objects.filter(pk=answered.pk).update(checked_at=now - timedelta(days=1))
    Submission.objects.filter(pk=sheet.pk).update(channel="import")

    assert set(lost_checks()) == {old.pk, answered.pk}
    assert unconfirmed.pk not in lost_checks()

    ordered = []
    monkeypatch.setattr(check_submission, "delay", ordered.append)
    assert check_lost_submissions() == 2
    assert set(ordered) == {old.pk, answered.pk}


def test_checks_are_scheduled_once_the_transaction_is_committed(django_capture_on_commit_callbacks, monkeypatch):
    ordered = []
    monkeypatch.setattr(check_submission, "apply_async", lambda args, *_, **__: ordered.extend(args))
    with django_capture_on_commit_callbacks(execute=True):
        submission = pending()

    assert ordered == [submission.pk]


def test_tests_reach_no_network_by_accident():
    submission = pending(website="https://photonics.example")

    check_submission(submission.pk)

    assert found(submission)["website"] == ("unknown", "Tests reach no network.")
