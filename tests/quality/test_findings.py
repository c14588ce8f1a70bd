"""Findings: opened, found again, closed, opened again; websites tried both ways with a real server."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.utils import formats, timezone

from catalogue.models import Cluster
from catalogue.services.clusters import archive_clusters
from quality.admin.findings import findings_of
from quality.findings import websites as module
from quality.findings.data import check_data, last_run
from quality.findings.websites import check_websites, websites_left
from quality.models import QualityFinding, WebsiteCheck
from quality.tasks import check_cluster_websites, check_findings
from submissions.models import ClusterEditor
from tests.factories.catalogue import ClusterFactory
from webcheck.fetcher import IN_A_CIRCLE, TOO_OFTEN, Fetched, Fetcher, Outcome

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAY = date(2027, 3, 1)


def good(**values: Any) -> Cluster:
    """Return a published cluster with which all is well; a timedelta becomes the day that far from today."""
    whole = {
        "email": "office@c.example", "members": 12, "members_qualifier": "exact", "confirmed_on": timezone.localdate(),
        "place": "Graz", "latitude": "47.07", "longitude": "15.43", "precision": "seat",
    }  # fmt: skip
    days = {name: timezone.localdate() + value for name, value in values.items() if isinstance(value, timedelta)}
    return ClusterFactory(published=True, **{**whole, **values, **days})


def open_kinds(cluster: Cluster) -> set[str]:
    return set(cluster.findings.filter(closed_at=None).values_list("kind", flat=True))


# A timedelta stands for the day that lies so far from today: a day computed here would be yesterday's
# in a run that passes midnight.
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("missing_members", {"members": None, "members_qualifier": ""}),
    ("no_contact", {"email": ""}),
    ("old_confirmation", {"confirmed_on": None}),
    ("old_confirmation", {"confirmed_on": timedelta(days=-366)}),
    ("missing_place", {"place": "", "latitude": None, "longitude": None, "precision": ""}),
    ("missing_place", {"precision": "country"}),
    (
        "label_expired",
        {"quality_label": "gold", "quality_evidence": "https://l.example/", "quality_expires_on": timedelta(days=-1)},
    ),
]
RIGHT: list[dict[str, Any]] = [
    {},
    {"confirmed_on": timedelta(days=-365)},
    {"quality_label": "gold", "quality_evidence": "https://l.example/", "quality_expires_on": timedelta()},
    {"precision": "region"},
]


@pytest.mark.parametrize(("kind", "values"), WRONG)
def test_finding_is_opened_once_and_closed_when_the_data_is_right(kind: str, values: dict[str, Any]) -> None:
    cluster, other = good(**values), good()

    assert check_data() == {"opened": 1, "closed": 0}
    assert check_findings() == {"opened": 0, "closed": 0}

    assert open_kinds(cluster) == {kind}
    assert open_kinds(other) == set()
    Cluster.objects.filter(pk=cluster.pk).update(
        email="a@c.example", members=3, members_qualifier="exact", confirmed_on=timezone.localdate(), place="Linz",
        latitude="48.3", longitude="14.3", precision="seat", quality_label="none", quality_expires_on=None,
    )  # fmt: skip
    assert check_data() == {"opened": 0, "closed": 1}
    assert open_kinds(cluster) == set()


@pytest.mark.parametrize("values", RIGHT)
def test_complete_profile_has_no_finding(values: dict[str, Any]) -> None:
    good(**values)
    assert check_data() == {"opened": 0, "closed": 0}


def test_a_known_editor_is_a_contact_and_one_who_left_is_none() -> None:
    cluster = good(email="")
    editor = ClusterEditor.objects.create(cluster=cluster, email="ada@c.example")
    assert check_data()["opened"] == 0
    editor.is_active = False
    editor.save()
    check_data()
    assert open_kinds(cluster) == {"no_contact"}


def test_only_published_clusters_have_findings() -> None:
    ClusterFactory(email="")
    leaving = good(email="")
    check_data()
    assert QualityFinding.objects.count() == 1
    archive_clusters(clusters=[leaving])

    assert check_data() == {"opened": 0, "closed": 1}


def test_the_dead_website_of_a_cluster_that_left_the_catalogue_is_closed() -> None:
    staying, leaving = good(), good()
    for cluster in (staying, leaving):
        QualityFinding.objects.create(cluster=cluster, kind="dead_website", text="It does not answer.")
    archive_clusters(clusters=[leaving])

    assert check_data() == {"opened": 0, "closed": 1}

    assert [row.cluster for row in QualityFinding.objects.filter(closed_at=None)] == [staying]


def test_reopening_is_a_new_row_and_the_old_one_says_how_long_it_lasted() -> None:
    cluster = good(email="")
    first = timezone.now() - timedelta(days=3)
    for days in range(3):
        check_data(now=first + timedelta(days=days))
        check_data(now=first + timedelta(days=days, hours=1))  # again on the same day
    row = QualityFinding.objects.get()
    assert (row.failures, row.opened_at, row.seen_at) == (3, first, first + timedelta(days=2))
    Cluster.objects.update(email="a@c.example")
    check_data()
    Cluster.objects.update(email="")
    check_data()

    rows = cluster.findings.order_by("opened_at")
    assert [row.closed_at is None for row in rows] == [False, True]


def test_slices_that_are_cut_off_are_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from quality.findings import data

    monkeypatch.setattr(data, "SLICE", 2)
    for number in range(5):
        good(email="", name=f"C{number}")
    create, calls = type(QualityFinding.objects).bulk_create, []

    def dying(self: Any, *arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return create(self, *arguments, **options)

    monkeypatch.setattr(type(QualityFinding.objects), "bulk_create", dying)
    with pytest.raises(KeyboardInterrupt):
        check_data()
    assert QualityFinding.objects.count() == 2

    assert check_data()["opened"] == 3
    assert set(QualityFinding.objects.values_list("kind", "closed_at")) == {("no_contact", None)}


# --- websites ---


class Web:
    """Answers for websites: those in ``down`` do not answer, those in ``errors`` answer with that status."""

    def __init__(self, *down: str, errors: dict[str, int] | None = None) -> None:
        self.down, self.errors, self.asked = set(down), errors or {}, []

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if url in self.down:
            return Fetched(Outcome.UNREACHABLE, url, "It did not answer in time.")
        if status := self.errors.get(url):
            return Fetched(Outcome.HTTP_ERROR, url, f"It answers with the error {status}.", status=status)
        return Fetched(Outcome.OK, url, status=200)


def asked_on_days(count: int, web: Web, start: date = DAY) -> None:
    for number in range(count):
        check_websites(day=start + timedelta(days=number), fetch=web)


ALPHA, BETA = "https://alpha.example/", "https://beta.example/"


@pytest.fixture
def pair() -> tuple[Cluster, Cluster]:
    return good(website=ALPHA), good(website=BETA)


def test_a_website_is_dead_after_three_days_and_alive_after_one(pair: tuple[Cluster, Cluster]) -> None:
    alpha, beta = pair
    asked_on_days(2, Web(ALPHA))
    assert open_kinds(alpha) == set()
    asked_on_days(1, Web(ALPHA), DAY + timedelta(days=2))

    assert open_kinds(alpha) == {"dead_website"}
    assert open_kinds(beta) == set()
    assert alpha.findings.get().text == ("https://alpha.example/ failed on 3 days in a row. It did not answer in time.")
    asked_on_days(1, Web(ALPHA), DAY + timedelta(days=3))
    assert alpha.findings.get().failures == 4
    check_data()
    assert open_kinds(alpha) == {"dead_website"}  # the job for the data leaves websites alone
    asked_on_days(1, Web(), DAY + timedelta(days=4))
    assert open_kinds(alpha) == set()
    asked_on_days(2, Web(ALPHA), DAY + timedelta(days=5))
    assert open_kinds(alpha) == set()
    asked_on_days(1, Web(ALPHA), DAY + timedelta(days=7))
    assert [row.closed_at is None for row in alpha.findings.order_by("opened_at")] == [False, True]


def test_one_success_resets_the_count_of_failures(pair: tuple[Cluster, Cluster]) -> None:
    asked_on_days(2, Web(ALPHA))
    asked_on_days(1, Web(), DAY + timedelta(days=2))
    asked_on_days(2, Web(ALPHA), DAY + timedelta(days=3))
    assert not QualityFinding.objects.exists()


@pytest.mark.parametrize(
    ("status", "is_dead"),
    [(404, True), (410, True), (500, True), (503, True), (401, False), (403, False), (429, False)],
)
def test_which_errors_count(pair: tuple[Cluster, Cluster], status: int, is_dead: bool) -> None:
    asked_on_days(3, Web(errors={ALPHA: status}))
    assert open_kinds(pair[0]) == ({"dead_website"} if is_dead else set())


def test_a_machine_without_network_opens_nothing() -> None:
    urls = [f"https://c{number}.example/" for number in range(module.ENOUGH)]
    first, *others = [good(website=url) for url in urls]
    asked_on_days(5, Web(*urls))
    assert not QualityFinding.objects.exists()
    assert set(WebsiteCheck.objects.values_list("failures", flat=True)) == {0}
    # And it closes nothing either, nor does it add to what was counted before.
    asked_on_days(3, Web(urls[0]), DAY + timedelta(days=10))
    asked_on_days(3, Web(*urls), DAY + timedelta(days=13))
    assert QualityFinding.objects.get(closed_at=None).failures == 3
    assert open_kinds(first) == {"dead_website"}
    assert not any(open_kinds(other) for other in others)


@pytest.mark.parametrize("number", [1, 2, 9])
def test_a_small_catalogue_finds_its_dead_websites_too(number: int) -> None:
    urls = [f"https://c{number}.example/" for number in range(number)]
    clusters = [good(website=url) for url in urls]

    asked_on_days(2, Web(*urls))
    assert not QualityFinding.objects.exists()
    asked_on_days(1, Web(*urls), DAY + timedelta(days=2))

    assert [open_kinds(cluster) for cluster in clusters] == [{"dead_website"}] * number
    asked_on_days(1, Web(*urls[1:]), DAY + timedelta(days=3))
    assert open_kinds(clusters[0]) == set()


@pytest.mark.parametrize(
    ("answer", "is_up"),
    [
        (Fetched(Outcome.REFUSED, ALPHA, "It uses port 8080; only 80 and 443 are fetched."), False),
        (Fetched(Outcome.REFUSED, ALPHA, "It leads to an address that is not public. We do not connect there."), False),
        (Fetched(Outcome.UNREACHABLE, ALPHA, IN_A_CIRCLE), False),
        (Fetched(Outcome.UNREACHABLE, ALPHA, TOO_OFTEN), False),
        (Fetched(Outcome.REFUSED, ALPHA, "It is no page but 'application/pdf'.", status=200), True),
        (Fetched(Outcome.UNREACHABLE, ALPHA, "The connection failed or the answer was broken.", status=200), True),
    ],
)  # fmt: skip
def test_website_that_is_not_asked_opens_and_closes_nothing(
    pair: tuple[Cluster, Cluster], answer: Fetched, is_up: bool
) -> None:
    alpha, beta = pair
    check_data()
    for number in range(3):
        check_websites(day=DAY + timedelta(days=number), fetch=lambda url: answer if url == ALPHA else Web(BETA)(url))

    assert open_kinds(alpha) == set()
    assert open_kinds(beta) == {"dead_website"}  # the other one is counted without it
    check = WebsiteCheck.objects.get(cluster=alpha)
    assert (check.outcome, check.failures, check.is_counted) == ("up" if is_up else "unchecked", 0, True)
    assert ("cannot check whether the website answers" in str(findings_of(alpha))) is not is_up


def test_days_in_a_row_end_where_nothing_is_known(pair: tuple[Cluster, Cluster]) -> None:
    asked_on_days(3, Web(ALPHA))
    refused = Fetched(Outcome.REFUSED, ALPHA, "It uses port 8080; only 80 and 443 are fetched.")

    check_websites(day=DAY + timedelta(days=3), fetch=lambda url: refused)

    assert open_kinds(pair[0]) == set()
    asked_on_days(2, Web(ALPHA), DAY + timedelta(days=4))
    assert open_kinds(pair[0]) == set()


def test_one_that_is_deleted_meanwhile_costs_nobody_else_their_answer(
    pair: tuple[Cluster, Cluster], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha, beta = pair
    store = module._store

    def store_(cluster: Cluster, answer: Fetched, day: date) -> None:
        store(cluster, answer, day)
        if cluster == alpha:
            raise IntegrityError("violates foreign key constraint")

    monkeypatch.setattr(module, "_store", store_)

    module._note([(alpha, Web()(ALPHA)), (beta, Web()(BETA))], DAY)

    assert [check.cluster for check in WebsiteCheck.objects.all()] == [beta]
    assert f"The answer of the website of cluster {alpha.pk} could not be stored." in caplog.text


def test_another_run_that_was_faster_counts_once(pair: tuple[Cluster, Cluster]) -> None:
    check_websites(day=DAY, fetch=Web(ALPHA))

    module._note([(pair[0], Web(ALPHA)(ALPHA))], DAY)  # the slower one
    module._count(DAY, timezone.now())

    assert WebsiteCheck.objects.get(cluster=pair[0]).failures == 1


def test_the_sentence_of_a_finding_follows_the_facts() -> None:
    day = timezone.localdate()
    cluster = good(
        confirmed_on=None, quality_label="gold", quality_evidence="https://label.example/",
        quality_expires_on=day - timedelta(days=300),
    )  # fmt: skip
    check_data()
    assert cluster.findings.get(kind="old_confirmation").text == "Never confirmed."
    opened = cluster.findings.get(kind="label_expired").opened_at

    confirmed, until = day - timedelta(days=500), day - timedelta(days=3)
    Cluster.objects.update(confirmed_on=confirmed, quality_expires_on=until)
    assert check_data() == {"opened": 0, "closed": 0}

    texts = dict(cluster.findings.filter(closed_at=None).values_list("kind", "text"))
    assert texts["old_confirmation"] == f"Last confirmed on {formats.date_format(confirmed, 'j F Y')}."
    assert f"valid until {formats.date_format(until, 'j F Y')}." in texts["label_expired"]
    row = cluster.findings.get(kind="label_expired")
    assert (row.opened_at, row.failures) == (opened, 1)


def test_an_error_of_another_site_is_an_answer_of_the_network(pair: tuple[Cluster, Cluster]) -> None:
    asked_on_days(3, Web(ALPHA, errors={BETA: 500}))
    assert QualityFinding.objects.filter(kind="dead_website", closed_at=None).count() == 2


def test_a_day_counts_once_however_often_the_job_runs(pair: tuple[Cluster, Cluster]) -> None:
    web = Web(ALPHA)
    for _ in range(4):
        check_websites(day=DAY, fetch=web)
    assert sorted(web.asked) == [ALPHA, BETA]
    assert WebsiteCheck.objects.get(url=ALPHA).failures == 1


def test_a_slice_that_is_killed_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    for number in range(5):
        good(website=f"https://c{number}.example/")
    web = Web()

    def dying(url: str) -> Fetched:
        if len(web.asked) == 3:
            raise KeyboardInterrupt
        return web(url)

    with pytest.raises(KeyboardInterrupt):
        check_websites(day=DAY, fetch=dying)
    left = websites_left(DAY).count()
    assert left in (2, 3)  # each answer is stored for itself
    assert check_websites(day=DAY, fetch=web)["asked"] == left
    assert set(WebsiteCheck.objects.values_list("checked_on", "is_counted")) == {(DAY, True)}


def test_a_slice_ends_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        good(website=f"https://c{number}.example/")
    assert check_websites(day=DAY, fetch=Web(), seconds=0)["left"] == 3
    assert check_websites(day=DAY, fetch=Web())["left"] == 0


def test_changed_website_resets_the_count_and_a_removed_one_closes_the_finding(pair: tuple[Cluster, Cluster]) -> None:
    alpha, _beta = pair
    asked_on_days(3, Web(ALPHA))
    Cluster.objects.filter(pk=alpha.pk).update(website="https://new.example/")
    asked_on_days(1, Web("https://new.example/"), DAY + timedelta(days=3))
    assert open_kinds(alpha) == set()
    asked_on_days(2, Web("https://new.example/"), DAY + timedelta(days=4))
    assert open_kinds(alpha) == {"dead_website"}
    Cluster.objects.filter(pk=alpha.pk).update(website="")
    asked_on_days(1, Web(), DAY + timedelta(days=6))
    assert open_kinds(alpha) == set()
    assert [check.url for check in WebsiteCheck.objects.all()] == [BETA]


@contextmanager
def server(status: int) -> Iterator[int]:
    """Run a web server that answers everything with ``status``; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>A cluster</title><p>Hello")

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_address[1]
        running.shutdown()


