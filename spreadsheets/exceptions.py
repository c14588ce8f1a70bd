"""What is wrong with a file or a cell, with a message for the person who uploaded it."""

from collections.abc import Sequence


class FileProblem(Exception):
    """The file cannot be read as it is; the message names the place and the remedy."""


class CellProblem(Exception):
    """A cell cannot be understood; the message says what to write instead."""


class UnknownNames(CellProblem):
    """A cell names what nobody knows; ``unknown`` are the texts with the country in which a region was looked for."""

    def __init__(self, message: str, unknown: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.unknown = tuple(unknown)
