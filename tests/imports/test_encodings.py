"""Files in 8-bit encodings: staff sees how the letters would read, and says which is right before anything is checked."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.exceptions import ImportRefused
from imports.models import SpreadsheetImport
from imports.services import upload
from spreadsheets.encodings import readings_of
from tests.factories.catalogue import CountryFactory
from tests.factories.consortium import sign_in
from tests.imports.sheets import csv_bytes, finish, uploaded
from tests.imports.test_pages import address

pytestmark = pytest.mark.django_db
NAMES = {
    "cp1250": [
        "Klaster Łódź",
        "Śląski Klaster Żywności",
        "Český klastr řízení",
        "Győri Szőlő Klaszter",
        "Grozd Žičnica",
    ],
    "cp1253": ["Συστάδα Ναυτιλίας", "Κέντρο Έρευνας"],
    "cp1251": ["Клъстер Здраве", "Кластър Мебели"],
    "cp1257": ["Kauno klasteris Šviesa", "Rīgas Ūdens klasteris", "Tõrva Mööbel"],
    "cp1252": ["Pôle d'été", "Münchner Größe", "Región Muñoz"],
}
TARGETS = ["name", "country"]


@pytest.fixture(autouse=True)
def _country():
    CountryFactory(code="PL", name="Poland")


def content_of(encoding, separator=";"):
    return csv_bytes([TARGETS, *[[name, "PL"] for name in NAMES[encoding]]], encoding=encoding, separator=separator)


@pytest.mark.parametrize("encoding", NAMES)
def test_the_right_letters_are_always_among_those_to_choose_from(encoding):
    found = readings_of(io.BytesIO(content_of(encoding)), ";", "cp1252")

    right = next(reading for reading in found if set(reading.cells) == set(NAMES[encoding]))
    assert right.encoding == encoding
    assert len({reading.cells for reading in found}) == len(found) > 1


@pytest.mark.parametrize("encoding", NAMES)
def test_nothing_is_checked_before_somebody_said_that_the_letters_are_right(encoding):
    spreadsheet = uploaded(content_of(encoding))

    for said in ("", "utf-8-sig", "nonsense"):
        with pytest.raises(ImportRefused, match="Look at the letters"):
            upload.set_columns(spreadsheet=spreadsheet, targets=TARGETS, encoding=said, wakes=False)
    spreadsheet = finish(
        upload.read_again(spreadsheet=spreadsheet, encoding=encoding, separator=";", header_line=1, wakes=False)
    )
    finish(upload.set_columns(spreadsheet=spreadsheet, targets=TARGETS, encoding=encoding, wakes=False))

    assert set(spreadsheet.rows.values_list("values__name", flat=True)) == set(NAMES[encoding])


@pytest.mark.parametrize("content", [b"name;country\r\nPlain;PL\r\n", csv_bytes([TARGETS, ["Łódź", "PL"]])])
def test_a_file_that_leaves_no_doubt_asks_nothing(content):
    spreadsheet = uploaded(content)

    assert upload.columns_of(spreadsheet).readings == []
    finish(upload.set_columns(spreadsheet=spreadsheet, targets=TARGETS, wakes=False))
    assert SpreadsheetImport.objects.get().status == "checked"


def test_plain_letters_in_an_encoding_that_staff_chose_need_no_word():
    spreadsheet = uploaded(b"name;country\r\nPlain;PL\r\n")
    finish(upload.read_again(spreadsheet=spreadsheet, encoding="cp1250", wakes=False))
    spreadsheet.refresh_from_db()

    assert spreadsheet.encoding == "cp1250"
    assert finish(upload.set_columns(spreadsheet=spreadsheet, targets=TARGETS, wakes=False)).counts == {"new": 1}


def test_page_asks_for_the_encoding_and_reads_the_file_in_it():
    client = sign_in("coordinator")
    client.post(address("add"), {"file": SimpleUploadedFile("polska.csv", content_of("cp1250"))})
    spreadsheet = finish(SpreadsheetImport.objects.get())
    finish(upload.read_again(spreadsheet=spreadsheet, encoding="cp1252", separator=";"))
    chosen = {"action": "check", "column-0": "name", "column-1": "country", "mode": "replace"}

    page = client.get(address("columns", spreadsheet)).content.decode()
    refused = client.post(address("columns", spreadsheet), chosen).content.decode()

    assert "In which line are all letters right?" in page
    assert "Śląski Klaster Żywności" in page
    assert 'name="encoding" value="cp1250" required>' in page  # none is chosen beforehand
    assert "Look at the letters and say in which line they are right" in refused
    spreadsheet.refresh_from_db()
    assert spreadsheet.status == "uploaded"
    assert client.post(address("columns", spreadsheet), {**chosen, "encoding": "cp1250"}).status_code == 302
    finish(spreadsheet)
    assert spreadsheet.encoding == "cp1250"
    assert set(spreadsheet.rows.values_list("values__name", flat=True)) == set(NAMES["cp1250"])


def test_long_cells_and_broken_quotes_show_their_letters():
    content = ("name;country\r\n" + "x" * 500 + "Łódź" + "y" * 500 + ';PL\r\n"Śląsk;PL\r\n').encode("cp1250")

    (reading, *_others) = readings_of(io.BytesIO(content), ";", "cp1250")

    assert all(len(cell) <= 60 for cell in reading.cells)
    assert "Łódź" in "".join(reading.cells)
