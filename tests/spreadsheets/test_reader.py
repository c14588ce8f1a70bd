"""Files as spreadsheet programs write them, the values of their cells, and files that must be refused."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bench.hostile_files import workbook
from imports.rows.headings import column_names, guess_columns, guess_header_line
from spreadsheets import archives, reader
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import Layout, inspect_file, read_rows
from tests.imports.sheets import csv_bytes, saved, xlsx_bytes

ROWS = [["name", "country"], ["Cluster Łódź", "PL"], ["Pôle d'été", "FR"]]


WESTERN = [
    ["name", "country"],
    ["Pôle d'été à Besançon", "FR"],
    ["Münchner Größe für Straßen", "DE"],
    ["Región Señor Muñoz", "ES"],
]


CENTRAL = [
    ["name", "country"],
    ["Klaster łączności w Łodzi, żółć i gęś", "PL"],
    ["Stowarzyszenie Przedsiębiorców Śląska", "PL"],
]


def day(*parts: int) -> datetime:
    """Return a day as Excel's cells hold it: midnight, of no time zone."""
    return datetime.combine(date(*parts), time())


def look(content, name="rows.csv", **options):
    return inspect_file(io.BytesIO(content), name=name, **options)


def cells_of(content, name="rows.csv", **options):
    found = look(content, name, **options)
    return [cells for _number, cells in found.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_unicode_in_every_separator(encoding, separator):
    assert cells_of(csv_bytes(ROWS, encoding=encoding, separator=separator)) == ROWS


@pytest.mark.parametrize(("rows", "encoding"), [(WESTERN, "cp1252"), (CENTRAL, "cp1250")])
def test_8_bit_encodings_are_guessed_and_said_to_be_a_guess(rows, encoding):
    found = look(csv_bytes(rows, encoding=encoding, separator=";"))

    assert ([cells for _number, cells in found.rows], found.layout.encoding, found.is_sure) == (rows, encoding, False)


def test_staff_may_choose_another_encoding():
    content = csv_bytes(CENTRAL, encoding="cp1250")

    assert cells_of(content, encoding="cp1250") == CENTRAL
    assert cells_of(content, encoding="cp1252") != CENTRAL
    with pytest.raises(FileProblem, match="not written in UTF-8"):
        look(content, encoding="utf-8-sig")


def test_quotes_line_breaks_and_ragged_rows():
    content = b'name;summary\r\n"A ""quoted"" one";"two\r\nlines; and a separator"\r\nShort\r\n'

    assert cells_of(content) == [["name", "summary"], ['A "quoted" one', "two\r\nlines; and a separator"], ["Short"]]


def test_the_line_is_that_of_the_spreadsheet_program():
    content = b'\r\nTitle\r\n\r\nname,summary\r\n"a","x\r\ny"\r\n\r\n,\r\nb,z\r\n'

    rows = read_rows(io.BytesIO(content), Layout("csv", "utf-8-sig", ","), "rows.csv")

    # A line break inside a cell is no new row; a row of separators is one, without cells.
    assert [row[:2] for row in rows] == [
        (2, ["Title"]),
        (4, ["name", "summary"]),
        (5, ["a", "x\r\ny"]),
        (7, []),
        (8, ["b", "z"]),
    ]


def test_excels_own_hint_of_the_separator():
    assert cells_of(b"sep=;\r\nname;country\r\nA, B;DE\r\n") == [["name", "country"], ["A, B", "DE"]]


def test_a_separator_inside_texts_does_not_win():
    rows = [["name", "summary"], *[[f"Cluster {n}", "one, two, three, four"] for n in range(5)]]

    assert cells_of(csv_bytes(rows, separator=";")) == rows


def test_excel_types_come_as_they_are():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "members", "as of", "core", "phone"])
    sheet.append(["Alpine", 120, day(2019, 5, 31), True, "0043"])
    sheet.append(["Number as text", "1200", date(2020, 1, 1), False, None])

    assert cells_of(saved(book), "rows.xlsx") == [
        ["name", "members", "as of", "core", "phone"],
        ["Alpine", 120, day(2019, 5, 31), True, "0043"],
        ["Number as text", "1200", day(2020, 1, 1), False],
    ]


def test_merged_headings_blank_columns_and_titles():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "Clusters of the consortium, June 2019"
    sheet.merge_cells("A1:D1")
    sheet["A3"], sheet["B3"], sheet["D3"], sheet["E3"] = "Cluster name", "Members", "Country", "Country"
    sheet.merge_cells("B3:C3")
    sheet.append(["Alpine", 5, "seven", "AT", "Austria"])
    found = look(saved(book), "rows.xlsx")

    line = guess_header_line(found.rows)
    heads = next(cells for number, cells in found.rows if number == line)

    assert line == 3
    assert column_names(heads) == ["Cluster name", "Members", "column C", "Country", "Country"]
    assert guess_columns(heads) == ["name", "members", "", "country", "country"]


