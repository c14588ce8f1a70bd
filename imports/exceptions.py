"""What the services and readers of imports raise; the messages are shown to the user."""

from collections.abc import Sequence


class ImportRefused(Exception):
    """The import is not in a state in which this can be done; the message is meant to be shown."""


class CellProblem(Exception):
    """A cell cannot be understood; the message says what to write instead."""


class UnknownNames(CellProblem):
    """A cell names what nobody knows; ``unknown`` are the texts with the country in which a region was looked for."""

    def __init__(self, message: str, unknown: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.unknown = tuple(unknown)
