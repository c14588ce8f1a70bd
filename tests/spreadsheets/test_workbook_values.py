"""What cells of a workbook hold is read as openpyxl reads it, types and all."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bench.hostile_files import workbook
from spreadsheets.reader import Layout, look_into, read_rows
from tests.imports.sheets import saved

FORMATS = [
    "General", "0", "0.00", "#,##0", "0%", "@", "yyyy-mm-dd", "d.m.yyyy", "dd/mm/yy", "h:mm", "[h]:mm:ss", "mm:ss.0", "[$-409]d mmm",
    '"days" 0', "[Red]0", "m/d/yy h:mm", "0 \\d", "yyyy",
]  # fmt: skip
VALUES = [
    0, 1, -1, 12.5, 43_616, 43_616.75, 0.5, 59, 60, 61, 1e10, -5.25, 1e-7, True, False, "text", "  spaces  ", "1200", "<&>", "two\nlines",
    datetime.combine(date(2019, 5, 31), time(12, 30)), date(2019, 5, 31), time(8, 15), timedelta(hours=30), "#N/A", "#REF!", "Łódź 😀",
]  # fmt: skip


def rows_of(content: bytes) -> list[list]:
    return [row.cells for row in read_rows(io.BytesIO(content), Layout("xlsx"), "x.xlsx")]


def as_openpyxl_reads(content: bytes) -> list[list]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.filterwarnings("ignore:Cell .* is marked as a date:UserWarning")
@pytest.mark.parametrize("epoch", ["1900", "1904"])
def test_every_type_of_cell_in_every_format_of_numbers(epoch):
    book = openpyxl.Workbook()
    if epoch == "1904":
        book.epoch = CALENDAR_MAC_1904
    for line, value in enumerate(VALUES, start=1):
        for column, code in enumerate(FORMATS, start=1):
            cell = book.active.cell(line, column, value)
            cell.number_format = code
    content = saved(book)

    found, expected = rows_of(content), as_openpyxl_reads(content)

    assert found == expected
    assert [[type(cell) for cell in row] for row in found] == [[type(cell) for cell in row] for row in expected]


def test_gaps_between_cells_and_rows_stay_gaps():
    book = openpyxl.Workbook()
    book.active["B2"], book.active["E2"], book.active["A5"] = "b", "e", "a"

    assert rows_of(saved(book)) == [[], [None, "b", None, None, "e"], [], [], ["a"]]


def test_texts_in_parts_with_their_pronunciation_left_out():
    texts = "<si><r><t>Klus</t></r><r><t>ter</t></r><rPh><t>spoken</t></rPh></si><si/><si><t>_x005F_x000D_ as written</t></si>"
    inline = '<c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>'
    rows = f'<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>{inline}<c t="s"><v>2</v></c></row>'

    assert rows_of(workbook(rows=rows, texts=texts)) == [["Kluster", "", "inline", "_x000D_ as written"]]


def test_places_that_are_not_said_follow_each_other_and_rows_out_of_order_are_left_out():
    rows = '<row><c><v>1</v></c><c r="C1"><v>3</v></c><c><v>4</v></c></row><row r="3"><c><v>5</v></c></row><row r="2"><c><v>6</v></c></row>'

    assert rows_of(workbook(rows=rows)) == [[1, None, 3, 4], [], [5]]


def test_results_of_formulas_errors_and_iso_days():
    rows = (
        '<row><c t="str"><f>A1</f><v>result</v></c><c><f>1+1</f><v>2</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c t="b"><v>1</v></c><c t="d"><v>2019-05-31T00:00:00</v></c></row>'
    )

    assert rows_of(workbook(rows=rows)) == [["result", 2, "#DIV/0!", True, datetime.combine(date(2019, 5, 31), time())]]


def test_a_cell_of_a_text_that_is_not_there_is_damage():
    from spreadsheets.exceptions import FileProblem

    for number in ("7", "-1", "x"):
        with pytest.raises(FileProblem, match="is damaged"):
            look_into(io.BytesIO(workbook(rows=f'<row><c t="s"><v>{number}</v></c></row>')), name="x.xlsx")
