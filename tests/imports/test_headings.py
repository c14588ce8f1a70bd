"""What columns are taken for."""

import csv

import pytest
from django.conf import settings

from catalogue.exports.columns import columns
from imports.rows.headings import TARGETS, guess_columns, guess_header_line, letter_of, signature


def test_our_own_export_is_understood():
    names = [column.name for column in columns("")]
    same = {"country_code": "country", "region_slug": "region", "quality_label_until": "quality_expires_on"}
    ignored = {"priority", "confirmed_on", "url", "credit", "region_nuts", "figures", "sources"}

    assert dict(zip(names, guess_columns(names), strict=True)) == {
        name: "" if name in ignored else same.get(name, name) for name in names
    }
    assert set(guess_columns(names)) <= set(TARGETS)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "clusters.csv",
            {
                "slug": "slug", "name": "name", "acronym": "acronym", "former_name": "former_names", "country": "country",
                "country_code": "country", "region": "region", "founded": "founded", "members": "members",
                "members_qualifier": "members_qualifier", "verticals": "verticals",
                "core_cybersecurity": "core_cybersecurity", "summary": "summary",
            },
        ),
        (
            "eccp_medical_devices_clusters.csv",
            {
                "name": "name", "country": "country", "country_code": "country", "sectors": "sectors",
                "emerging_industries": "emerging_industries", "technology_fields": "technology_fields",
                "s3_priorities": "s3_priorities",
            },
        ),
    ],
)  # fmt: skip
def test_the_lists_of_consortium_and_eccp_are_understood(file, expected):
    with (settings.FIXTURE_DATA_DIR / file).open(encoding="utf-8") as opened:
        names = next(csv.reader(opened))

    found = dict(zip(names, guess_columns(names), strict=True))

    assert {name: target for name, target in found.items() if target} == expected


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Cluster Name", "name"), ("Organisation", "name"), ("COUNTRY", "country"), ("Number of members", "members"),
        ("Nr. of members", "members"), ("E-Mail", "email"), ("Web site", "website"), ("URL", "website"),
        ("Year of foundation", "founded"), ("S3 EU priorities", "s3_priorities"), ("Sectoral Industries", "sectors"),
        ("Technologie fields", "technology_fields"), ("Verticles", "verticals"), ("Latitude", "latitude"), ("", ""), ("Notes", ""),
        ("Members as of", "members_as_of"), ("Telephon", "phone"), ("Something else", ""),
    ],
)  # fmt: skip
def test_usual_words_and_slips(heading, target):
    assert guess_columns([heading]) == [target]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Members (2025)", "members"), ("Members [2025]", "members"), ("Members 2025", "members"), ("Number of members (in 2024)", "members"),
        ("Members as of 31.12.2024", "members"), ("Members as of 2025", "members"), ("Members (as of 2025)", "members"), ("Members, 2024/25", "members"),
        ("Staff (FTE)", "staff"), ("Staff [FTE, 2024]", "staff"), ("Employees (number)", "staff"), ("Founded (year)", "founded"),
        ("Website (URL)", "website"), ("Country (ISO 3166-1 alpha-2)", "country"), ("Latitude (WGS84)", "latitude"),
        ("Members (SMEs)", "members_sme"), ("SMEs (2025)", "members_sme"), ("Contact (e-mail)", "email"),
        ("Members (as of)", "members_as_of"), ("Quality label (date)", ""), ("Members as of", "members_as_of"),
        # What may mean something else is left to staff.
        ("Name (contact person)", ""), ("Members (joined since 2020)", ""), ("Country (of the coordinator)", ""), ("2025", ""), ("(2025)", ""),
        ("Notes (2025)", ""), ("Description (website)", ""),
    ],
)  # fmt: skip
def test_brackets_years_and_units_do_not_hide_the_meaning(heading, target):
    assert guess_columns([heading]) == [target]


def test_of_two_years_the_later_one_is_taken():
    names = ["Name", "Members (2023)", "Members (2025)", "Members (2024)"]

    assert guess_columns(names) == ["name", "", "members", ""]
    assert guess_columns(["Members", "Members (SMEs)", "Members (large firms)"]) == [
        "members",
        "members_sme",
        "members_large",
    ]
    assert guess_header_line([(1, ["List 2025", "x"]), (2, ["Name (official)", "Members (2025)"])]) == 2


def test_a_field_goes_to_the_first_of_two_columns():
    assert guess_columns(["Name", "Title", "url", "Website"]) == ["name", "", "", "website"]


def test_titles_above_the_headings_are_passed_over():
    rows = [(1, ["List of clusters"]), (3, ["as of", "June"]), (4, ["Name", "Country", "Members"]), (5, ["A", "DE", 5])]

    assert guess_header_line(rows) == 4
    assert guess_header_line([(1, ["foo", "bar"]), (2, ["1", "2"])]) == 1


def test_signature_ignores_case_and_column_letters_count_as_in_spreadsheets():
    assert signature(["Name", "Café"]) == signature(["name ", "cafe"]) != signature(["Café", "Name"])
    assert [letter_of(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
