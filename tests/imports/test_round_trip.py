"""Our own export, imported again, changes nothing, whatever texts a profile holds."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.exports.columns import clusters_of
from catalogue.exports.writers import csv_lines, write_xlsx
from catalogue.models import Cluster
from catalogue.search.text import tidy
from imports.models import ImportRow
from imports.rows.cells import text_of
from spreadsheets.reader import inspect_file
from spreadsheets.writer import SEPARATORS
from submissions.fields.choices import Choices
from submissions.fields.form import check_values
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory
from tests.imports.sheets import checked, xlsx_bytes

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.both_databases]


NASTY = [
    "one\r\ntwo", "one\rtwo", "one\n\n\ntwo", "tab\there", "_x000D_ is written so", "_x0041_", "_xD83D_", "=1+1",
    "+49", "-1", "@home", "'=quoted", "''", '"quoted"', '"', "  led and followed  ", "\u00a0hard space\u00a0", "𝔘nicode 😀",
    "NA", "na", "?", "#N/A", "n/a", "-", "unknown", "None", "null", "2020", "1e5", "3/4", "12-Mar", "TRUE", "false", "0043 1", "1,2;3|4",
    "a; b", "a, b", "#REF!", "\u200bjoined\u200d\ufeff", "\u202eturned around", "控制", "Łódź", "İstanbul", "ﬁne ligature", "\x0bold\x1f", "next\x85line",
    "line\u2028separator", "x" * 40, "sep=;", "\ufeffmark", "=", "+", "@", "'", ";", "|",
]  # fmt: skip


TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30),
)


QUIET = settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


FIELDS = ("name", "acronym", "former_names", "place", "place_local_name", "summary", "description", "benefits")


@pytest.fixture
def cluster():
    """Return a cluster whose fields are written past every check, as rows of old may be."""
    CountryFactory(code="DE", name="Germany")
    return ClusterFactory(
        name="Known Cluster", country_id="DE", slug="known", latitude="48.1", longitude="11.5", precision="seat"
    )


def _exports() -> dict[str, bytes]:
    def every():
        return clusters_of(Cluster.objects.values_list("pk", flat=True), is_public=False)

    found = {
        f"{name}.csv": "".join(csv_lines(every(), "https://portal.example", mark)).encode()
        for name, mark in SEPARATORS.items()
    }
    file = io.BytesIO()
    write_xlsx(file, every(), "https://portal.example", "")
    return {**found, "excel.xlsx": file.getvalue()}


def _changes_nothing() -> None:
    for name, content in _exports().items():
        for empty_deletes in (False, True):
            rows = checked(content, name, empty_deletes=empty_deletes).rows.all()
            assert len(rows) == Cluster.objects.count()
            changed = [row for row in rows if row.outcome != ImportRow.Outcome.UNCHANGED]
            assert [(name, row.cluster, row.changes, row.messages) for row in changed] == []


@QUIET
@given(values=st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXTS)))
def test_any_text_survives_every_export(cluster, values):
    cut = {name: value[: Cluster._meta.get_field(name).max_length or 400] for name, value in values.items()}
    Cluster.objects.filter(pk=cluster.pk).update(**cut)

    _changes_nothing()


def test_every_nasty_text_survives_in_every_field(cluster):
    for text in NASTY:
        made = ClusterFactory(country_id="DE")
        Cluster.objects.filter(pk=made.pk).update(**dict.fromkeys(FIELDS, text[:40]))

    _changes_nothing()


def test_a_stored_text_is_tidy_and_every_way_in_agrees(cluster):
    """Workplace, form and API, CSV and Excel: the same text becomes the same value."""
    choices = Choices.load()
    for text in NASTY:
        cluster.description = text
        cluster.save()
        cluster.refresh_from_db()
        payload, errors = check_values({"description": text}, choices=choices, base={})

        assert cluster.description == tidy(text)
        assert (payload, errors) == ({"description": tidy(text)}, {})
        assert "\r" not in cluster.description


def test_excels_way_of_writing_control_characters_is_read():
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    texts = ["name", "one\r\ntwo", "one\rtwo", "written _x000D_ so"]
    for line, text in enumerate(texts):
        sheet.write_string(line, 0, text)
    book.close()

    rows = inspect_file(io.BytesIO(file.getvalue()), name="rows.xlsx").rows

    # XlsxWriter guards what looks like an escape, so that it is read as it was written.
    assert [text_of(cells[0]) for _number, cells in rows] == ["name", "one\ntwo", "one\ntwo", "written _x000D_ so"]


def test_other_programs_write_letters_in_two_halves():
    rows = inspect_file(
        io.BytesIO(xlsx_bytes([["name"], ["_xD83D__xDE00_"], ["_xd83d_ alone"]])), name="rows.xlsx"
    ).rows

    assert [cells for _number, cells in rows] == [["name"], ["😀"], ["\ufffd alone"]]


def test_an_excel_export_holds_no_carriage_return(cluster):
    Cluster.objects.filter(pk=cluster.pk).update(description="one\r\ntwo\rthree")

    rows = inspect_file(io.BytesIO(_exports()["excel.xlsx"]), name="rows.xlsx").rows

    assert "one\ntwo\nthree" in rows[1][1]


def test_a_summary_of_600_characters_may_have_lines_as_browsers_send_them():
    text = "\r\n".join(["x" * 99] * 6)  # 599 characters, 604 as they are sent

    payload, errors = check_values({"summary": text}, choices=Choices.load(), base={})

    assert (payload, errors) == ({"summary": text.replace("\r\n", "\n")}, {})


def test_invisible_characters_stored_before_change_nothing(cluster):
    for text in (";\x1b", "\u200b", "\x97", "\ue000", "a\n\x1b"):
        for field in ("former_names", "place", "summary"):
            made = ClusterFactory(country_id="DE")
            Cluster.objects.filter(pk=made.pk).update(**{field: text})

    _changes_nothing()


BASE = "https://portal.example"


def _not_unchanged(spreadsheet) -> list:
    rows = spreadsheet.rows.exclude(outcome=ImportRow.Outcome.UNCHANGED)
    return list(rows.values_list("number", "outcome", "changes", "messages"))


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("empty_deletes", [False, True])
def test_csv_of_the_real_data_changes_nothing(data, separator, empty_deletes):
    every = Cluster.objects.all()
    content = "".join(
        csv_lines(clusters_of(every.values_list("pk", flat=True), is_public=False), BASE, SEPARATORS[separator])
    ).encode()

    spreadsheet = checked(content, empty_deletes=empty_deletes)

    assert _not_unchanged(spreadsheet) == []
    assert spreadsheet.counts == {"unchanged": every.count()}


def test_excel_of_the_real_data_changes_nothing(data):
    file = io.BytesIO()
    write_xlsx(file, clusters_of(Cluster.objects.values_list("pk", flat=True), is_public=False), BASE, "")

    spreadsheet = checked(file.getvalue(), "clusters.xlsx", empty_deletes=True)

    assert _not_unchanged(spreadsheet) == []
    assert spreadsheet.counts == {"unchanged": Cluster.objects.count()}
