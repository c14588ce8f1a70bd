"""Spreadsheets that somebody made to do harm, small as files and large in memory or time, for tests and measurements."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
_MILLION = 1_000_000


def workbook(
    *,
    rows: str = _ROWS,
    below: str = "",
    styles: str = "",
    texts: str = "",
    book: str = "",
    declaration: str = "",
    **parts: bytes,
) -> bytes:
    """Return an Excel file of these pieces of XML; ``parts`` are further files in it, or others in place of its own."""
    sheet = f'{declaration}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{below}</worksheet>'
    content = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{book}'
            '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_RELATIONS}">'
            f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            f'<Relationship Id="r3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ).encode(),
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>'.encode(),
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{texts}</sst>'.encode(),
        "xl/worksheets/sheet1.xml": sheet.encode(),
        **parts,
    }
    return packed(content)


def packed(content: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return these files in an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def _many(piece: str, times: int = _MILLION) -> str:
    return piece * times


def _inside(name: str, piece: str, times: int = _MILLION) -> str:
    return f"<{name}>{piece * times}</{name}>"


def _entity(number: int) -> str:
    name, before = chr(98 + number), f"&{chr(97 + number)};"
    return f'<!ENTITY {name} "{before * 10}">'


def _lying_headers() -> bytes:
    """Return a file whose largest part says that it is 100 bytes long."""
    content = workbook(rows=_ROWS + "<row/>" * _MILLION)
    size = struct.pack(
        "<I", len(f'<worksheet xmlns="{_MAIN}"><sheetData>{_ROWS}</sheetData></worksheet>') + 6 * _MILLION
    )
    return content.replace(size, struct.pack("<I", 100))


def _overlapping() -> bytes:
    """Return a file in which 1,500 parts are the same piece of the archive, so that each byte counts 1,500 times."""
    name, data = b"xl/worksheets/s%04d.xml", b"\x00" * 100_000
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = raw.compress(data) + raw.flush()
    about = struct.pack("<HHHHHIII", 20, 0, 8, 0, 0, zlib.crc32(data), len(body), len(data))
    directory = b""
    for number in range(1500):
        title = b"xl/workbook.xml" if number == 0 else name % number
        directory += b"PK\x01\x02\x14\x00" + about + struct.pack("<HHHHHII", len(title), 0, 0, 0, 0, 0, 0) + title
    first = b"PK\x03\x04" + about + struct.pack("<HH", 15, 0) + b"xl/workbook.xml" + body
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1500, 1500, len(directory), len(first), 0)
    return first + directory + end


def _many_parts() -> bytes:
    entry = b"PK\x01\x02" + b"\x00" * 42
    directory = entry * 400_000
    return (
        b"PK\x03\x04" + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65_535, 65_535, len(directory), 4, 0)
    )


def _rows_of(columns: int, times: int) -> str:
    return _many("<row>" + _many("<c><v>1</v></c>", columns) + "</row>", times)


#: By name: how the file is called, how it is made, and what the answer says; "" if it is read like any other.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "million fonts": ("x.xlsx", lambda: workbook(styles=_inside("fonts", "<font/>")), ""),
    "million cell formats": (
        "x.xlsx", lambda: workbook(styles=_inside("cellXfs", "<xf/>")), "more than 65,490 cell formats",
    ),
    "million formats of numbers": (
        "x.xlsx", lambda: workbook(styles="".join(f'<numFmt numFmtId="{n}" formatCode="[[[["/>' for n in range(_MILLION))), "",
    ),
    "million texts": ("x.xlsx", lambda: workbook(texts=_many("<si/>", 5 * _MILLION)), "more than 4,000,000 different texts"),
    "large texts": ("x.xlsx", lambda: workbook(texts=_many(f"<si><t>{'😀' * 8000}</t></si>", 2000)), "more than 60 MB for its texts"),
    "one endless text": ("x.xlsx", lambda: workbook(texts=f"<si><t>{'x' * 59 * _MILLION}</t></si>"), ""),
    "million merged cells": (
        "x.xlsx",
        lambda: workbook(below=_inside("mergeCells", '<mergeCell ref="A1:A2"/>')),
        "more than 100,000 merged cells",
    ),
    "merged cells that never end": (
        "x.xlsx", lambda: workbook(below=_many('<mergeCell ref="', 3000) + "x"), "is damaged",
    ),
    "formulas that never end": ("x.xlsx", lambda: workbook(rows=_many('<c r="A1"><f>', 300_000)), "elements are inside each other"),
    "attributes without end": ("x.xlsx", lambda: workbook(rows='<row r="' + "1" * 50 * _MILLION + '"/>'), "one element is larger than 1 MB"),
    "deep nesting": ("x.xlsx", lambda: workbook(below=_many("<a>")), "elements are inside each other"),
    "entities": (
        "x.xlsx",
        lambda: workbook(
            declaration='<!DOCTYPE w [<!ENTITY a "' + "x" * 1000 + '">'
            + "".join(_entity(number) for number in range(9)) + "]>"
        ),
        "declares entities",
    ),
    "external entity": (
        "x.xlsx", lambda: workbook(declaration='<!DOCTYPE w SYSTEM "http://intruder.example/x.dtd">'), "declares entities",
    ),
    "external links": ("x.xlsx", lambda: workbook(book=_inside("externalReferences", "<externalReference/>", 99_000)), ""),
    "names without end": ("x.xlsx", lambda: workbook(book=_inside("definedNames", "<definedName/>")), "more than 4 MB for its list of sheets"),
    "16,384 columns": ("x.xlsx", lambda: workbook(rows=_rows_of(16_384, 20)), "there are 16,384 columns, at most 200"),
    "millions of cells": ("x.xlsx", lambda: workbook(rows=_rows_of(16_000, 320)), "more than 5,000,000 cells"),
    "million columns": ("x.xlsx", lambda: workbook(rows=_rows_of(_MILLION, 2)), "is damaged"),
    "row far below": ("x.xlsx", lambda: workbook(rows=_ROWS + '<row r="1048576"><c><v>1</v></c></row>'), ""),
    "million blank rows": ("x.xlsx", lambda: workbook(rows=_ROWS + _many("<row/>")), ""),
    "number of a million digits": ("x.xlsx", lambda: workbook(rows=f"<row><c><v>{'9' * _MILLION}</v></c></row>"), "is damaged"),
    "bomb": ("x.xlsx", lambda: workbook(**{"xl/worksheets/sheet1.xml": b" " * 250_000_000}), "would unpack to more"),
    "bomb in a bomb": ("x.xlsx", lambda: packed({f"{n}.zip": workbook(rows=_many("<row/>")) for n in range(5)}), "is no Excel file"),
    "lying headers": ("x.xlsx", _lying_headers, "is damaged"),
    "overlapping parts": ("x.xlsx", _overlapping, "is damaged"),
    "million parts": ("x.xlsx", _many_parts, "more parts than can be read"),
    "same part twice": ("x.xlsx", lambda: workbook(**{"xl/styleX.xml": b""}).replace(b"xl/styleX.xml", b"xl/styles.xml"), "is damaged"),
    "LZMA": ("x.xlsx", lambda: packed({"xl/workbook.xml": b"<a/>", "xl/_rels/workbook.xml.rels": b"<a/>"}, zipfile.ZIP_LZMA), "is damaged"),
    "with macros": ("x.xlsm", lambda: workbook(**{"xl/vbaProject.bin": bytes.fromhex("d0cf11e0a1b11ae1") * 1000}), ""),
    "encrypted": ("x.xlsx", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"EncryptedPackage" * 1000, "protected by a password"),
    "LibreOffice renamed": ("x.xlsx", lambda: packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}), "is no Excel file"),
    "one line": ("x.csv", lambda: b"x" * 20_000_000, "the row holds more than 500,000 characters"),
    "one line of 50 MB": ("x.csv", lambda: b"x" * 50_000_000, "at most 20 MB"),
    "columns alone": ("x.csv", lambda: b"," * 20_000_000, "the row holds more than 500,000 characters"),
    "lines alone": ("x.csv", lambda: b"\n" * 20_000_000, "there is nothing in it"),
    "quotation marks alone": ("x.csv", lambda: b'"' * 20_000_000, "the row holds more than 500,000 characters"),
    "a quotation mark that never ends": ("x.csv", lambda: b'a,"b\n' + b"c\n" * 10 * _MILLION, "a cell does not end"),
    "NUL bytes": ("x.csv", lambda: b"name,country\n" + b"\x00" * _MILLION, "this is no text"),
    "UTF-16 of one half": ("x.csv", lambda: "name,country\n".encode("utf-16") + b"\x00\xd8" * 1000, "not written in UTF-16"),
    "letters of every kind": ("x.csv", lambda: b"name;country\n" + bytes(range(224, 256)) * 600_000, "the row holds more than 500,000 characters"),
    "letters in many cells": ("x.csv", lambda: b"name;country\n" + b"\xe9;\xe9\n" * 3 * _MILLION, ""),
}  # fmt: skip


#: Those that take more than some seconds before they are refused; only the benchmark reads them.
LONG = ("million texts", "millions of cells", "letters in many cells")


def make(kind: str) -> tuple[str, bytes, str]:
    """Return name, content and the expected answer of a hostile file."""
    name, builder, expected = HOSTILE[kind]
    content: Any = builder()
    return name, content, expected
