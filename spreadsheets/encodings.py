"""How a text file is written: its encoding and the separator of its cells."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import IO

#: What staff may choose, with the names that spreadsheet programs use.
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without mark (little-endian)",
    "utf-16-be": "UTF-16 without mark (big-endian)",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "iso8859-15": "ISO 8859-15 (Western Europe)",
    "mac-roman": "Macintosh (Western Europe)",
}
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EIGHT_BIT = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "mac-roman")
_SAMPLE = 64 * 1024
_LINES = 50
_MANY = 300  # so many cells are enough to choose from
_SHOWN = 6


def guess_encoding(file: IO[bytes]) -> tuple[str, bool]:
    """Return the encoding of ``file`` and whether it is beyond doubt; the file is read through once."""
    file.seek(0)
    head = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, True
    if wide := _wide(head):
        return wide, False
    decoder, sample = codecs.getincrementaldecoder("utf-8")(), bytearray()
    is_utf8, part = True, head
    while part and (is_utf8 or len(sample) < _SAMPLE):
        if is_utf8:
            try:
                decoder.decode(part, final=False)
            except UnicodeDecodeError:
                is_utf8 = False
        # Only lines with letters beyond ASCII can distinguish one 8-bit encoding from another.
        sample += b"\n".join(line for line in part.split(b"\n") if not line.isascii())[:_SAMPLE]
        part = file.read(_SAMPLE)
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    return ("utf-8-sig", True) if is_utf8 else (_eight_bit(bytes(sample)), False)


def _wide(head: bytes) -> str:
    """Return which UTF-16 a text without mark is written in: every other byte of mostly Latin text is zero."""
    if len(head) < 4:
        return ""
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return ""


def _eight_bit(sample: bytes) -> str:
    """Return the likeliest 8-bit encoding; what most spreadsheet programs of Europe write where nothing shows it."""
    from charset_normalizer import from_bytes  # takes longer to load than most files to be read

    found = from_bytes(sample, cp_isolation=list(_EIGHT_BIT), threshold=0.3, enable_fallback=False)
    best = found.best()
    if best is None:
        return "cp1252"
    # Between texts that look equally well, the usual one.
    equals = {match.encoding.replace("_", "-") for match in found if match.chaos <= best.chaos + 0.01}
    equals |= {
        same.replace("_", "-") for match in found if match.chaos <= best.chaos for same in match.could_be_from_charset
    }
    return "cp1252" if "cp1252" in equals else best.encoding.replace("_", "-")


@dataclass(frozen=True)
class Reading:
    """How the cells of a file that show the difference read in one encoding."""

    encoding: str
    label: str
    cells: tuple[str, ...]


def is_8_bit(encoding: str) -> bool:
    """Return whether any file can be read in ``encoding``, so that only a person can say whether it is the right one."""
    return bool(encoding) and not encoding.startswith("utf")


def has_other_letters(file: IO[bytes]) -> bool:
    """Return whether there is anything in ``file`` that differs from one 8-bit encoding to another."""
    file.seek(0)
    while part := file.read(_SAMPLE):
        if not part.isascii():
            return True
    return False


def readings_of(file: IO[bytes], separator: str, chosen: str) -> list[Reading]:
    """Return how the cells of ``file`` that show most read in each 8-bit encoding, that ``chosen`` first.

    Encodings in which they cannot be read, or read as in one before, are left out.
    """
    cells = _telling_cells(file, separator)
    found: dict[tuple[str, ...], Reading] = {}
    for encoding in sorted((key for key in ENCODINGS if is_8_bit(key)), key=lambda key: key != chosen):
        try:
            texts = tuple(cell.decode(encoding) for cell in cells)
        except UnicodeDecodeError:
            continue
        if encoding == chosen or all(text.isprintable() for text in texts):
            found.setdefault(texts, Reading(encoding, ENCODINGS[encoding], texts))
    return list(found.values()) if cells else []


def _telling_cells(file: IO[bytes], separator: str) -> list[bytes]:
    """Return up to ``_SHOWN`` cells that together hold as many bytes beyond ASCII as possible."""
    file.seek(0)
    lines = (line.decode("latin-1") for line in file if not line.isascii())
    cells: dict[bytes, set[int]] = {}
    try:
        for row in csv.reader(lines, delimiter=separator or ","):
            for cell in row:
                # As bytes, since what is a space in Latin-1 may be a letter elsewhere.
                bare = b" ".join(cell.encode("latin-1").split())
                if not bare.isascii():
                    cells.setdefault(_around(bare), {byte for byte in bare if byte > 127})
                if len(cells) > _MANY:
                    break
            if len(cells) > _MANY:
                break
    except csv.Error:
        pass  # what was found until here is enough
    chosen, seen = list[bytes](), set[int]()
    while cells and len(chosen) < _SHOWN:
        best = max(cells, key=lambda cell: (len(cells[cell] - seen), -len(cell)))
        seen |= cells.pop(best)
        chosen.append(best)
    return chosen


def _around(cell: bytes) -> bytes:
    """Return the part of a long cell around its first letter beyond ASCII."""
    first = next(place for place, byte in enumerate(cell) if byte > 127)
    start = max(0, first - 25)
    return cell[start : start + 60]


def guess_separator(text: str) -> str:
    """Return the separator of the cells in ``text``, the beginning of a file."""
    first = text.lstrip("\ufeff").splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and len(first[0].strip()) == 5:
        return first[0].strip()[4]  # Excel's own hint
    best, most = ",", (0.0, 0)
    for separator in SEPARATORS:
        rows = []
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                if any(cell.strip() for cell in row):
                    rows.append(len(row))
                if len(rows) == _LINES:
                    break
        except csv.Error:
            continue
        widths = Counter(width for width in rows if width > 1)
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
        # How many lines agree on the number of columns; then the more columns the better.
        mark = (times / len(rows), width)
        if mark > most:
            best, most = separator, mark
    return best
