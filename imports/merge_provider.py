"""What of imported spreadsheets moves when two clusters become one."""

from __future__ import annotations

from duplicates.merging.providers import Provider, Record, RelatedRows, providers
from imports.models import ImportRow


class ImportRows(RelatedRows):
    """Rows of spreadsheets: they say where proposals came from and are no part of what the cluster says.

    A file that is checked again, or a decision about a row, must not keep a merge from being undone.
    """

    def changed(self, records: list[Record]) -> list[str]:
        """Return nothing."""
        return []

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Give those back that are still there and still about the target."""
        if records:
            self._give(self._of(records).filter(cluster=records[0]["to"]), records[0]["from"], reason)


PROVIDERS: tuple[Provider, ...] = (ImportRows("import_rows", "rows of spreadsheets", 70, ImportRow, may_expire=True),)


def register_merge_providers() -> None:
    """Make the providers of this module known; safe to repeat."""
    providers.register(*PROVIDERS)
