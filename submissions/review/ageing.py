"""How long a submission has waited, as text and as a degree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from submissions.managers import LATE_DAYS

#: Days in the queue from which a submission will soon be late.
SOON_LATE_DAYS = 5


@dataclass(frozen=True)
class Age:
    """Whole days in the queue; ``degree`` is "new", "soon" or "late", or empty where nobody waits."""

    days: int
    degree: str

    @property
    def words(self) -> str:
        """Return the age as people say it: colours alone would not do.

        >>> Age(12, "late").words
        '12 days, late'
        """
        text = "today" if self.days == 0 else "1 day" if self.days == 1 else f"{self.days:,} days"
        return text + {"soon": ", soon late", "late": ", late"}.get(self.degree, "")


def age_of(since: datetime | None, *, is_waiting: bool, until: datetime | None = None) -> Age:
    """Return the age of something that came into the queue at ``since``."""
    if since is None:
        return Age(0, "")
    days = max(0, ((until or timezone.now()) - since) // timedelta(days=1))
    if not is_waiting:
        return Age(days, "")
    return Age(days, "late" if days >= LATE_DAYS else "soon" if days >= SOON_LATE_DAYS else "new")
