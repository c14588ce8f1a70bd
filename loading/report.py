"""What a load did, as numbers and as text."""

from dataclasses import dataclass, field

#: What can happen to a record, in the order of the summary's columns. Each record counts once.
OUTCOMES = ("created", "updated", "unchanged", "kept", "deleted")
HEADINGS = {
    "created": "created",
    "updated": "updated",
    "unchanged": "unchanged",
    "kept": "kept staff's",
    "deleted": "deleted by staff",
}


@dataclass(frozen=True)
class Difference:
    """A value that staff changed and that the file says otherwise; staff's stays."""

    record: str
    field: str
    staff_value: object
    file_value: object

    def __str__(self) -> str:
        values = f"staff's {_shown(self.staff_value)}, file's {_shown(self.file_value)}"
        return f"{self.record}, {self.field}: {values}"


@dataclass
class Report:
    """The result of a load.

    ``counts`` holds for every kind of record how often each of :data:`OUTCOMES` happened: "kept" are
    records in which nothing was written because all that differs is staff's. ``deleted`` names records
    that staff deleted and that were not made again, ``vanished`` those that are in the database but
    no longer in the file.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)

    def start(self, kind: str) -> None:
        """Give ``kind`` its line in the summary, also if its file is empty."""
        self.counts.setdefault(kind, dict.fromkeys(OUTCOMES, 0))

    def count(self, kind: str, outcome: str) -> None:
        """Count one record of ``kind``."""
        self.start(kind)
        self.counts[kind][outcome] += 1

    def total(self, outcome: str) -> int:
        """Return how many records of all kinds had ``outcome``."""
        return sum(row[outcome] for row in self.counts.values())

    def table(self) -> str:
        """Return the counts as lines of text, one per kind."""
        rows = [["", *HEADINGS.values()]]
        rows += [[kind, *(str(row[outcome]) for outcome in OUTCOMES)] for kind, row in self.counts.items()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = []
        for row in rows:
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)

    def remarks(self) -> list[str]:
        """Return what staff should know, one line each; empty if all is as in the files."""
        lines = [f"Kept: {difference}" for difference in self.differences]
        lines += [f"Not made again, staff deleted it: {record}" for record in self.deleted]
        lines += [f"No longer in the files, left as it is: {record}" for record in self.vanished]
        return lines


def _shown(value: object) -> str:
    if value is None or value in ("", []):
        return "nothing"
    text = "; ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return f"“{text}”" if len(text) <= 80 else f"“{text[:79]}…”"
