"""Two at once, with real locks: one mail, one merge, no deadlock."""

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalogue.fetcher import Fetched, Outcome
from catalogue.models import (
    Cluster,
    ClusterMerge,
    FreshnessPlan,
    FreshnessRequest,
    LinkToken,
    QualityFinding,
    Submission,
    WebsiteCheck,
)
from catalogue.services import freshness
from catalogue.services.findings import check_websites
from catalogue.services.merging import merge, undo
from catalogue.services.submissions import review
from catalogue.services.submissions.bulk import approve_each
from catalogue.services.submissions.refusals import SubmissionRefused
from outbox.models import Message
from tests.factories.catalogue import ClusterFactory
from tests.factories.submissions import accept_all, pending, reviewer, update_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services("postgresql")]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run ``acts`` in threads that start together; return what each gave or raised."""
    gate, found = Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            found[place] = act()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=entry) for entry in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


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
        lambda: merge(kept=one, gone=other, by=None, reason="One."),
        lambda: merge(kept=other, gone=one, by=None, reason="One."),
    )

    assert sorted(type(result).__name__ for result in found) == ["ClusterMerge", "MergeNotPossible"]
    assert Cluster.objects.published().count() == ClusterMerge.objects.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_a_decision_and_a_merge_at_once_end_in_one_order_or_the_other(attempt: int) -> None:
    kept, gone = ClusterFactory(published=True), ClusterFactory(published=True, place="Graz")
    submission = update_of(gone, place="Linz")

    found = at_once(
        lambda: accept_all(Submission.objects.get(pk=submission.pk)),
        lambda: merge(kept=kept, gone=gone, by=None, reason="One."),
    )

    assert isinstance(found[1], ClusterMerge)
    assert not isinstance(found[0], Exception) or isinstance(found[0], SubmissionRefused)
    submission.refresh_from_db()
    assert submission.target == kept
    assert Cluster.objects.published().get() == kept


@pytest.mark.parametrize("attempt", range(5))
def test_two_reviewers_who_approve_one_cluster_sent_twice_make_one(attempt: int) -> None:
    rows = [pending(email="ada@photonics.example"), pending(email="bob@photonics.example")]
    seen = {row.pk: review.seen_now(row) for row in rows}

    found = at_once(*[lambda row=row: list(approve_each([row], reviewer=reviewer(), seen=seen)) for row in rows])

    assert sorted(bool(result.refusal) for results in found for result in results) == [False, True]
    assert Cluster.objects.count() == 1


def test_undone_twice_at_once_is_undone_once() -> None:
    kept, gone = ClusterFactory(published=True), ClusterFactory(published=True)
    log = merge(kept=kept, gone=gone, by=None, reason="One.")
    versions = kept.history.count()

    found = at_once(*[lambda: undo(merge=ClusterMerge.objects.get(pk=log.pk), by=None)] * 2)

    assert sorted(type(result).__name__ for result in found) == ["ClusterMerge", "UndoNotPossible"]
    assert kept.history.count() == versions + 1
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
        found = at_once(*[lambda night=date(2027, 3, 1 + number): check_websites(night=night, fetch=ask)] * 3)
        assert [result for result in found if isinstance(result, Exception)] == []

    assert WebsiteCheck.objects.filter(is_counted=True).count() == 30
    assert WebsiteCheck.objects.get(cluster=dead).failures == 3
    assert QualityFinding.objects.get(kind="dead_website", closed_at=None).cluster == dead
