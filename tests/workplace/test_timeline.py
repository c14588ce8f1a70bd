"""The timeline of a record: merged from many sources, in pages that neither double nor lose an entry."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from duplicates.models import ClusterMerge
from outbox.models import Message
from quality.models import FreshnessRequest, QualityFinding
from submissions.models import Submission
from submissions.services.retention import anonymise
from tests.factories.catalogue import ClusterFactory
from tests.factories.consortium import ROLES, PartnerFactory, UserFactory, sign_in
from tests.factories.submissions import accept_all, draft, update_of
from workplace.timeline import BrokenCursor, Entry, TimelineSource, timeline_of, timeline_sources

pytestmark = pytest.mark.django_db
NOON = datetime(2020, 3, 1, 12, tzinfo=UTC)
LABELS = {
    "Profile", "Merge", "Merge undone", "Submission", "Decision", "Mail", "Finding opened", "Finding closed",
    "Freshness request", "Freshness answer",
}  # fmt: skip


def page_of(cluster: Cluster) -> str:
    return reverse("admin:catalogue_cluster_timeline", args=[cluster.pk])


# --- pages of any size ---


@pytest.fixture
def sources() -> Iterator[list[str]]:
    """Three sources on partners: their own rows, users that joined and users that signed in, some never."""
    made = [
        TimelineSource(f"test-{name}", name, "consortium.Partner", rows, moment, entry, order=order)
        for name, rows, moment, entry, order in (
            ("joined", lambda _request, partner: partner.users.all(), "date_joined", _joined, 5),
            ("signed-in", lambda _request, partner: partner.users.all(), "last_login", _signed_in, 5),
            ("versions", lambda _request, partner: partner.history.all(), "history_date", _version, 1),
            ("hidden", lambda _request, _partner: None, "nothing", _version, 2),
        )
    ]
    timeline_sources.register(*made)
    yield [source.name for source in made]
    for source in made:
        timeline_sources.unregister(source.name)


def _joined(row: Any) -> Entry:
    return Entry(row.date_joined, f"joined {row.pk}")


def _signed_in(row: Any) -> Entry:
    return Entry(row.last_login, f"signed in {row.pk}")


def _version(row: Any) -> Entry:
    return Entry(row.history_date, f"version {row.pk}")


@pytest.mark.parametrize("seed", range(6))
def test_pages_of_every_size_together_are_the_whole_though_newer_rows_come_between(
    sources: list[str], seed: int
) -> None:
    chance = Random(seed)  # noqa: S311  the same rows in every run
    request = RequestFactory().get("/")
    partner = PartnerFactory()
    # Few moments, so that many rows share one, within a source and over several.
    moments = [NOON + timedelta(microseconds=step) for step in range(4)] + [NOON - timedelta(days=900)]

    def add(at: Callable[[], datetime | None]) -> None:
        user = UserFactory(username=f"user{User.objects.count()}", last_login=at())
        User.objects.filter(pk=user.pk).update(date_joined=at() or NOON)
        partner.users.add(user)

    for _ in range(chance.randint(3, 9)):
        add(lambda: chance.choice([*moments, None]))
        partner.save()
    for version in partner.history.all():
        partner.history.filter(pk=version.pk).update(history_date=chance.choice(moments))
    rows = [
        *((row.date_joined, (5, "test-joined"), row.pk, f"joined {row.pk}") for row in partner.users.all()),
        *(
            (row.last_login, (5, "test-signed-in"), row.pk, f"signed in {row.pk}")
            for row in partner.users.exclude(last_login=None)
        ),
        *((row.history_date, (1, "test-versions"), row.pk, f"version {row.pk}") for row in partner.history.all()),
    ]
    expected = [row[3] for row in sorted(rows, key=lambda row: (NOON - row[0], row[1], -row[2]))]
    assert len(expected) >= 6

    for size in range(1, len(expected) + 2):
        titles, before = [], ""
        while True:
            page = timeline_of(request, partner, before=before, size=size)
            titles += [item.entry.title for item in page.items]
            before = page.older
            if not before:
                break
            assert len(page.items) == size
            add(lambda: NOON + timedelta(days=1))
        assert titles == expected
        partner.users.filter(date_joined__gt=NOON + timedelta(hours=1)).delete()
        partner.history.filter(history_date__gt=NOON + timedelta(hours=1)).delete()


def test_pages_of_one_kind_together_are_all_of_the_kind(sources: list[str]) -> None:
    partner = PartnerFactory(users=[UserFactory(last_login=NOON) for _ in range(5)])
    request, titles, before = RequestFactory().get("/"), [], ""

    while True:
        page = timeline_of(request, partner, kinds=["test-signed-in"], before=before, size=2)
        titles += [item.entry.title for item in page.items]
        if not (before := page.older):
            break

    keys = sorted(partner.users.values_list("pk", flat=True), reverse=True)
    assert titles == [f"signed in {pk}" for pk in keys]
    assert [source.label for source in page.sources] == ["versions", "joined", "signed-in"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "1~test-joined", "1~nothing~1", "1~test-joined~x", "~~", "9" * 18 + "~test-joined~1",
        "-" + "9" * 18 + "~test-joined~1", f"1~test-joined~{'9' * 40}", "1~profile~1", "1~test-joined~1\x00", "\x00",
        "1~test-joined~1~", "١~test-joined~1",
    ],
)  # fmt: skip
def test_a_broken_place_is_refused(sources: list[str], cursor: str) -> None:
    partner = PartnerFactory()

    with pytest.raises(BrokenCursor):
        timeline_of(RequestFactory().get("/"), partner, before=cursor)
    response = sign_in("superuser").get(
        reverse("admin:consortium_partner_timeline", args=[partner.pk]), {"before": cursor}
    )
    assert response.status_code == (400 if "\x00" in cursor else 404)


def test_a_place_far_away_shows_an_empty_page(sources: list[str]) -> None:
    partner = PartnerFactory()
    url = reverse("admin:consortium_partner_timeline", args=[partner.pk])

    response = sign_in("superuser").get(url, {"before": "-62135596800000000~test-joined~1"})

    assert response.status_code == 200
    assert "There is nothing older." in response.content.decode()


def test_every_model_with_a_source_offers_its_timeline(sources: list[str]) -> None:
    partner, client = PartnerFactory(), sign_in("coordinator")
    url = reverse("admin:consortium_partner_timeline", args=[partner.pk])

    for name in ("change", "history"):
        page = client.get(reverse(f"admin:consortium_partner_{name}", args=[partner.pk])).content.decode()
        assert f'<a href="{url}">Timeline</a>' in page
    assert client.get(url).status_code == 200


def test_a_model_without_source_has_no_timeline() -> None:
    partner, client = PartnerFactory(), sign_in("coordinator")

    page = client.get(reverse("admin:consortium_partner_change", args=[partner.pk])).content.decode()

    assert "Timeline" not in page
    assert client.get(reverse("admin:consortium_partner_timeline", args=[partner.pk])).status_code == 404


@pytest.mark.parametrize("key", ["0", "x", "9" * 30, "1%00"])
def test_no_record_has_no_timeline(key: str) -> None:
    assert sign_in("superuser").get(f"/admin/catalogue/cluster/{key}/timeline/").status_code == 404


def test_the_page_takes_no_post() -> None:
    assert sign_in("superuser").post(page_of(ClusterFactory())).status_code == 405


# --- clusters ---


def full_cluster(times: int = 1) -> Cluster:
    """Return a cluster to which every kind of thing happened ``times`` times."""
    cluster = ClusterFactory(published=True, name="Alpine Lasers")
    editor = UserFactory(username="edith", first_name="Edith", last_name="Example")
    now = timezone.now()
    for number in range(times):
        cluster._change_reason, cluster._history_user = "A better summary", editor
        cluster.save()
        accept_all(update_of(cluster, summary=f"Text {number}."))
        gone = ClusterFactory(name=f"Old Lasers {number}")
        ClusterMerge.objects.create(target=cluster, source=gone, merged_by=editor, reason="The same", undone_at=now)
        QualityFinding.objects.create(cluster=cluster, kind="no_contact", text="No contact.", closed_at=now)
        FreshnessRequest.objects.create(
            cluster=cluster, email="ada@photonics.example", asked_by=editor, answer="correct", answered_at=now
        )
    return cluster


def shown_to(role: str, cluster: Cluster, **query: Any) -> str:
    response = sign_in(role).get(page_of(cluster), query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_cluster_shows_everything_that_happened_to_it() -> None:
    page = shown_to("coordinator", full_cluster())

    for text in (
        "A better summary", "by Edith Example", "Old Lasers 0 was merged into Alpine Lasers",
        "The merge of Old Lasers 0 into Alpine Lasers was undone", "Approved (update)", "Came into the queue (update)",
        "To ada@photonics.example", "No longer: No contact", "Asked whether the profile is still right",
        "The cluster answered: still correct",
    ):  # fmt: skip
        assert text in page
    for label in LABELS:
        assert f'<span class="badge">{label}</span>' in page


def test_a_merge_is_on_the_timeline_of_the_one_taken_in_too() -> None:
    full_cluster()

    page = shown_to("coordinator", Cluster.objects.get(name="Old Lasers 0"))

    assert "Old Lasers 0 was merged into Alpine Lasers" in page


@pytest.mark.parametrize("role", ROLES)
def test_each_group_sees_what_it_may_see(role: str) -> None:
    cluster = full_cluster()

    response = sign_in(role).get(page_of(cluster))

    if role in ("anonymous", "member"):
        assert response.status_code == (302 if role == "anonymous" else 403)
        return
    page = response.content.decode()
    assert {label for label in LABELS if f'<span class="badge">{label}</span>' in page} == LABELS
    sees_recipients = role not in ("reviewer", "evaluator")  # no permission on mails
    assert ("ada@photonics.example" in page) is sees_recipients
    assert ("/admin/outbox/message/" in page.partition('id="content-main"')[2]) is sees_recipients


@pytest.mark.parametrize(
    ("permission", "labels"),
    [
        ("view_clustermerge", {"Merge", "Merge undone"}),
        ("view_submission", {"Submission", "Decision", "Mail"}),
        ("view_qualityfinding", {"Finding opened", "Finding closed"}),
        ("view_freshnessrequest", {"Freshness request", "Freshness answer"}),
    ],
)
def test_each_source_asks_for_its_own_permission(permission: str, labels: set[str]) -> None:
    from django.contrib.auth.models import Permission

    cluster, client = full_cluster(), sign_in("member")
    user = User.objects.get(username="member")
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_cluster", permission]))

    page = client.get(page_of(cluster)).content.decode()

    assert {label for label in LABELS if f'<span class="badge">{label}</span>' in page} == {"Profile", *labels}
    assert {label for label in LABELS if f">{label}</a>" in page} == {"Profile", *labels}


def test_kinds_narrow_the_timeline_down() -> None:
    cluster = full_cluster()

    page = shown_to("read-only", cluster, kind=["decision", "merge"])

    assert "Approved (update)" in page
    assert "was merged into" in page
    assert "Came into the queue" not in page
    assert 'href="?kind=merge"' in page  # takes the decisions away again


def test_a_kind_that_does_not_exist_shows_all() -> None:
    assert "A better summary" in shown_to("read-only", full_cluster(), kind="nonsense")


def test_nothing_of_a_kind_says_so() -> None:
    assert "Nothing of this kind has happened yet." in shown_to("read-only", ClusterFactory(), kind="merge")


def test_drafts_are_nobodys_business() -> None:
    cluster = ClusterFactory(published=True)
    row = draft()
    Submission.objects.filter(pk=row.pk).update(kind="update", target=cluster)

    page = shown_to("coordinator", cluster)

    assert "The form was begun" not in page
    assert "ada@photonics.example" not in page


def test_nothing_personal_is_left_after_anonymisation() -> None:
    cluster = ClusterFactory(published=True)
    row = update_of(cluster, summary="New text.")
    row.events.filter(kind="sent").update(text="Ada wrote")
    accept_all(row)
    Message.objects.update(status="accepted", outcome_at=timezone.now(), secrets=None)
    assert "Ada wrote" in shown_to("coordinator", cluster)
    assert "ada@photonics.example" in shown_to("coordinator", cluster)

    assert anonymise(now=timezone.now() + timedelta(days=9999)) == 1

    page = shown_to("coordinator", cluster)
    assert "Approved (update)" in page
    assert "Ada" not in page
    assert "photonics.example" not in page


def test_thirty_of_each_cost_as_many_queries_as_one() -> None:
    one, many, client = full_cluster(), full_cluster(30), sign_in("coordinator")
    client.get(page_of(one))
    costs = []

    for cluster in (one, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(page_of(cluster)).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_older_and_newest_lead_through_the_whole_timeline() -> None:
    cluster, client = full_cluster(12), sign_in("coordinator")
    url, seen = page_of(cluster), 0

    while url:
        response = client.get(url)
        timeline = response.context["timeline"]
        seen += len(timeline.items)
        page = response.content.decode()
        assert ("Older</a>" in page) is bool(timeline.older)
        url = f"{page_of(cluster)}?before={timeline.older}" if timeline.older else ""

    assert "Newest</a>" in page
    whole = timeline_of(response.wsgi_request, cluster, size=10_000)
    assert seen == len(whole.items) > 100