def test_sheets_can_be_chosen():
    content = xlsx_bytes([["About this file"]], title="About", more={"Data": ROWS})

    assert look(content, "rows.xlsx").sheets == ["About", "Data"]
    assert cells_of(content, "rows.xlsx", sheet="Data") == ROWS


def test_a_hidden_sheet_comes_last():
    book = openpyxl.Workbook()
    book.active.title = "Lists"
    book.active.append(["name", "country"])
    book.active.sheet_state = "hidden"
    for row in ROWS:
        (book["Data"] if "Data" in book.sheetnames else book.create_sheet("Data")).append(row)
    book.active = 1
    content = saved(book)

    assert look(content, "rows.xlsx").sheets == ["Data", "Lists"]
    assert cells_of(content, "rows.xlsx") == ROWS
    assert cells_of(content, "rows.xlsx", sheet="Lists") == [["name", "country"]]


def test_formulas_give_their_values_and_a_warning_where_there_are_none():
    book = openpyxl.Workbook()
    book.active.append(["name", "members"])
    book.active.append(["Alpine", "=1+1"])

    found = look(saved(book), "rows.xlsx")

    assert [cells for _number, cells in found.rows][1] == ["Alpine"]
    assert found.warnings == [
        "1 formulas have no stored result (the first in B2): these cells count as empty. Open the file in a spreadsheet "
        "program, save it and upload it again to have their values."
    ]


def test_a_formula_with_its_value_is_a_value():
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["name", "members"])
    sheet.write_string(1, 0, "Alpine")
    sheet.write_formula(1, 1, "=100+20", None, 120)
    book.close()

    found = look(file.getvalue(), "rows.xlsx")

    assert ([cells for _number, cells in found.rows][1], found.warnings) == (["Alpine", 120], [])


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (archives.MAX_UNPACKED + 1))
    return file.getvalue()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "there is nothing in it"),
        (_zip(), "is no Excel file"),
        (_bomb(), "would unpack to more than can be read"),
        (b"PK\x03\x04 and no more", "is damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 512, "old Excel file"),
        (b"%PDF-1.7 ...", "is no spreadsheet"),
        (b"name,country\r\nA\x00B,DE\r\n" * 30, "this is no text"),
        (b'name,country\r\n"Alpine,DE\r\n' + b"more text\r\n" * 20_000, "a cell does not end"),
        (b'name,country\r\n"Alpine,DE\r\nBaltic,DE\r\n', "line 2: a cell does not end"),
        (b"<html><table><tr><td>name</td></tr></table></html>", "is no spreadsheet but a web page"),
        (b'\xef\xbb\xbf\r\n<?xml version="1.0"?><Workbook/>', "is no spreadsheet but a web page"),
        (b'{"results": []}', "is no spreadsheet but a web page"),
        (b"x" * (reader.MAX_BYTES + 1), "at most 20 MB"),
        ((",".join(["x"] * 201) + "\r\n").encode(), "at most 200 can be read"),
    ],
    ids=[
        "empty",
        "blank",
        "zip",
        "bomb",
        "damaged",
        "xls",
        "pdf",
        "binary",
        "quote",
        "short quote",
        "html",
        "xml",
        "json",
        "large",
        "wide",
    ],
)
def test_unreadable_file_is_refused_with_the_reason_and_a_remedy(content, message):
    with pytest.raises(FileProblem) as problem:
        look(content, "rows.xlsx" if content.startswith(b"PK") else "rows.csv")

    assert message in str(problem.value)
    assert str(problem.value).startswith("rows.")


def test_a_cell_longer_than_any_program_allows_is_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_CELL", 100)

    with pytest.raises(FileProblem, match="line 2: a cell holds more than 100 characters"):
        look(xlsx_bytes([["name"], ["x" * 101]]), "rows.xlsx")


def test_millions_of_formatted_blank_rows_are_not_read():
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.cell(row=1_000_000, column=1).value = " "

    assert max(row.number for row in read_rows(io.BytesIO(saved(book)), Layout("xlsx"), "rows.xlsx")) < 10_000


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
            inspect_file(io.BytesIO(workbook(rows=f'<row><c t="s"><v>{number}</v></c></row>')), name="x.xlsx")
