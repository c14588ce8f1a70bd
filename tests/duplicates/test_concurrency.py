"""Two at once, with real locks: one mail, one merge, no deadlock."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Event, Timer
from time import sleep
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from catalogue.models import Cluster
from duplicates.merging.exceptions import MergeNotPossible, UndoNotPossible
from duplicates.merging.services import merge
from duplicates.merging.undo import undo
from duplicates.models import ClusterMerge
from loading.load import load_all
from outbox.models import Message
from publicforms import links as signed_links
from publicforms.models import LinkToken
from quality import freshness
from quality.findings.data import check_data
from quality.findings.websites import check_websites
from quality.models import FreshnessPlan, FreshnessRequest, QualityFinding, WebsiteCheck
from submissions import emails
from submissions.exceptions import SubmissionRefused
from submissions.models import Submission
from submissions.services import drafts, retention, review, submit
from submissions.services.bulk import approve_each
from submissions.services.change_kind import turn_into_update
from tests.concurrency import at_once
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, pending, reviewer, update_of
from webcheck.fetcher import Fetched, Outcome

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services("postgresql")]


def test_runs_at_once_keep_to_the_number_of_the_day_together() -> None:
    FreshnessPlan.objects.create(pk=1, cap=3)
    for number in range(8):
        ClusterFactory(published=True, email=f"office@c{number}.example")

    found = at_once(*[freshness.run_plan] * 4)

    assert sum(result["asked"] for result in found) == FreshnessRequest.objects.count() == 3


def test_four_runs_of_the_plan_at_once_ask_each_cluster_once() -> None:
    rows = [ClusterFactory(published=True, email=f"office@c{number}.example") for number in range(6)]

    found = at_once(*[freshness.run_plan] * 4)

    assert sum(result["asked"] for result in found) == 6
    assert sorted(FreshnessRequest.objects.values_list("cluster", flat=True)) == sorted(row.pk for row in rows)
    assert Message.objects.count() == LinkToken.objects.count() == 6


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_merges_into_each_other_one_wins(attempt: int) -> None:
    one, other = ClusterFactory(published=True), ClusterFactory(published=True)

    found = at_once(
        lambda: merge(target=one, source=other, by=None, reason="One."),
        lambda: merge(target=other, source=one, by=None, reason="One."),
    )

    assert sorted(type(result).__name__ for result in found) == ["ClusterMerge", "MergeNotPossible"]
    assert Cluster.objects.published().count() == ClusterMerge.objects.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_a_decision_and_a_merge_at_once_end_in_one_order_or_the_other(attempt: int) -> None:
    target, source = ClusterFactory(published=True), ClusterFactory(published=True, place="Graz")
    submission = update_of(source, place="Linz")

    found = at_once(
        lambda: accept_all(Submission.objects.get(pk=submission.pk)),
        lambda: merge(target=target, source=source, by=None, reason="One."),
    )

    assert isinstance(found[1], ClusterMerge)
    assert not isinstance(found[0], Exception) or isinstance(found[0], SubmissionRefused)
    submission.refresh_from_db()
    assert submission.target == target
    assert Cluster.objects.published().get() == target


@pytest.mark.parametrize("attempt", range(5))
def test_two_reviewers_who_approve_one_cluster_sent_twice_make_one(attempt: int) -> None:
    rows = [pending(email="ada@photonics.example"), pending(email="bob@photonics.example")]
    snapshots = {row.pk: review.current_snapshot(row) for row in rows}

    found = at_once(
        *[lambda row=row: list(approve_each([row], reviewer=reviewer(), snapshots=snapshots)) for row in rows]
    )

    assert sorted(bool(result.reason) for results in found for result in results) == [False, True]
    assert Cluster.objects.count() == 1


def test_undone_twice_at_once_is_undone_once() -> None:
    target, source = ClusterFactory(published=True), ClusterFactory(published=True)
    log = merge(target=target, source=source, by=None, reason="One.")
    versions = target.history.count()

    found = at_once(*[lambda: undo(merge=ClusterMerge.objects.get(pk=log.pk), by=None)] * 2)

    assert sorted(type(result).__name__ for result in found) == ["ClusterMerge", "UndoNotPossible"]
    assert target.history.count() == versions + 1
    assert timezone.now() > ClusterMerge.objects.get().undone_at


def test_two_runs_over_the_websites_lose_no_answer_and_count_it_once() -> None:
    rows = [ClusterFactory(published=True, website=f"https://c{number}.example/") for number in range(30)]
    dead = rows[0]

    def ask(url: str) -> Fetched:
        sleep(0.005)
        if url == dead.website:
            return Fetched(Outcome.UNREACHABLE, url, "Its name does not exist.")
        return Fetched(Outcome.OK, url, status=200)

    for number in range(3):
        found = at_once(*[lambda day=date(2027, 3, 1 + number): check_websites(day=day, fetch=ask)] * 3)
        assert [result for result in found if isinstance(result, Exception)] == []

    assert WebsiteCheck.objects.filter(is_counted=True).count() == 30
    assert WebsiteCheck.objects.get(cluster=dead).failures == 3
    assert QualityFinding.objects.get(kind="dead_website", closed_at=None).cluster == dead


# --- one order of locks: each pair of acts several times, since emptying the tables takes longer than they do ---


def path_of(link: LinkToken) -> str:
    return "/" + signed_links.address_of(link).split("/", 3)[3]


def posted(link: LinkToken, **data: str) -> Callable[[], int]:
    """Return an act that presses a button of the page behind ``link`` and gives the status of the answer."""
    return lambda: Client(raise_request_exception=False).post(path_of(link), data).status_code


def two() -> tuple[Cluster, Cluster]:
    target = ClusterFactory(published=True, email="ada@kept.example", place="Graz")
    return target, ClusterFactory(published=True, email="bob@gone.example", place="Wels")


def fusing(target: Cluster, source: Cluster) -> Callable[[], ClusterMerge]:
    return lambda: merge(target=target, source=source, by=None, reason="One.")


def faults(found: list[Any], *refusals: type[Exception]) -> list[Any]:
    return [result for result in found if isinstance(result, Exception) and not isinstance(result, refusals)]


def test_an_undone_merge_and_a_decision() -> None:
    for _ in range(8):
        target, source = two()
        row = update_of(source, place="Linz")
        log = merge(target=target, source=source, by=None, reason="One.")

        found = at_once(
            lambda log=log: undo(merge=log, by=None),
            lambda row=row: accept_all(Submission.objects.get(pk=row.pk)),
        )

        assert faults(found, SubmissionRefused, UndoNotPossible) == []
        row.refresh_from_db()
        is_undone = isinstance(found[0], ClusterMerge)
        assert row.target == (source if is_undone else target)
        assert is_undone or row.status == "approved"


@pytest.mark.parametrize("answer", ["correct", "edit", "closed"])
def test_an_answer_to_a_reminder_and_a_merge(answer: str) -> None:
    FreshnessPlan.objects.create(pk=1)
    for _ in range(8):
        target, source = two()
        asked = freshness.ask(cluster=source, by=reviewer())

        found = at_once(posted(asked.link, answer=answer), fusing(target, source))

        assert faults(found) == []
        assert found[0] in (200, 302, 409)
        assert not Submission.objects.filter(target=source).exists()


@pytest.mark.parametrize("answer", ["edit", "closed"])
def test_a_link_to_correct_and_a_merge(answer: str) -> None:
    for _ in range(8):
        target, source = two()
        link = emails.send_edit_link(source, "bob@gone.example")

        found = at_once(posted(link, answer=answer), fusing(target, source))

        assert faults(found) == []
        assert found[0] in (302, 409)
        assert not Submission.objects.filter(target=source).exists()


def test_new_submissions_and_a_merge() -> None:
    for _ in range(6):
        target, source = two()

        found = at_once(
            lambda source=source: update_of(source, place="Linz"),
            lambda source=source: submit.propose(
                kind="update", channel="import", values={"phone": "+43 1"}, target=source
            ),
            fusing(target, source),
        )

        assert faults(found) == []
        assert (target.submissions.count(), source.submissions.count()) == (2, 0)


def test_a_new_one_that_is_an_update_and_a_merge() -> None:
    for number in range(6):
        target, source = two()
        row = pending(name=f"Alpine Photonics {number}", email=f"ada@p{number}.example")
        snapshot = review.current_snapshot(row)

        found = at_once(
            lambda row=row, source=source, snapshot=snapshot: turn_into_update(
                submission=row, cluster=source, reviewer=reviewer(), snapshot=snapshot
            ),
            fusing(target, source),
        )

        assert faults(found) == []
        row.refresh_from_db()
        assert row.target == target


def test_merges_round_in_a_circle() -> None:
    for _ in range(5):
        rows = [ClusterFactory(published=True) for _ in range(3)]
        for row in rows:
            update_of(row, place="Linz")
        logs = ClusterMerge.objects.count()

        found = at_once(*[fusing(rows[place], rows[place - 1]) for place in range(3)])

        assert faults(found, MergeNotPossible) == []
        left = Cluster.objects.published().filter(pk__in=[row.pk for row in rows])
        assert left.count() == 3 - (ClusterMerge.objects.count() - logs) >= 1
        about = Submission.objects.filter(target__in=rows).values_list("target", flat=True)
        assert set(about) <= set(left.values_list("pk", flat=True))


def test_withdrawing_and_deleting_and_a_merge() -> None:
    later = timezone.now() + timedelta(days=20)
    for _ in range(5):
        target, source = two()
        rows = [update_of(source, email=f"{name}@c.example", place="Linz") for name in ("ada", "bob")]
        for _draft in range(3):
            drafts.start_draft(kind="update", email="eve@c.example", target=source, is_email_confirmed=True)

        found = at_once(
            lambda rows=rows: [submit.withdraw(submission=row) for row in reversed(rows)],
            lambda: retention.delete_unconfirmed(now=later),
            fusing(target, source),
        )

        assert faults(found) == []
        assert list(target.submissions.values_list("status", flat=True)) == ["withdrawn"] * 2
        assert not source.submissions.exists()


def test_loading_the_files_and_merges() -> None:
    load_all(folder=settings.FIXTURE_DATA_DIR)
    for _ in range(2):
        # The files are not in the order of the keys: what is loaded first may be merged last.
        rows = list(Cluster.objects.published().filter(partner=None).order_by("pk"))

        found = at_once(
            lambda: load_all(folder=settings.FIXTURE_DATA_DIR),
            *[fusing(rows[place], rows[-1 - place]) for place in range(4)],
        )

        assert faults(found) == []


def test_the_nightly_findings_and_a_merge_that_moves_a_place_in_the_list_of_loyal_ones() -> None:
    """Findings about many clusters are checked by the database one after the other, at the end."""
    for _ in range(5):
        QualityFinding.objects.all().delete()
        Cluster.objects.update(loyal_position=None)
        rows = [ClusterFactory(published=True) for _ in range(80)]
        for first, last in ((rows[0], rows[-1]), (rows[1], rows[-2])):
            Cluster.objects.filter(pk=last.pk).update(loyal_position=last.pk)
            Cluster.objects.filter(pk=first.pk).update(loyal_position=last.pk + 1000)

        found = at_once(check_data, fusing(rows[0], rows[-1]), fusing(rows[1], rows[-2]))

        assert faults(found) == []


def test_merge_moves_rows_created_just_before_it_locked_the_cluster() -> None:
    target, source = two()
    came, look = Event(), Event()

    def begin() -> None:
        with transaction.atomic():
            Cluster.objects.select_for_update().get(pk=source.pk)
            came.set()
            assert look.wait(10)
            row = Submission.objects.create(kind="update", target=source, name="Gone", submitter_email="ada@c.example")
        # Its owner goes on with it at once: row first, then its cluster.
        drafts.save_draft(submission=row, values={"place": "Linz"})

    def fuse() -> ClusterMerge:
        assert came.wait(10)
        Timer(0.5, look.set).start()
        return fusing(target, source)()

    found = at_once(begin, fuse)

    assert faults(found) == []
    assert Submission.objects.get().target == target
