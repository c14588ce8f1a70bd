"""What is wrong with a file, with a message for the person who uploaded it."""


class FileProblem(Exception):
    """The file cannot be read as it is; the message names the place and the remedy."""