def test_with_the_real_fetcher_up_is_up_and_down_is_down() -> None:
    with server(200) as up, server(500) as broken:
        ports = {"up.example": up, "broken.example": broken}
        sites = {name: good(website=f"http://{name}:{port}/") for name, port in ports.items()}
        with server(200) as closed:
            pass
        sites["closed.example"] = good(website=f"http://closed.example:{closed}/")
        permitted = frozenset({("127.0.0.1", port) for port in (up, broken, closed)})
        fetcher = Fetcher(resolver=lambda _host, _seconds: ["127.0.0.1"], permitted_for_tests=permitted)
        for number in range(3):
            check_websites(day=DAY + timedelta(days=number), fetch=fetcher.fetch)

    assert {name: open_kinds(cluster) for name, cluster in sites.items()} == {
        "up.example": set(), "broken.example": {"dead_website"}, "closed.example": {"dead_website"},
    }  # fmt: skip
    assert "error 500" in sites["broken.example"].findings.get().text
    assert "refuses connections" in sites["closed.example"].findings.get().text


def test_the_task_uses_the_real_fetcher(monkeypatch: pytest.MonkeyPatch) -> None:
    good(website="http://127.0.0.1/private")  # refused, so nothing is ever connected to
    assert check_cluster_websites() == {"asked": 1, "left": 0, "opened": 0, "closed": 0, "uncounted": 0}
    assert WebsiteCheck.objects.get().outcome == "unchecked"


def test_loading_the_data_checks_it_once_and_asks_no_website(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("no network while data is loaded"))
    output = io.StringIO()
    assert last_run() is None

    call_command("load_data", stdout=output, stderr=output)

    found = QualityFinding.objects.filter(closed_at=None)
    assert last_run() is not None
    assert found.count() > 100
    assert not found.filter(kind="dead_website").exists()
    assert f"Findings: {found.count()} opened, 0 closed" in output.getvalue()
