"""Break one line that an invariant depends on, and see which tests notice: `python -m bench.mutations`.

``bench/invariants.toml`` is the list: an invariant, a text that occurs once in a file, what to write instead, and the
tests that must fail then. Each mutation is made in a copy of the tree, never in the tree itself, and taken back before
the next one. Tests that failed run once more in the untouched copy: there they must pass, else their failing proves
nothing. ``--write`` puts the result into ``docs/invariants.md``.

Runs on SQLite; mutations marked ``database = "postgresql"`` need TEST_DATABASE_URL.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("invariants.toml")
DOCUMENT = ROOT / "docs" / "invariants.md"
#: Seconds for the tests of one mutation; a line that is broken may make a test endless.
PATIENCE = 400
#: Failed tests of one mutation that the document names.
NAMED = 3
_ONE_FAILED, _NO_TESTS = 1, 5  # exit codes of pytest
#: The empty database, and a test that has it made.
_MIGRATED, _ANY_TEST = "migrated.sqlite3", "tests/test_project.py::test_no_migration_is_missing"
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Mutation:
    """One invariant and how it is broken; ``tests`` are arguments of pytest."""

    name: str
    says: str
    file: str
    old: str
    new: str
    tests: str
    database: str = "sqlite"

    @property
    def app(self) -> str:
        """The package whose line it is."""
        return self.file.partition("/")[0]

    def applied_to(self, text: str) -> str:
        """Return ``text`` of the file with the line broken. Raises ``ValueError`` unless the old text is there once."""
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.file} has this text {count} times, not once: {self.old}")
        return text.replace(self.old, self.new)

    def place(self, root: Path = ROOT) -> str:
        """Return the name of the innermost class or function around the line; empty outside of them."""
        text = (root / self.file).read_text()
        line = text[: text.index(self.old)].count("\n") + 1
        names: list[str] = []
        node: ast.AST = ast.parse(text)
        while inner := next((child for child in _definitions(node) if _spans(child, line)), None):
            names.append(inner.name)
            node = inner
        return ".".join(names)


def _definitions(node: ast.AST) -> list[ast.ClassDef | ast.FunctionDef]:
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.ClassDef | ast.FunctionDef)]


def _spans(node: ast.ClassDef | ast.FunctionDef, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


@dataclass
class Verdict:
    """What came of a mutation; ``failed`` are the tests that noticed it."""

    mutation: Mutation
    word: str = "killed"
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)
    output: str = ""


def mutations() -> list[Mutation]:
    """Return the list, in its order."""
    return [Mutation(**entry) for entry in tomllib.loads(LIST.read_text())["invariant"]]


# --- running ---


def copy_of_tree(folder: Path) -> Path:
    """Copy the files that git knows or would take into ``folder``."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (source := ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    return folder


