"""What is wrong with a file or a cell, in words for the person who uploaded it."""


class FileProblem(Exception):
    """The file cannot be read as it is; the message names the place and the remedy."""


class CellProblem(Exception):
    """A cell cannot be understood; the message says what to write instead."""
