"""Why a merge or its undoing is refused; the messages are shown to the user."""

from collections.abc import Sequence


class MergeNotPossible(Exception):
    """The two clusters cannot become one like this; ``problems`` says why, line by line."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the lines."""
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


class MergeChanged(MergeNotPossible):
    """One of the two changed since the page was opened."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(["One of the two profiles changed since you opened this page. Look at it again, then merge."])


class UndoNotPossible(Exception):
    """The result was touched since; ``changes`` says what changed, line by line."""

    def __init__(self, changes: Sequence[str]) -> None:
        """Keep the lines."""
        self.changes = list(changes)
        super().__init__("This merge cannot be undone any more. " + " ".join(self.changes))
