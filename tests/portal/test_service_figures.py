"""The figures of the service on the home page: true, linked, and honest while there is nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.figures import service_figures
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def shown() -> list[tuple[str, str, str]]:
    return [(figure.value, figure.note, figure.url) for figure in service_figures()]


def decided(days: float, *, ago: int = 1, **values: Any) -> None:
    """Make a submission that was decided ``ago`` days ago after ``days`` days in the queue."""
    end = timezone.now() - timedelta(days=ago)
    start = end - timedelta(days=days)
    Submission.objects.create(**{
        "kind": "update", "status": "approved", "name": "A", "target": ClusterFactory(), "submitted_at": start,
        "confirmed_at": start, "decided_at": end, "channel": "form", **values,
    })  # fmt: skip


@time_machine.travel(datetime(2027, 5, 20, 12, tzinfo=timezone.get_default_timezone()), tick=False)
def test_share_median_and_quarter() -> None:
    today = timezone.localdate()
    for days in (1, 49, 50, 365, 366, None):  # the quarter began 49 days ago
        ClusterFactory(published=True, confirmed_on=None if days is None else today - timedelta(days=days))
    ClusterFactory(confirmed_on=today)
    for days in (2, 4, 9):
        decided(days)
    decided(100, channel="import")
    decided(100, ago=366)
    decided(0, status="withdrawn", decided_at=None)
    decided(100, status="rejected", reason="No.", channel="api")

    assert shown() == [
        ("66%", "4 of 6", "/clusters/?confirmed_since=2026-05-20&sort=-confirmed"),
        ("6 days", "median of 4 reviews in 12 months", ""),
        ("2", "since 1 April 2027", "/clusters/?confirmed_since=2027-04-01&sort=-confirmed"),
    ]


@time_machine.travel(datetime(2027, 5, 20, 12, tzinfo=timezone.get_default_timezone()), tick=False)
def test_a_figure_leads_to_the_list_that_it_counts(client: Client) -> None:
    today = timezone.localdate()
    for days in (1, 49, 50, 365, 366, None):
        ClusterFactory(published=True, confirmed_on=None if days is None else today - timedelta(days=days))

    found = [client.get(figure.url).context["listing"].total for figure in service_figures() if figure.url]

    assert found == [4, 2]


@pytest.mark.parametrize(("days", "words"), [(0.2, "under a day"), (1, "1 day"), (1.4, "1 day"), (2.6, "3 days")])
def test_review_time_in_words(days: float, words: str) -> None:
    ClusterFactory(published=True, confirmed_on=timezone.localdate())
    decided(days)
    assert shown()[1][:2] == (words, "median of 1 review in 12 months")


def test_figures_are_shown_from_the_first_confirmed_profile_on(client: Client) -> None:
    cluster = ClusterFactory(published=True)
    ClusterFactory(confirmed_on=timezone.localdate())  # not public
    assert shown() == []
    assert "How fresh it is" not in client.get("/").content.decode()

    cluster.confirmed_on = timezone.localdate() - timedelta(days=400)
    cluster.save()
    assert [figure[:2] for figure in shown()][:2] == [("0%", "0 of 1"), ("–", "no reviews yet")]
    assert "How fresh it is" in client.get("/").content.decode()


def test_the_home_page_costs_the_same_for_any_number(client: Client) -> None:
    counts = []
    for number in (1, 4):
        for _ in range(number):
            decided(2)
            ClusterFactory(published=True, confirmed_on=timezone.localdate())
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