def run_tests(copy: Path, arguments: list[str], *, database: str) -> tuple[int | None, list[str], str]:
    """Run pytest in ``copy``; return its exit code (``None``: no end), the tests that failed, and what it printed."""
    report = copy / "report.xml"
    report.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", "--reuse-db",
        "--ds=bench.mutation_settings", "--hypothesis-profile=first-failure", f"--junitxml={report}", *arguments,
    ]  # fmt: skip
    if (migrated := copy.parent / _MIGRATED).exists():
        for leftover in copy.glob(f"{_MIGRATED}*"):
            leftover.unlink()
        shutil.copy(migrated, copy / _MIGRATED)
    process = subprocess.Popen(
        command, cwd=copy, env=_environment(copy, database), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        output = process.communicate(timeout=PATIENCE)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return None, [], process.communicate()[0]
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else []  # noqa: S314 - pytest wrote it
    failed = [_test_id(case) for case in cases if case.find("failure") is not None]
    return process.returncode, list(dict.fromkeys(failed)), output


def _environment(copy: Path, database: str) -> dict[str, str]:
    values = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    if database == "sqlite":
        values["MUTATION_DATABASE"] = str(copy / _MIGRATED)
    else:
        # Copies run at the same time, so each has a database of its own.
        values |= {"TEST_DATABASE_URL": f"{os.environ['TEST_DATABASE_URL']}_{copy.name}", "TEST_ROUND": "postgresql"}
    return values


def _test_id(case: ElementTree.Element) -> str:
    """Return file and function of a test, without its parameters."""
    parts = case.get("classname", "").split(".")
    classes = [part for part in parts if part[:1].isupper()]
    file = "/".join(parts[: len(parts) - len(classes)])
    return "::".join([f"{file}.py", *classes, case.get("name", "").partition("[")[0]])


def judge(mutation: Mutation, copy: Path) -> Verdict:
    """Break the line in ``copy``, run the tests, and put the line back."""
    verdict = Verdict(mutation)
    if mutation.database == "postgresql" and not os.environ.get("TEST_DATABASE_URL"):
        verdict.word = "not run: needs TEST_DATABASE_URL"
        return verdict
    path, began = copy / mutation.file, time.monotonic()
    try:
        text = path.read_text()
        path.write_text(mutation.applied_to(text))
    except (OSError, ValueError) as error:
        verdict.word, verdict.output = "could not apply", str(error)
        return verdict
    try:
        code, verdict.failed, verdict.output = run_tests(copy, shlex.split(mutation.tests), database=mutation.database)
    finally:
        path.write_text(text)
    verdict.seconds = time.monotonic() - began
    if code == 0:
        verdict.word = "survived"
    elif code == _NO_TESTS:
        verdict.word = "no such test"
    elif code != _ONE_FAILED or not verdict.failed:
        verdict.word = "no result"  # an error in a fixture or at import says nothing about the invariant
    return verdict


def judge_all(chosen: list[Mutation], *, jobs: int, note: Callable[[Verdict], None]) -> list[Verdict]:
    """Judge each of ``chosen``, ``jobs`` at a time, and whether the tests that failed pass in an untouched copy.

    ``note`` is called with each verdict as soon as it is there, and once more for those that the untouched copy changes.
    """
    copies: SimpleQueue[Path] = SimpleQueue()

    def one(mutation: Mutation) -> Verdict:
        copy = copies.get()
        try:
            verdict = judge(mutation, copy)
        finally:
            copies.put(copy)
        note(verdict)
        return verdict

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutations-")))
        for number in range(jobs):
            copies.put(copy_of_tree(folder / f"copy{number}"))
        code, _, output = run_tests(folder / "copy0", [_ANY_TEST], database="sqlite")
        if code:
            raise SystemExit(output)
        shutil.copy(folder / "copy0" / _MIGRATED, folder / _MIGRATED)
        with ThreadPoolExecutor(jobs) as pool:
            verdicts = list(pool.map(one, chosen))
        for database in ("sqlite", "postgresql"):
            killed = [row for row in verdicts if row.word == "killed" and row.mutation.database == database]
            if tests := sorted({test for row in killed for test in row.failed[:NAMED]}):
                _, broken, output = run_tests(folder / "copy0", tests, database=database)
                for row in killed:
                    if broken and set(row.failed[:NAMED]) & set(broken):
                        row.word, row.output = "fails unbroken", output
                        note(row)
    return verdicts


# --- the document ---


def document(rows: list[Mutation], found: dict[str, str]) -> str:
    """Return ``docs/invariants.md``; ``found`` has the cell of the tests that failed, by the name of a mutation."""
    lines = [_HEAD.format(count=len(rows))]
    for app in sorted({row.app for row in rows}):
        lines += [f"\n## {app}\n", "| | Invariant | Where | Broken how | Tests that failed |", "|---|---|---|---|---|"]
        for row in rows:
            if row.app == app:
                place = f"`{row.file}`" + (f": `{name}`" if (name := row.place()) else "")
                how = f"{_code(row.old)} → {_code(row.new)}"
                cells = [f"`{row.name}`", row.says, place, how, found.get(row.name, "")]
                lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_HEAD = """# Invariants and the tests that guard them

{count} things that must hold, each with one line that it depends on. The line was broken once as the table says, and
these tests failed; unbroken they pass. `python -m bench.mutations` breaks all of them again in a copy of the tree and
says what survived, `--only NAME` one of them, `--write` puts the result here. The list is `bench/invariants.toml`; an
invariant that matters and is not in it is to be added. Where more than three tests failed, three are named."""


def _code(text: str) -> str:
    shown = re.sub(r"\s+", " ", text.strip()).replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`" if shown else "nothing"


def cell(failed: list[str]) -> str:
    """Return the names of tests as a cell of the table."""
    return "<br>".join(f"`{test.removeprefix('tests/').replace('.py::', '::')}`" for test in failed[:NAMED])


def found_in(text: str) -> dict[str, str]:
    """Return the cells of the tests that failed as the document ``text`` has them, by name."""
    rows = [_CELL.split(line) for line in text.splitlines() if line.startswith("| `")]
    return {cells[1].strip(" `"): cells[-2].strip() for cells in rows}


def main() -> int:
    """Run it from the command line; 0 if every invariant that was broken was noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="NAME", help="only this one; may be given several times")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument("--write", action="store_true", help="write docs/invariants.md")
    options = parser.parse_args()
    every = mutations()
    chosen = [row for row in every if not options.only or row.name in options.only]
    if unknown := set(options.only or ()) - {row.name for row in chosen}:
        parser.error(f"no such invariant: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    cells = found_in(DOCUMENT.read_text()) if DOCUMENT.exists() else {}

    def note(verdict: Verdict) -> None:
        print(f"{verdict.word:<16} {verdict.seconds:4.0f} s  {verdict.mutation.name}", flush=True)
        cells[verdict.mutation.name] = cell(verdict.failed) if verdict.word == "killed" else ""
        if options.write:
            DOCUMENT.write_text(document(every, cells))

    verdicts = judge_all(chosen, jobs=options.jobs, note=note)
    for verdict in verdicts:
        if verdict.word != "killed":
            print(f"\n=== {verdict.mutation.name}: {verdict.word}\n{verdict.output[-3000:]}")
    killed = [verdict for verdict in verdicts if verdict.word == "killed"]
    print(f"\n{len(killed)} of {len(chosen)} were noticed, in {time.monotonic() - began:.0f} seconds.")
    if not options.write:
        print(document(chosen, cells))
    return len(killed) < len(chosen)


if __name__ == "__main__":
    sys.exit(main())
