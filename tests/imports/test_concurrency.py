"""Two at once, with real locks: one file proposed twice in the same moment makes one set of submissions."""

import pytest

from imports.exceptions import ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.services import jobs, propose
from submissions.models import Submission
from tests.concurrency import at_once
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.imports.sheets import checked, csv_bytes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services("postgresql")]
WORDS = [first + last for first in ("Amber", "Basalt", "Copper", "Dahlia", "Ebony", "Fjord") for last in ("field", "gate", "holm", "mark", "stone", "wick")]  # fmt: skip


def content() -> bytes:
    lines = [["name", "country", "phone"], *[[f"{word} Ring", "DE", ""] for word in WORDS]]
    return csv_bytes([*lines, *[[f"Known {number} Thing", "DE", "+49 1 2345"] for number in range(6)]])


@pytest.fixture
def twins() -> list[SpreadsheetImport]:
    """Return two imports of one file, both checked before anything is proposed."""
    CountryFactory(code="DE", name="Germany")
    for number in range(6):
        ClusterFactory(name=f"Known {number} Thing", country_id="DE")
    return [checked(content(), name) for name in ("first.csv", "second.csv")]


def run(pk: int) -> None:
    while jobs.run(pk):
        pass


@pytest.mark.parametrize("attempt", range(5))
def test_one_file_proposed_twice_at_once_makes_one_set_of_submissions(twins, attempt):
    expected = propose.proposable(twins[0]).count()
    for spreadsheet in twins:
        propose.start_proposing(spreadsheet=spreadsheet, wakes=False)

    found = at_once(*[lambda pk=spreadsheet.pk: run(pk) for spreadsheet in twins])

    assert found == [None, None]
    assert set(SpreadsheetImport.objects.values_list("status", flat=True)) == {"proposed"}
    assert Submission.objects.open().count() == expected > 30
    assert ImportRow.objects.filter(outcome="proposed", submission=None).count() == expected


@pytest.mark.parametrize("attempt", range(3))
def test_a_button_pressed_twice_at_once_and_two_workers_make_one_set(twins, attempt):
    spreadsheet = twins[0]
    expected = propose.proposable(spreadsheet).count()

    found = at_once(*[lambda: propose.start_proposing(spreadsheet=spreadsheet, wakes=False)] * 2)
    at_once(*[lambda: run(spreadsheet.pk)] * 3)

    assert sum(isinstance(result, ImportRefused) for result in found) == 1
    assert Submission.objects.open().count() == expected > 30
