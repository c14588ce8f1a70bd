"""A cell merged over several rows of a workbook stands in each of them; in CSV the blanks below are explained."""

import io

import openpyxl
import pytest

from imports.models import ImportRow
from spreadsheets import workbooks
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import Layout, look_into, read_rows
from tests.factories.catalogue import CountryFactory, RegionFactory
from tests.imports.sheets import checked, csv_bytes, saved

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HEAD = ["Country", "Region", "Cluster", "Phone"]


@pytest.fixture(autouse=True)
def _places():
    for code, name in (("ES", "Spain"), ("PT", "Portugal")):
        CountryFactory(code=code, name=name)
    RegionFactory(slug="basque", name="Basque Country", country_id="ES")


def book(rows, *ranges) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cells in ranges:
        made.active.merge_cells(cells)
    return saved(made)


def rows_of(content) -> dict[int, ImportRow]:
    return {row.number: row for row in checked(content, "list.xlsx").rows.all()}


def test_a_merged_country_and_region_apply_to_each_row():
    rows = rows_of(
        book(
            [
                HEAD, ["Spain", "Basque Country", "Alpha Optics", ""], [None, None, "Beta Marine", ""], [None, None, "Gamma Song", ""],
                ["Portugal", None, "Delta Wood", ""], [None, None, "Epsilon Rail", ""], [None, None, "Zeta Steel", ""],
            ],
            "A2:A4", "B2:B3", "A5:A6",
        )
    )  # fmt: skip

    found = {number: (row.values.get("country"), row.values.get("region")) for number, row in rows.items()}
    assert {number: found[number] for number in (2, 3, 4, 5, 6)} == {
        2: ("ES", "basque"), 3: ("ES", "basque"), 4: ("ES", None), 5: ("PT", None), 6: ("PT", None),
    }  # fmt: skip
    assert rows[2].notes == []
    assert rows[3].notes == ["From a merged cell: Country (lines 2 to 4), Region (lines 2 to 3)."]
    assert rows[6].notes == ["From a merged cell: Country (lines 5 to 6)."]
    # Below the merged cell nothing is filled.
    assert (rows[7].outcome, rows[7].messages) == ("error", {"country": ["This is needed. Fill in the cell."]})


def test_blanks_that_are_not_merged_are_not_filled():
    rows = rows_of(book([HEAD, ["Spain", None, "Alpha Optics"], [None, None, "Beta Marine"]]))

    assert rows[3].outcome == "error"


def test_blank_rows_stay_blank_and_columns_at_the_end_are_filled():
    rows = rows_of(
        book(
            [["Cluster", "Country"], ["Alpha Optics", "Spain"], ["Beta Marine"], [None], ["Gamma Song"], [None]],
            "B2:B6",
        )
    )

    assert {number: row.values["country"] for number, row in rows.items()} == {2: "ES", 3: "ES", 5: "ES"}


def test_headings_over_two_lines_say_nothing_of_the_rows_below():
    content = book(
        [["Country", "Region", "Cluster", "Phone"], [None, None, "Alpha Optics"], ["Spain", None, "Beta Marine"]],
        "A1:A2",
    )  # fmt: skip
    rows = rows_of(content)

    assert rows[2].messages == {"country": ["This is needed. Fill in the cell."]}
    assert rows[3].outcome == "new"


def test_a_block_over_columns_stands_in_its_first_one():
    rows = rows_of(book([HEAD, ["Spain", None, "Alpha Optics"], [None, None, "Beta Marine"]], "A2:B3"))

    assert (rows[3].values["country"], rows[3].values.get("region")) == ("ES", None)


def test_too_many_merged_cells_are_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_MERGED", 1)
    content = book([HEAD, *[["Spain", None, f"Fresh {n}"] for n in range(6)]], "A2:A3", "A4:A5")

    with pytest.raises(FileProblem, match="more than 1 merged cells"):
        look_into(io.BytesIO(content), name="list.xlsx")


def test_ranges_are_found_wherever_the_parts_of_the_file_end(tmp_path):
    lines = [HEAD, *[["Spain", None, f"Fresh {n}", "x" * 50] for n in range(4000)]]
    path = tmp_path / "list.xlsx"
    path.write_bytes(book(lines, *[f"A{n}:A{n + 1}" for n in range(2, 4000, 2)]))
    with path.open("rb") as file:
        found = [row.merged for row in read_rows(file, Layout("xlsx"), "list.xlsx", below=1)]

    assert sum(map(bool, found)) == 1999


def test_in_csv_the_blank_is_explained():
    rows = {
        row.number: row
        for row in checked(
            csv_bytes(
                [HEAD, ["", "", "Zero First", ""], ["Spain", "", "Alpha Optics", ""], ["", "", "Beta Marine", ""]]
            )
        ).rows.all()
    }

    told = "This is needed. Fill in the cell. In CSV a merged cell is in its first line only: fill it down."
    assert rows[4].messages == {"country": [told]}
    assert rows[2].messages == {"country": ["This is needed. Fill in the cell."]}
