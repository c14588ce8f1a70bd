"""What the services refuse; each message is for the person who asked."""

from collections.abc import Mapping

from publicforms.exceptions import RequestRefused


class SubmissionRefused(RequestRefused):
    """Base of these exceptions; the message is meant to be shown."""


class IllegalMove(SubmissionRefused):
    """The submission is not in a state from which this can be done."""


class SubmissionsClosed(SubmissionRefused):
    """Staff takes nothing new at the moment; what was sent already goes on."""

    def __init__(self, text: str = "") -> None:
        """Store what staff wrote for the time being; may be empty."""
        self.text = text
        super().__init__(text or "Submissions and corrections are not taken at the moment. Please come back later.")


class SubmissionIncomplete(SubmissionRefused):
    """Values are missing or wrong; ``errors`` holds the messages by field."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        """Store the messages by field."""
        self.errors = dict(errors)
        super().__init__(" ".join(message for messages in self.errors.values() for message in messages))


class SubmissionChanged(SubmissionRefused):
    """The submission or the live row changed since the reviewer read it; ``changes`` has a line for each change."""

    def __init__(self, changes: list[str]) -> None:
        """Store the lines."""
        self.changes = changes
        super().__init__("Something changed since you opened this page: " + " ".join(changes))


class DecisionNotPossible(SubmissionRefused):
    """The decision as given cannot be carried out; ``errors`` holds messages by field ("" for the whole)."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        """Store the messages by field."""
        self.errors = dict(errors)
        super().__init__(" ".join(self.errors.values()))


class AnswerNotPossible(SubmissionRefused):
    """A profile cannot be confirmed like this; the message says why and what else to do."""
