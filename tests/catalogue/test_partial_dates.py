"""Dates as exact as they are known: what is accepted, how it is read, that nothing is made up."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from catalogue.models import ShowcaseItem
from catalogue.partial_dates import partial_date_text, validate_date_or_span, validate_partial_date
from tests.factories.catalogue import ClusterFactory

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2019", "2019"), ("2019-06", "June 2019"), ("2019-06-03", "3 June 2019"),
        ("2017-05/2021-04", "May 2017 – April 2021"), ("2017/2019", "2017 – 2019"), ("", ""), ("Granada", "Granada"),
    ],
)  # fmt: skip
def test_a_date_is_read_as_exact_as_it_is(value: str, text: str) -> None:
    assert partial_date_text(value) == text


@pytest.mark.parametrize("value", ["", "19", "2019-6", "2019-13", "2019-02-30", "June 2019", "2019-06-", "2019/2020"])
def test_what_is_no_date_of_the_calendar_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="such as 2019-06"):
        validate_partial_date(value)


@pytest.mark.parametrize("value", ["2021-04/2017-05", "2017/2018/2019"])
def test_a_span_goes_from_earlier_to_later(value: str) -> None:
    validate_date_or_span("2017-05/2021-04")
    with pytest.raises(ValidationError, match="the earlier one first"):
        validate_date_or_span(value)


@pytest.mark.django_db
def test_the_database_refuses_other_text_and_sorts_the_latest_first() -> None:
    cluster = ClusterFactory()
    for date in ("", "2018-04", "2019", "2017-05/2021-04", "2018-12"):
        ShowcaseItem.objects.create(cluster=cluster, kind="event", title=f"On {date}", date=date)
    with pytest.raises(IntegrityError), transaction.atomic():
        ShowcaseItem.objects.create(cluster=cluster, kind="event", title="Some day", date="some day")

    assert [item.date for item in cluster.showcase_items.all()] == [
        "2019", "2018-12", "2018-04", "2017-05/2021-04", "",
    ]  # fmt: skip
