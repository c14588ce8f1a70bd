"""The dry run: what each row would do, with before and after, messages that help, and merged cells."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Cluster, OldSlug
from imports.exceptions import ImportRefused
from imports.models import ColumnMapping, ImportRow
from imports.services import upload
from spreadsheets import worksheets
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import Layout, inspect_file, read_rows
from submissions.models import Submission
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory
from tests.imports.sheets import checked, checked_rows, csv_bytes, guessed, saved, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


HEAD = ["name", "country", "members"]


@pytest.fixture(autouse=True)
def _countries():
    CountryFactory(code="DE", name="Germany")
    CountryFactory(code="AT", name="Austria")


def outcomes(rows) -> list[tuple[int, str]]:
    return [(row.number, row.outcome) for row in rows]


def test_dry_run_gives_each_row_its_outcome():
    alpine = ClusterFactory(name="Alpine Photonics Cluster", country_id="AT", members=80, members_qualifier="exact")
    ClusterFactory(name="Baltic Marine Network", country_id="DE", members=12, members_qualifier="exact")
    ClusterFactory(name="Rhine Valley Robotics Alliance", country_id="DE")

    rows = checked_rows(
        [
            HEAD,
            ["Alpine Photonics Cluster", "AT", "ca. 120"],
            ["Baltic Marine Network", "Germany", "12"],
            ["Rhine Valley Robotics Alliances", "DE", ""],
            ["Sound of Munich", "DE", "500+"],
            ["", "DE", ""],
            ["Nowhere Cluster", "Atlantis", "many"],
        ]
    )

    assert outcomes(rows) == [(2, "update"), (3, "unchanged"), (4, "duplicate"), (5, "new"), (6, "error"), (7, "error")]
    update, _same, duplicate, new, empty, wrong = rows
    assert (update.cluster, update.values) == (alpine, {"members": 120, "members_qualifier": "approximately"})
    assert update.changes == {"members": ["80", "120"], "members_qualifier": ["exactly", "approximately"]}
    assert duplicate.matches[0]["name"] == "Rhine Valley Robotics Alliance"
    assert duplicate.score == duplicate.matches[0]["score"] >= 0.6
    assert new.values == {"name": "Sound of Munich", "country": "DE", "members": 500, "members_qualifier": "at_least"}
    assert empty.messages == {"name": ["This is needed. Fill in the cell."]}
    assert set(wrong.messages) == {"country", "members"}
    assert Submission.objects.count() == 0
    assert Cluster.objects.count() == 3


def test_rows_are_found_by_id_slug_former_slug_and_name():
    cluster = ClusterFactory(name="Alpine Photonics Cluster", country_id="AT", slug="alpine")
    OldSlug.objects.create(slug="old-alpine", cluster=cluster)
    other = ClusterFactory(name="Other", country_id="DE", slug="other")
    rows = checked_rows(
        [
            ["id", "slug", "name", "country"],
            [cluster.public_id, "", "", ""],
            ["", "other", "", ""],
            ["", "", "ALPINE photonics-cluster", "AT"],
            [cluster.public_id, "other", "", ""],
            ["", "nobody", "Somebody", "DE"],
            ["no id", "", "Somebody", "DE"],
            ["00000000-0000-4000-8000-000000000000", "", "", ""],
        ]
    )

    assert [(row.outcome, row.cluster) for row in rows[:2]] == [("unchanged", cluster), ("unchanged", other)]
    assert rows[2].messages == {"": ["Line 2 is about the same cluster. Keep one of the two lines."]}
    assert [list(row.messages) for row in rows[3:]] == [["slug"], ["slug"], ["id"], ["id"]]
    assert checked_rows([["slug", "name"], ["old-alpine", "Alpine Photonics Cluster"]])[0].cluster == cluster


def test_second_line_about_a_new_cluster_is_an_error():
    rows = checked_rows([HEAD, ["Fresh Cluster", "DE", ""], ["Fresh", "DE", ""], ["fresh  CLUSTER", "Germany", "7"]])

    assert outcomes(rows) == [(2, "new"), (3, "duplicate"), (4, "error")]
    assert rows[2].messages == {"": ["Line 2 is about the same cluster. Keep one of the two lines."]}


def test_an_empty_cell_says_nothing_unless_staff_wants_it():
    cluster = ClusterFactory(
        name="Alpine",
        country_id="AT",
        acronym="ALP",
        members=80,
        members_qualifier="exact",
        terms=[TermFactory(slug="health")],
    )
    head = ["slug", "name", "country", "acronym", "members", "verticals"]
    line = [cluster.slug, "", "", "", "", ""]

    assert outcomes(checked_rows([head, line])) == [(2, "unchanged")]
    by_name = [["name", "country", "acronym"], ["Alpine", "AT", ""]]
    assert outcomes(checked_rows(by_name, empty_deletes=True)) == [(2, "unchanged")]  # not identified
    row = checked_rows([head, line], empty_deletes=True)[0]
    assert row.values == {"acronym": "", "verticals": [], "members": None, "members_qualifier": ""}
    assert row.changes["acronym"] == ["ALP", ""]


def test_fills_only_fills_gaps_and_changes_no_value():
    health, space = TermFactory(slug="health", name="Health"), TermFactory(slug="space", name="Space")
    cluster = ClusterFactory(name="Alpine", country_id="AT", acronym="ALP", place="Graz", terms=[health])
    rows = [
        ["name", "country", "acronym", "phone", "verticals", "place", "latitude", "longitude", "members"],
        ["Alpine", "AT", "OTHER", "+43 1 2345", "Space", "Wien", "48.2", "16.3", "7"],
    ]

    row = checked_rows(rows, fills_only=True)[0]

    assert row.cluster == cluster
    assert row.values == {
        "phone": "+43 1 2345", "verticals": ["health", "space"], "members": 7, "members_qualifier": "exact",
    }  # fmt: skip
    assert checked_rows(rows)[0].values == {
        "acronym": "OTHER", "phone": "+43 1 2345", "verticals": [space.slug], "place": "Wien", "latitude": "48.2",
        "longitude": "16.3", "precision": "seat", "members": 7, "members_qualifier": "exact",
    }  # fmt: skip


def test_rules_between_fields_are_checked_against_the_profile():
    RegionFactory(country_id="DE", name="Bavaria", slug="bavaria")
    cluster = ClusterFactory(name="Alpine", country_id="AT", members=10, members_qualifier="exact")
    rows = checked_rows(
        [
            ["slug", "name", "country", "region", "members_sme", "summary", "website", "email", "columns"],
            [cluster.slug, "", "", "Bavaria", "11", "x" * 601, "not a web page", "nobody", ""],
            ["", "Fresh", "DE", "bavaria", "", "", "www.fresh.example", "", ""],
        ]
    )

    assert set(rows[0].messages) == {"region", "members_sme", "summary", "website", "email"}
    assert "Bavaria is a region of Germany" in rows[0].messages["region"][0]
    assert "601 of 600 characters. Shorten it by 1." in rows[0].messages["summary"][0]
    assert (rows[1].outcome, rows[1].values["region"], rows[1].values["website"]) == (
        "new",
        "bavaria",
        "https://www.fresh.example",
    )


def test_two_columns_that_contradict_each_other():
    rows = checked_rows(
        [["name", "country", "country code"], ["A Cluster", "Germany", "AT"], ["B Cluster", "Germany", "DE"]]
    )

    assert rows[0].messages == {
        "country": ["The columns “country” and “country code” contradict each other. Correct one, or empty it."]
    }
    assert rows[1].outcome == "new"


def test_a_qualifier_in_the_cell_and_in_its_column():
    head = ["name", "country", "members", "members_qualifier"]
    rows = checked_rows(
        [head, ["A", "DE", "500+", "at least"], ["B", "DE", "ca. 500", "exact"], ["C", "DE", "", "exact"]]
    )

    assert rows[0].values["members_qualifier"] == "at_least"
    assert "contradict" in rows[1].messages["members_qualifier"][0]
    assert "members_qualifier" in rows[2].messages


def test_blank_rows_are_counted_once_and_not_as_mistakes():
    content = b"name,country\r\n\r\nA Cluster,DE\r\n,\r\n  , \r\nB Cluster,DE\r\n\r\n\r\n"

    spreadsheet = checked(content)

    assert (spreadsheet.counts, spreadsheet.rows_blank, spreadsheet.rows_total) == ({"new": 2}, 3, 2)


def test_row_with_more_cells_than_headings_is_an_error():
    rows = checked_rows([["name", "country"], ["A", "DE"], ["B", "DE"], ["Research, Innovation", "DE", "lost"]])

    assert "more cells than the headings (3, not 2)" in rows[2].messages[""][0]


def test_the_guard_of_our_export_is_taken_away():
    cluster = ClusterFactory(name="@Home Cluster", country_id="DE", phone="+49 1 234", summary="=SUM is a function")
    rows = checked_rows(
        [["name", "country", "phone", "summary"], ["'@Home Cluster", "DE", "'+49 1 234", "'=SUM is a function"]]
    )

    assert [(row.outcome, row.cluster) for row in rows] == [("unchanged", cluster)]


def test_columns_of_a_known_kind_of_file_are_remembered():
    rows = [["Was", "Wo"], ["A Cluster", "DE"]]
    first = uploaded(csv_bytes(rows))
    assert guessed(first) == ["", ""]
    with pytest.raises(ImportRefused, match="Name of the cluster, Country"):
        upload.set_columns(spreadsheet=first, targets=["", ""])

    assert checked(csv_bytes(rows), targets=["name", "country"]).counts == {"new": 1}

    again = upload.columns_of(uploaded(csv_bytes([["WAS", "wo "], ["B Cluster", "AT"]])))
    assert (again.targets, again.is_remembered) == (["name", "country"], True)
    assert ColumnMapping.objects.count() == 1


def test_columns_without_name_or_with_a_field_twice_are_refused():
    spreadsheet = uploaded(csv_bytes([["name", "country", "other"], ["A", "DE", "B"]]))

    for targets, message in (
        (["name", "country", "name"], "chosen for “name” and “other”"),
        (["name", "country"], "each column"),
        (["name", "country", "logo"], "each column"),
        (["", "country", ""], "Name of the cluster"),
    ):
        with pytest.raises(ImportRefused, match=message):
            upload.set_columns(spreadsheet=spreadsheet, targets=targets)


def test_a_file_without_rows_fails_with_a_remedy():
    spreadsheet = checked(csv_bytes([["name", "country"]]))

    assert spreadsheet.status == "failed"
    assert "there are no rows below the headings in line 1" in spreadsheet.problem


def test_file_that_breaks_off_fails_with_its_line_and_leaves_the_checked_rows():
    content = csv_bytes([["name", "country"], *[[f"Cluster {n}", "DE"] for n in range(3000)]]) + b"\xff\xfe broken"
    spreadsheet = uploaded(csv_bytes([["name", "country"], ["A", "DE"]]))
    spreadsheet.file.storage.delete(spreadsheet.file.name)
    from django.core.files.base import ContentFile

    spreadsheet.file.storage.save(spreadsheet.file.name, ContentFile(content))
    from tests.imports.sheets import finish

    finish(upload.set_columns(spreadsheet=spreadsheet, targets=["name", "country"], wakes=False))
    spreadsheet.refresh_from_db()

    assert spreadsheet.status == "failed"
    assert "is not written in UTF-8. Choose another encoding" in spreadsheet.problem
    assert spreadsheet.rows.count() == spreadsheet.rows_done > 0


def test_queries_do_not_grow_with_the_rows():
    for number in range(60):
        ClusterFactory(name=f"Known Cluster Number {number}", country_id="DE", members=5, members_qualifier="exact")
    counts = []
    for size in (4, 60):
        lines = [[f"Known Cluster Number {n}", "DE", n] for n in range(size // 2)]
        lines += [[f"Fresh Thing {n}", "AT", n] for n in range(size // 2)]
        spreadsheet = uploaded(csv_bytes([HEAD, *lines]))
        upload.set_columns(spreadsheet=spreadsheet, targets=HEAD, wakes=False)
        from imports.services import jobs

        with CaptureQueriesContext(connection) as queries:
            jobs.run(spreadsheet.pk)
        counts.append(len(queries))
        assert ImportRow.objects.filter(spreadsheet=spreadsheet).count() == size

    assert counts[0] == counts[1]


def test_placeholder_empties_no_field_and_is_noted():
    cluster = ClusterFactory(
        name="Alpine", country_id="AT", acronym="ALP", phone="+43 1 2345", place="Graz", members=80,
        members_qualifier="exact", terms=[TermFactory(slug="health")],
    )  # fmt: skip
    head = ["slug", "name", "country", "acronym", "phone", "place", "members", "verticals"]

    (row,) = checked_rows(
        [head, [cluster.slug, "?", "n/a", "-", "#N/A", " \u00a0", "unknown", "?"]], empty_deletes=True
    )

    assert (row.outcome, row.values) == ("update", {"place": ""})
    assert row.notes == [
        "These cells say nothing, so the fields stay as they are: Name of the cluster (“?”), Country (“n/a”), Acronym "
        "(“-”), Public phone (“#N/A”), Members (“unknown”), Verticals (“?”)."
    ]


def test_na_is_a_name_and_an_acronym_but_no_phone():
    cluster = ClusterFactory(name="Nordic Alliance", country_id="AT", acronym="NOA", phone="+43 1 2345")

    rows = checked_rows(
        [["slug", "name", "acronym", "phone", "country"], [cluster.slug, "", "NA", "NA", ""], ["", "NA", "", "", "DE"]],
        empty_deletes=True,
    )

    assert [(row.outcome, row.values) for row in rows] == [
        ("update", {"acronym": "NA"}), ("new", {"name": "NA", "country": "DE"}),
    ]  # fmt: skip


def test_a_new_row_needs_more_than_a_placeholder():
    (row,) = checked_rows([HEAD, ["?", "DE", ""]])

    assert row.messages == {"name": ["This is needed. Fill in the cell."]}


MERGED_HEAD = ["Country", "Region", "Cluster", "Phone"]


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
                MERGED_HEAD, ["Spain", "Basque Country", "Alpha Optics", ""], [None, None, "Beta Marine", ""], [None, None, "Gamma Song", ""],
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
    rows = rows_of(book([MERGED_HEAD, ["Spain", None, "Alpha Optics"], [None, None, "Beta Marine"]]))

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


def test_cell_merged_over_columns_is_read_in_its_first_one():
    rows = rows_of(book([MERGED_HEAD, ["Spain", None, "Alpha Optics"], [None, None, "Beta Marine"]], "A2:B3"))

    assert (rows[3].values["country"], rows[3].values.get("region")) == ("ES", None)


def test_too_many_merged_cells_are_refused(monkeypatch):
    monkeypatch.setattr(worksheets, "MAX_MERGED", 1)
    content = book([MERGED_HEAD, *[["Spain", None, f"Fresh {n}"] for n in range(6)]], "A2:A3", "A4:A5")

    with pytest.raises(FileProblem, match="more than 1 merged cells"):
        inspect_file(io.BytesIO(content), name="list.xlsx")


def test_ranges_are_found_wherever_the_parts_of_the_file_end(tmp_path):
    lines = [MERGED_HEAD, *[["Spain", None, f"Fresh {n}", "x" * 50] for n in range(4000)]]
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
                [
                    MERGED_HEAD,
                    ["", "", "Zero First", ""],
                    ["Spain", "", "Alpha Optics", ""],
                    ["", "", "Beta Marine", ""],
                ]
            )
        ).rows.all()
    }

    message = "This is needed. Fill in the cell. In CSV a merged cell is in its first line only: fill it down."
    assert rows[4].messages == {"country": [message]}
    assert rows[2].messages == {"country": ["This is needed. Fill in the cell."]}
