"""Why services refuse; the messages are shown to the user."""


class ImportRefused(Exception):
    """The import is not in a state in which this can be done; the message is meant to be shown."""
