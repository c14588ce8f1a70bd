"""What the services refuse, in words for the person who asked."""


class ImportRefused(Exception):
    """The import is not in a state in which this can be done; the message is meant to be shown."""
