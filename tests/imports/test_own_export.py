"""Our own export, imported again, changes nothing: CSV in every separator, and Excel, of the whole catalogue."""

import io

import pytest

from catalogue.exports.columns import clusters_of
from catalogue.exports.writers import csv_lines, write_xlsx
from catalogue.models import Cluster
from imports.models import ImportRow
from spreadsheets.writer import SEPARATORS
from tests.imports.sheets import checked

pytestmark = pytest.mark.both_databases

BASE = "https://portal.example"


def _not_unchanged(spreadsheet) -> list:
    rows = spreadsheet.rows.exclude(outcome=ImportRow.Outcome.UNCHANGED)
    return list(rows.values_list("number", "outcome", "changes", "messages"))


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("empty_deletes", [False, True])
def test_csv_of_the_real_data_changes_nothing(data, separator, empty_deletes):
    every = Cluster.objects.all()
    content = "".join(csv_lines(clusters_of(every), BASE, SEPARATORS[separator])).encode()

    spreadsheet = checked(content, empty_deletes=empty_deletes)

    assert _not_unchanged(spreadsheet) == []
    assert spreadsheet.counts == {"unchanged": every.count()}


def test_excel_of_the_real_data_changes_nothing(data):
    file = io.BytesIO()
    write_xlsx(file, clusters_of(Cluster.objects.all()), BASE, "")

    spreadsheet = checked(file.getvalue(), "clusters.xlsx", empty_deletes=True)

    assert _not_unchanged(spreadsheet) == []
    assert spreadsheet.counts == {"unchanged": Cluster.objects.count()}
