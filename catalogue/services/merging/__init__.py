"""Two clusters become one, and how that is undone."""

from catalogue.services.merging.merge import merge, what_stands_against
from catalogue.services.merging.refusals import MergeChanged, MergeNotPossible, UndoNotPossible
from catalogue.services.merging.rows import all_providers
from catalogue.services.merging.undo import undo, what_keeps_from_undoing

__all__ = [
    "MergeChanged",
    "MergeNotPossible",
    "UndoNotPossible",
    "all_providers",
    "merge",
    "undo",
    "what_keeps_from_undoing",
    "what_stands_against",
]
