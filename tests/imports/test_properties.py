"""Any table of texts: never a crash, every row accounted for."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.exceptions import CellProblem, ImportRefused
from imports.models import ImportRow, SpreadsheetImport
from imports.rows.cells import read_cell, read_members
from imports.rows.headings import TARGETS, column_names, guess_columns, guess_header_line
from imports.rows.vocabulary import Vocabulary
from imports.services import upload
from spreadsheets.exceptions import FileProblem
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, Kind
from tests.effort import examples
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory
from tests.imports.sheets import finish, guessed, uploaded, xlsx_bytes

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.both_databases]

PIECES = st.sampled_from(
    [
        "", " ", "-", "DE", "Germany", "AT", "Atlantis", "Health", "Health; Space", "500+", "ca. 120", "1.200", "1,2,3", "2019-05-31",
        "31.2.2019", "4/5/2019", "yes", "no", "=1+1", "'=1+1", "@x", "+49 1 2345", "#REF!", "Known Cluster", "Known Clusters", "known",
        "https://x.example", "x" * 700, "\u202e", "Ærøskøbing", "٣", "9" * 400, "48.1374", "NaN", "inf", "1e400", "None", "Bavaria",
        "a;b|c\nd", '"', "seat", "gold", "exact", "00000000-0000-4000-8000-000000000000", "\x0b\x1f", "½", "²",
    ]
)  # fmt: skip
CELLS = st.one_of(PIECES, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20))
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=8)
QUIET = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def catalogue():
    """Make a small catalogue."""
    CountryFactory(code="DE", name="Germany")
    CountryFactory(code="AT", name="Austria")
    RegionFactory(country_id="DE", name="Bavaria", slug="bavaria")
    TermFactory(name="Health", slug="health")
    TermFactory(name="Space", slug="space")
    ClusterFactory(name="Known Cluster", country_id="DE", slug="known")


@QUIET
@given(
    table=TABLES,
    targets=st.lists(st.sampled_from(list(TARGETS)), min_size=6, max_size=6),
    options=st.tuples(st.booleans(), st.booleans()),
)
def test_every_row_of_any_table_is_accounted_for(catalogue, table, targets, options):
    text = io.StringIO()
    csv.writer(text).writerows(table)
    try:
        spreadsheet = uploaded(text.getvalue().encode())
    except FileProblem:
        return  # refused as a whole, with a message
    width = len(spreadsheet.headers)
    chosen = (targets + [""] * width)[:width]
    try:
        upload.set_columns(
            spreadsheet=spreadsheet, targets=chosen, fills_only=options[0], empty_deletes=options[1], wakes=False
        )
    except ImportRefused:
        return
    finish(spreadsheet)

    _is_accounted_for(spreadsheet)


@QUIET
@given(table=TABLES)
def test_every_row_of_any_workbook_is_accounted_for(catalogue, table):
    clean = [["".join(c for c in cell if c.isprintable())[:200] for cell in row] for row in table]
    try:
        spreadsheet = uploaded(
            xlsx_bytes([["name", "country", "members", "verticals", "slug", "region"], *clean]), "any.xlsx"
        )
    except FileProblem:
        return
    try:
        upload.set_columns(spreadsheet=spreadsheet, targets=guessed(spreadsheet), wakes=False)
    except ImportRefused:
        return  # another line looked more like headings
    finish(spreadsheet)

    _is_accounted_for(spreadsheet)


def _is_accounted_for(spreadsheet: SpreadsheetImport) -> None:
    assert spreadsheet.problem == "" or "there are no rows below the headings" in spreadsheet.problem
    rows = list(spreadsheet.rows.all())
    assert sum(spreadsheet.counts.values()) == len(rows) == spreadsheet.rows_done
    for row in rows:
        assert bool(row.messages) == (row.outcome == ImportRow.Outcome.ERROR)
        assert row.outcome != ImportRow.Outcome.UPDATE or row.changes
        assert row.outcome != ImportRow.Outcome.DUPLICATE or row.matches


@QUIET
@given(text=CELLS)
def test_any_cell_is_read_or_explained(catalogue, text):
    vocabulary = Vocabulary(Choices.load())
    for spec in BY_NAME.values():
        if spec.kind != Kind.LOGO:
            assert _refusal(lambda spec=spec: read_cell(spec, text, vocabulary, country="DE")) != ""
    assert _refusal(lambda: read_members(text)) != ""


def _refusal(call) -> str | None:
    """Return what a call that is refused says, ``None`` if it is not."""
    try:
        call()
    except (CellProblem, FileProblem) as problem:
        return str(problem)
    return None


@given(table=TABLES)
def test_headings_of_any_table_have_meanings(table):
    rows = list(enumerate(table, start=1))

    assert guess_header_line(rows) in dict(rows)
    for _number, cells in rows:
        assert len(guess_columns(cells)) == len(column_names(cells)) == len(cells)
        assert set(guess_columns(cells)) <= set(TARGETS)


@QUIET
@given(content=st.binary(max_size=400))
def test_any_bytes_are_taken_in_or_explained(db, content):
    for name in ("any.csv", "any.xlsx"):
        problem = _refusal(lambda name=name: upload.columns_of(uploaded(content, name)))
        assert problem is None or name in problem
