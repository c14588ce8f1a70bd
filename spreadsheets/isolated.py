"""Foreign files are read in a process of their own, with a limit of memory and time, and nothing else in it.

What a file does there (fill the memory, never end, make a parser crash) ends that process and becomes a message. The
process is started for each reading, gets the open file as its standard input, a request as its only argument, no
settings and no environment of the portal, and answers with a line of JSON for each row.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import IO, Any

from spreadsheets.exceptions import FileProblem

#: Bytes that the process may have in memory, its interpreter included. A full table of texts needs half of it.
MEMORY = 512 * 1024 * 1024
#: Seconds of computing for one reading; a full file of 20 MB needs half of it. Shorter than a claim on an import lasts.
SECONDS = 40
#: Seconds without any answer, on a machine that is busy with other things.
PATIENCE = 50.0
_TO_STOP = 5  # seconds of computing to say that the time is over
_PIECE = 64 * 1024
_ROOT = Path(__file__).resolve().parents[1]
_REMEDY = "Copy the cells into a new file without formats, split it, or save it as CSV."

logger = logging.getLogger(__name__)


def inspect_file(file: IO[bytes], *, name: str, **chosen: str) -> Any:
    """Return what :func:`~spreadsheets.reader.inspect_file` finds. Raises :class:`FileProblem`."""
    from spreadsheets.encodings import Reading
    from spreadsheets.reader import Inspection, Layout

    with closing(_answers(file, {"name": name, "chosen": chosen})) as answers:
        found = next(answers)
    found["layout"] = Layout(**found["layout"])
    found["readings"] = [Reading(**{**entry, "cells": tuple(entry["cells"])}) for entry in found["readings"]]
    found["rows"] = [(number, cells) for number, cells in found["rows"]]
    return Inspection(**found)


def read_rows(file: IO[bytes], layout: Any, name: str, *, below: int = 0, after: int = 0) -> Generator[Any, None, None]:
    """Yield what :func:`~spreadsheets.reader.read_rows` does, without blank rows and those up to line ``after``.

    Close the iterator to end the process early. Raises :class:`FileProblem`.
    """
    from spreadsheets.reader import Line

    request = {"name": name, "layout": asdict(layout), "below": below, "after": after}
    with closing(_answers(file, request)) as answers:
        for number, cells, merged in answers:
            yield Line(number, cells, {int(place): tuple(lines) for place, lines in merged.items()})


# --- the portal's side ---


def _answers(file: IO[bytes], request: dict[str, Any]) -> Generator[Any, None, None]:
    """Yield the answers of a new process to ``request``; it is ended with the iterator."""
    name = request["name"]
    with _as_descriptor(file) as descriptor, tempfile.TemporaryFile() as errors:
        os.lseek(descriptor, 0, os.SEEK_SET)
        process = subprocess.Popen(  # noqa: S603 - our own module; the request is one argument, no shell reads it
            [sys.executable, "-m", __name__, json.dumps({**request, "memory": MEMORY, "seconds": SECONDS})],
            stdin=descriptor, stdout=subprocess.PIPE, stderr=errors, env=_environment(),
        )  # fmt: skip
        try:
            for line in _lines(process, name):
                answer = json.loads(line.decode("utf-8", "surrogatepass"), object_hook=_decoded)
                if "problem" in answer:
                    raise FileProblem(answer["problem"])
                if "end" in answer:
                    return
                yield answer["answer"]
            code = process.wait()
            if code in (-signal.SIGKILL, -signal.SIGXCPU):
                raise FileProblem(f"{name} takes more time or memory than one file may. {_REMEDY}")
            errors.seek(0)
            logger.error(
                "The reader of a spreadsheet ended with %s: %s", code, errors.read()[-2000:].decode(errors="replace")
            )
            raise FileProblem(
                f"{name} cannot be read. Open it in a spreadsheet program, save it again and upload that."
            )
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _lines(process: subprocess.Popen[bytes], name: str) -> Iterator[bytes]:
    """Yield what ``process`` writes, line by line. Raises :class:`FileProblem` if it is silent for too long."""
    output = process.stdout
    assert output is not None  # noqa: S101 - a pipe was asked for
    rest = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        until = time.monotonic() + PATIENCE
        while True:
            if not selector.select(until - time.monotonic()):
                raise FileProblem(f"{name} takes more than {PATIENCE:.0f} seconds to be read. {_REMEDY}")
            part = os.read(output.fileno(), _PIECE)
            if not part:
                return
            rest += part
            if b"\n" in part:
                *lines, last = rest.split(b"\n")
                rest = bytearray(last)
                yield from map(bytes, lines)
                until = time.monotonic() + PATIENCE


@contextmanager
def _as_descriptor(file: IO[bytes]) -> Iterator[int]:
    """Give a file that a process can read: ``file`` itself, or a copy of what is in memory or far away."""
    try:
        descriptor = file.fileno()
    except (AttributeError, OSError):
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            while part := file.read(_PIECE):
                copy.write(part)
            copy.flush()
            yield copy.fileno()
    else:
        yield descriptor


def _environment() -> dict[str, str]:
    """Return what the interpreter needs to find its modules, and nothing of the portal's settings."""
    path = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
    return {"PYTHONPATH": path, "PYTHONUTF8": "1"}


def _decoded(entry: dict[str, Any]) -> Any:
    if len(entry) != 1:
        return entry
    ((kind, value),) = entry.items()
    if kind == "datetime":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "time":
        return time_of_day.fromisoformat(value)
    return timedelta(seconds=value) if kind == "seconds" else entry


# --- the side of the process ---


def _encoded(value: Any) -> dict[str, Any]:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time_of_day):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    raise TypeError(type(value))


class _TimeIsOver(Exception):
    """The process computed for as long as it may."""


def main(argument: str) -> None:
    """Answer the request in ``argument`` about the file on standard input."""
    request = json.loads(argument)
    _limit(request["memory"], request["seconds"])
    name = request["name"]
    try:
        with os.fdopen(0, "rb") as file:
            for answer in _answer(file, request):
                _send({"answer": answer})
        _send({"end": True})
    except FileProblem as problem:
        _send({"problem": str(problem)})
    except _TimeIsOver:
        _send({"problem": f"{name} takes more than {request['seconds']} seconds to be read. {_REMEDY}"})
    except MemoryError:
        _send({"problem": f"{name} needs more memory than one file may take. {_REMEDY}"})


def _answer(file: IO[bytes], request: dict[str, Any]) -> Iterator[Any]:
    from spreadsheets.reader import Layout, inspect_file, is_blank, read_rows

    if "layout" not in request:
        yield asdict(inspect_file(file, name=request["name"], **request["chosen"]))
        return
    layout = Layout(**request["layout"])
    for line in read_rows(file, layout, request["name"], below=request["below"]):
        if line.number > request["after"] and not is_blank(line.cells):
            yield line


def _send(answer: dict[str, Any]) -> None:
    text = json.dumps(answer, default=_encoded, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass") + b"\n")
    sys.stdout.buffer.flush()


def _limit(memory: int, seconds: int) -> None:
    """Take on the limits, as far as the system knows them."""
    import resource

    def over(_signal: int, _frame: object) -> None:
        raise _TimeIsOver

    signal.signal(signal.SIGXCPU, over)
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + _TO_STOP),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        try:
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):
            continue  # macOS has no limit of memory; that of time holds there


if __name__ == "__main__":
    main(sys.argv[1])
