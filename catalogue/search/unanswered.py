"""Words of searches that found nothing: counted for staff, about nobody."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count, F, Sum
from django.utils import timezone

from catalogue.models import UnansweredWord
from catalogue.search.reading import Reading

DAYS_KEPT = 30
#: A word is shown once it was asked on so many days or so often: a name or a slip of one person is not.
LEAST_TIMES, LEAST_DAYS = 5, 3
#: Words that are counted on one day; a robot must not fill the table.
MOST_A_DAY = 2000


class Unanswered(NamedTuple):
    """A word with how often, and on how many days, it was part of a search without result."""

    word: str
    times: int
    days: int


def count_unanswered(reading: Reading) -> None:
    """Count the words of a search that found nothing, those that the portal does not know; numbers and addresses are none."""
    words = {word for word in reading.unknown if 3 <= len(word) <= 40 and word.isalpha()}
    if not words or "@" in reading.text:
        return
    today = timezone.localdate()
    known = set(UnansweredWord.objects.filter(day=today, word__in=words).values_list("word", flat=True))
    UnansweredWord.objects.filter(day=today, word__in=known).update(times=F("times") + 1)
    if words - known and UnansweredWord.objects.filter(day=today).count() < MOST_A_DAY:
        rows = [UnansweredWord(word=word, day=today) for word in sorted(words - known)]
        UnansweredWord.objects.bulk_create(rows, ignore_conflicts=True)


def unanswered_words() -> list[Unanswered]:
    """Return the words of the last 30 days that were asked often enough, the most frequent first."""
    rows = UnansweredWord.objects.order_by().values("word").annotate(all_times=Sum("times"), days=Count("day"))
    found = [Unanswered(row["word"], row["all_times"], row["days"]) for row in rows]
    often = [item for item in found if item.times >= LEAST_TIMES and item.days >= LEAST_DAYS]
    return sorted(often, key=lambda item: (-item.times, item.word))
