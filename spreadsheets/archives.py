"""The parts of an Excel file, unpacked and parsed piece by piece under limits; nothing is held in memory here."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from spreadsheets.exceptions import FileProblem

MAX_UNPACKED = 200 * 1024 * 1024  # bytes read out of one Excel file in one pass, whatever its headers say
MAX_PARTS = 2_000  # files inside an Excel file
MAX_DEPTH = 50  # elements inside each other; Excel needs fewer than 20
MAX_ELEMENT = 1024 * 1024  # bytes of one tag with its attributes
_MAX_DIRECTORY = MAX_PARTS * 600  # bytes of the list of parts
_PIECE = 64 * 1024
_REMEDY = "Copy the cells into a new file, or save it as CSV."

Attributes = dict[str, str]


@dataclass
class Handlers:
    """What a parser calls: names come without namespaces, those of attributes too."""

    start: Callable[[str, Attributes], None]
    end: Callable[[str], None] | None = None
    text: Callable[[str], None] | None = None


class Archive:
    """A zip file of which parts are parsed by name. Raises :class:`FileProblem` for everything that is wrong in it."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        """Read the list of parts."""
        self.name = name
        _check_directory(file, name)
        file.seek(0)
        with self._problems("its list of parts"):
            self._zip = zipfile.ZipFile(file)
        parts = self._zip.infolist()
        self.names = {part.filename for part in parts}
        if len(parts) > MAX_PARTS:
            raise FileProblem(f"{name} consists of {len(parts):,} parts, at most {MAX_PARTS:,} can be read. {_REMEDY}")
        if len(self.names) < len(parts):
            raise self._damaged()
        # What the headers say may be a lie: it is counted again while reading.
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise self._too_large("all of it")

    def parse(self, part: str, what: str, handlers: Handlers, *, most: int = MAX_UNPACKED) -> Iterator[None]:
        """Parse ``part`` and pause after each piece of it; ``what`` is how messages call it, ``most`` its bytes."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_declarations
        _Elements(self.name, what, handlers).listen(parser)
        read = 0
        with self._problems(what), self._open(part) as stream:
            while piece := stream.read(_PIECE):
                read += len(piece)
                if read > most:
                    raise self._too_large(what, most)
                parser.Parse(piece)
                if read - max(0, parser.CurrentByteIndex) > MAX_ELEMENT + _PIECE:
                    raise FileProblem(f"{self.name}: in {what}, one element is larger than 1 MB. {_REMEDY}")
                yield
            parser.Parse(b"", True)
            yield

    def parse_all(self, part: str, what: str, handlers: Handlers, *, most: int = MAX_UNPACKED) -> None:
        """Parse ``part`` to its end."""
        for _pause in self.parse(part, what, handlers, most=most):
            pass

    def _open(self, part: str) -> IO[bytes]:
        if part not in self.names:
            raise self._damaged()
        entry = self._zip.getinfo(part)
        if entry.flag_bits & 1:
            raise FileProblem(f"{self.name} is protected by a password. Save it as .xlsx or CSV without password.")
        # Excel writes no others, and some of them unpack into memory of any size.
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._damaged()
        return self._zip.open(entry)

    @contextmanager
    def _problems(self, what: str) -> Iterator[None]:
        """Say what is wrong with the file where reading ``what`` fails."""
        try:
            yield
        # zipfile raises NotImplementedError for what it cannot read: strong encryption, patched data, newer versions.
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise self._damaged() from error
        except (expat.ExpatError, ValueError, ArithmeticError) as error:
            raise self._damaged() from error
        except MemoryError:
            raise FileProblem(f"{self.name} needs more memory than one file may take, for {what}. {_REMEDY}") from None

    def _too_large(self, what: str, most: int = MAX_UNPACKED) -> FileProblem:
        return FileProblem(
            f"{self.name} would unpack to more than can be read: more than {most // 1024 // 1024} MB for {what}. {_REMEDY}"
        )

    def _damaged(self) -> FileProblem:
        return FileProblem(f"{self.name} is damaged. Open it in a spreadsheet program, save it again and upload that.")

    def _refuse_declarations(self, *_declaration: object) -> None:
        raise FileProblem(
            f"{self.name} declares entities, as no spreadsheet program does. Save it again and upload that."
        )


class _Elements:
    """Hands elements on, and refuses those that are nested too deeply."""

    def __init__(self, name: str, what: str, handlers: Handlers) -> None:
        self._name, self._what, self._handlers, self._depth = name, what, handlers, 0

    def listen(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._handlers.text

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FileProblem(
                f"{self._name}: in {self._what}, more than {MAX_DEPTH} elements are inside each other. {_REMEDY}"
            )
        self._handlers.start(name.rpartition(" ")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._handlers.end:
            self._handlers.end(name.rpartition(" ")[2])


def local(attributes: Attributes) -> Attributes:
    """Return ``attributes`` without the namespaces of their names."""
    return {name.rpartition(" ")[2]: value for name, value in attributes.items()}


def _check_directory(file: IO[bytes], name: str) -> None:
    """Refuse a list of parts that would fill the memory before anybody can count it.

    The end of a zip file says how large it is: 4 bytes at 12 of a record of 22 bytes and a comment.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    record = tail.rfind(b"PK\x05\x06")
    if record < 0 or len(tail) - record < 22:
        raise FileProblem(f"{name} is damaged. Open it in a spreadsheet program, save it again and upload that.")
    if int.from_bytes(tail[record + 12 : record + 16], "little") > _MAX_DIRECTORY:
        raise FileProblem(f"{name} consists of more parts than can be read, at most {MAX_PARTS:,}. {_REMEDY}")
