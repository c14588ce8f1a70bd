"""Files as spreadsheet programs write them, and files that must be refused."""

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from imports.rows.headings import column_names, guess_columns, guess_header_line
from spreadsheets import archives, reader
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import Layout, look_into, read_rows
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
    return look_into(io.BytesIO(content), name=name, **options)


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
    ("content", "told"),
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
def test_what_is_refused_says_why_and_what_to_do(content, told):
    with pytest.raises(FileProblem) as problem:
        look(content, "rows.xlsx" if content.startswith(b"PK") else "rows.csv")

    assert told in str(problem.value)
    assert str(problem.value).startswith("rows.")


def test_a_cell_longer_than_any_program_allows_is_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_CELL", 100)

    with pytest.raises(FileProblem, match="line 2: a cell holds more than 100 characters"):
        look(xlsx_bytes([["name"], ["x" * 101]]), "rows.xlsx")


def test_millions_of_formatted_blank_rows_are_not_looked_at():
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.cell(row=1_000_000, column=1).value = " "

    assert max(row.number for row in read_rows(io.BytesIO(saved(book)), Layout("xlsx"), "rows.xlsx")) < 10_000
