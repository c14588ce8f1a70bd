"""Files that somebody made to do harm end with a message, in bounded time and memory, and leave the portal alone."""

import io
import signal
import subprocess
import sys
import tempfile
import zipfile

import pytest

from bench.hostile_files import HOSTILE, LONG, make, workbook
from spreadsheets import archives, isolated
from spreadsheets.exceptions import FileProblem
from spreadsheets.reader import Layout
from tests.imports.sheets import csv_bytes
from tests.portal.conftest import ROOT


def look(name, content):
    # As uploaded files are: on a disk, so that nothing of them is copied.
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return isolated.inspect_file(file, name=name)


@pytest.fixture(autouse=True)
def _a_busy_machine(monkeypatch):
    # The reader is held to its time of computing; how long that takes depends on what else the machine does.
    monkeypatch.setattr(isolated, "PATIENCE", 600.0)


def message_about(name, content) -> str:
    """Return what is wrong with a file, nothing if it is read."""
    try:
        assert look(name, content).rows
    except FileProblem as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind not in LONG])
def test_a_hostile_file_is_read_or_explained(kind):
    name, content, expected = make(kind)

    message = message_about(name, content)

    assert bool(message) == bool(expected)
    assert expected in message
    assert not message or (message.startswith(name) and message.endswith("."))


def test_the_reader_ends_with_a_message_where_its_memory_ends(monkeypatch):
    monkeypatch.setattr(isolated, "MEMORY", 72 * 1024 * 1024)

    with pytest.raises(FileProblem, match="needs more memory than one file may take, for its texts"):
        look("x.xlsx", workbook(texts="<si><t>" + "x" * 1000 + "</t></si>", **{"xl/sharedStrings.xml": _texts(50_000)}))


def _texts(number: int) -> bytes:
    texts = "".join(f"<si><t>{n}{'x' * 1000}</t></si>" for n in range(number))
    return f"<sst>{texts}</sst>".encode()


def test_the_reader_ends_with_a_message_where_its_time_ends(monkeypatch):
    monkeypatch.setattr(isolated, "SECONDS", 1)

    with pytest.raises(FileProblem, match=r"x\.xlsx takes more than 1 seconds to be read"):
        look("x.xlsx", workbook(rows=("<row>" + "<c><v>1</v></c>" * 100 + "</row>") * 30_000))


def test_a_reader_that_says_nothing_is_ended(monkeypatch):
    monkeypatch.setattr(isolated, "PATIENCE", 0.0)

    with pytest.raises(FileProblem, match="takes more than 0 seconds to be read"):
        look("x.csv", csv_bytes([["name"], ["A"]]))


def test_a_reader_that_crashes_is_no_crash_of_the_worker(monkeypatch, caplog):
    monkeypatch.setattr(isolated, "MEMORY", 1024 * 1024)  # not even the modules fit

    with pytest.raises(FileProblem, match=r"x\.csv (cannot be read|needs more memory|takes more)"):
        look("x.csv", csv_bytes([["name"], ["A"]]))


def test_the_reader_gets_nothing_of_the_portals_settings(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@db.example/portal")

    assert {"SECRET_KEY", "DATABASE_URL"} & set(isolated._environment()) == set()
    assert set(isolated._environment()) <= {"PYTHONPATH", "PYTHONUTF8"}


def test_reading_files_needs_nothing_of_the_portal():
    code = "import sys, spreadsheets.reader; print('django' in sys.modules, 'catalogue.models' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["False", "False"]


def test_rows_that_nobody_wants_any_more_end_the_process(monkeypatch):
    started, start = [], subprocess.Popen
    monkeypatch.setattr(
        isolated.subprocess, "Popen", lambda *args, **kw: started.append(start(*args, **kw)) or started[0]
    )
    rows = isolated.read_rows(
        io.BytesIO(csv_bytes([["name"], *[["x" * 1000]] * 15_000])), Layout("csv", "utf-8-sig", ","), "x.csv"
    )
    assert next(rows).cells == ["name"]

    rows.close()

    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_headers_that_say_less_than_there_is_are_counted_while_reading(monkeypatch):
    content = workbook(rows="<row><c><v>1</v></c></row>" * 100_000)
    right = zipfile.ZipFile.infolist

    def modest(archive):
        return [part for part in right(archive) if "sheet1" not in part.filename]

    monkeypatch.setattr(zipfile.ZipFile, "infolist", modest)
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1024 * 1024)
    archive = archives.Archive(io.BytesIO(content), "x.xlsx")
    archive.names.add("xl/worksheets/sheet1.xml")

    with pytest.raises(FileProblem, match="more than 1 MB for sheet"):
        archive.parse_all("xl/worksheets/sheet1.xml", "sheet “S”", archives.Handlers(lambda *_: None), most=1024 * 1024)
