"""Reading the data files: every mistake is reported with file, line, column and remedy."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


class LoadError(Exception):
    """A data file cannot be loaded; the message says where and what to do. Nothing was changed."""

    def __init__(self, file: str, problem: str, *, line: int | None = None, column: str = "", remedy: str = "") -> None:
        """Keep the place (``line`` counts from 1, the heading included) and build the message."""
        self.file, self.line, self.column, self.problem, self.remedy = file, line, column, problem, remedy
        place = [file]
        if line:
            place.append(f"line {line}")
        if column:
            place.append(f"column {column}")
        super().__init__(f"{', '.join(place)}: {problem}{' ' + remedy if remedy else ''}")


@dataclass(frozen=True)
class Row:
    """One line of a CSV file, with typed access to its cells."""

    file: str
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, problem: str, remedy: str = "") -> LoadError:
        """Return the error to raise for a cell of this line."""
        return LoadError(self.file, problem, line=self.line, column=column, remedy=remedy)

    def text(self, column: str, *, required: bool = False) -> str:
        """Return the cell without outer blanks; raises :class:`LoadError` if it is ``required`` and empty."""
        value = self.cells[column].strip()
        if required and not value:
            raise self.error(column, "is empty.", "Fill it in.")
        return value

    def items(self, column: str) -> list[str]:
        """Return the parts of a cell that are separated by semicolons, each once, without empty ones."""
        return list(dict.fromkeys(part.strip() for part in self.cells[column].split(";") if part.strip()))

    def whole(self, column: str) -> int | None:
        """Return a whole number from 0, or ``None`` for an empty cell."""
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit()):
            raise self.error(column, f"“{value}” is no whole number.", "Write digits only, or leave it empty.")
        return int(value)

    def flag(self, column: str) -> bool:
        """Return true or false."""
        value = self.text(column)
        if value not in ("true", "false"):
            raise self.error(column, f"“{value}” is neither true nor false.", "Write true or false.")
        return value == "true"

    def degrees(self, column: str, limit: int) -> str:
        """Return an angle between minus and plus ``limit`` degrees as text with four decimals."""
        value = self.text(column, required=True)
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) > limit:
            raise self.error(column, f"“{value}” is no angle up to {limit} degrees.", "Write it like 48.1374.")
        return str(number.quantize(Decimal("0.0001")))

    def one_of(self, column: str, choices: Mapping[str, Any]) -> Any:
        """Return what ``choices`` says for the cell; raises :class:`LoadError` if it says nothing."""
        value = self.text(column)
        if value not in choices:
            known = ", ".join(f"“{choice}”" for choice in choices if choice)
            raise self.error(column, f"“{value}” is not known.", f"Write one of {known}.")
        return choices[value]


def read_csv(folder: Path, name: str, columns: Iterable[str]) -> list[Row]:
    """Return the lines of the file ``name`` in ``folder``.

    ``columns`` are those that it must have; others are allowed. Raises :class:`LoadError` for a
    file that is missing, is not UTF-8, lacks a column, or has a line with too few or too many cells.
    """
    wanted = list(columns)
    reader = csv.reader(io.StringIO(read_text(folder, name), newline=""), strict=True)
    rows: list[Row] = []
    start = 1
    try:
        heading = next(reader, [])
        missing = [column for column in wanted if column not in heading]
        if missing:
            raise LoadError(
                name, "the heading lacks this column.", line=1, column=missing[0],
                remedy=f"The first line must name {', '.join(wanted)}.",
            )  # fmt: skip
        start = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(heading):
                column = heading[min(len(cells), len(heading)) - 1]
                problem = f"the line has {len(cells)} cells, the heading {len(heading)}."
                raise LoadError(
                    name,
                    problem,
                    line=start,
                    column=column,
                    remedy="Put cells with a comma in double quotes.",
                )
            if cells:
                rows.append(Row(name, start, dict(zip(heading, cells, strict=True))))
            start = reader.line_num + 1
    except csv.Error as error:
        raise LoadError(name, f"is no valid CSV: {error}.", line=start, remedy="Check the double quotes.") from error
    return rows


def read_text(folder: Path, name: str) -> str:
    """Return the text of a file, its lines ended as the database holds them.

    Raises :class:`LoadError` if it is missing or not UTF-8.
    """
    try:
        return (folder / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise LoadError(name, "cannot be read.", remedy=f"It must be in {folder}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise LoadError(name, "is not UTF-8.", line=line, remedy="Save it as UTF-8 and try again.") from error


def read_settings(folder: Path, name: str, columns: Iterable[str]) -> Row:
    """Return the texts of a JSON file that holds one object; raises :class:`LoadError` for anything else."""
    try:
        values = json.loads(read_text(folder, name))
    except json.JSONDecodeError as error:
        raise LoadError(
            name, f"is no valid JSON: {error.msg}.", line=error.lineno, remedy="Correct it there."
        ) from error
    for column in columns:
        if not isinstance(values, dict) or not isinstance(values.get(column), str):
            raise LoadError(name, "must be a text.", line=1, column=column, remedy='Write "" for none.')
    return Row(name, 1, values)
