"""Open submissions, wherever they came from, that propose the same as a row of a spreadsheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from catalogue.search.text import sort_key
from duplicates.finder import DuplicateFinder
from duplicates.profiles import Candidate, Known
from imports.models import SpreadsheetImport
from submissions.fields.values import Values
from submissions.models import Submission

#: A submission that another connection commits late has an earlier time: so far back is read again.
_OVERLAP = timedelta(minutes=1)
_SHOWN = 2

#: One entry of ``ImportRow.matches``.
Entry = dict[str, Any]


@dataclass(frozen=True)
class OpenSubmission:
    """One new submission that waits."""

    pk: int
    name: str
    country: str
    since: datetime
    source: str

    @property
    def key(self) -> tuple[str, str]:
        """Under what a row finds it."""
        return sort_key(self.name), self.country


class OpenSubmissions:
    """The open submissions but those of one import; read once, then only what came since."""

    def __init__(self, spreadsheet: SpreadsheetImport, *, since: datetime | None = None) -> None:
        """``since`` leaves out of the likenesses what waited before that moment."""
        self._spreadsheet, self._since = spreadsheet, since
        self._known: dict[int, OpenSubmission] = {}
        self._by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._finder: DuplicateFinder | None = None
        self._read_at: datetime | None = None
        self.refresh()

    def refresh(self) -> None:
        """Read the new submissions that came into the queue since the last time: one query."""
        now = timezone.now()
        rows = self._open().filter(kind=Submission.Kind.NEW)
        if self._read_at is not None:
            rows = rows.filter(confirmed_at__gte=self._read_at - _OVERLAP)
        fresh = [
            OpenSubmission(pk, name, country or "", since or now, _source(channel, file, line))
            for pk, name, country, since, channel, file, line in rows.values_list(
                "pk", "name", "country_id", "confirmed_at", "channel", "import_row__spreadsheet__file_name",
                "import_row__number",
            )
            if pk not in self._known
        ]  # fmt: skip
        self._read_at = now
        for row in fresh:
            self._known[row.pk] = row
            self._by_name[row.key].append(row.pk)
        likely = [row.pk for row in fresh if self._since is None or row.since >= self._since]
        if likely:
            payloads = dict(_in_parts(self._open().filter(kind=Submission.Kind.NEW), likely))
            known = [Known(id=pk, candidate=Candidate.of_values(payload)) for pk, payload in payloads.items()]
            if self._finder is None:
                self._finder = DuplicateFinder.among(known)
            else:
                for one in known:
                    self._finder.add(one)

    def about(self, pairs: Iterable[tuple[str, str]]) -> dict[int, Values]:
        """Return the payloads of the new submissions with one of the names and countries ``pairs``."""
        keys = {pk for name, country in pairs for pk in self._by_name.get((sort_key(name), country), ()) if name}
        return dict(_in_parts(self._open(), sorted(keys))) if keys else {}

    def updates_of(self, clusters: Collection[int]) -> dict[int, list[tuple[int, Values, str]]]:
        """Return by cluster the open updates of ``clusters``: key, payload and where it came from."""
        found: dict[int, list[tuple[int, Values, str]]] = defaultdict(list)
        if clusters:
            rows = self._open().filter(kind=Submission.Kind.UPDATE, target__in=clusters).order_by("pk")
            for pk, target, payload, channel, file, line in rows.values_list(
                "pk", "target", "payload", "channel", "import_row__spreadsheet__file_name", "import_row__number"
            ):
                found[target].append((pk, payload, _source(channel, file, line)))
        return found

    def same_as(self, values: Values, payloads: dict[int, Values]) -> Entry | None:
        """Return the new submission that says exactly ``values``, out of what :meth:`about` found."""
        for pk in self._by_name.get(_key(values), ()):
            if payloads.get(pk) == values:
                return _proposed(pk, self._known[pk].name, self._known[pk].source)
        return None

    def like(self, values: Values, payloads: dict[int, Values], *, but: Collection[int] = ()) -> list[Entry]:
        """Return the open new submissions that may propose the same cluster as ``values``, the likeliest first.

        ``payloads`` are those that :meth:`about` found: they are open still.
        """
        named = [pk for pk in self._by_name.get(_key(values), ()) if pk in payloads and pk not in but]
        found = [self._entry(pk, 1.0, ["Same name and country"]) for pk in named[:_SHOWN]]
        if not found and self._finder is not None:
            hits = [hit for hit in self._finder.matches(Candidate.of_values(values)) if hit.cluster_id not in but]
            found = [self._entry(hit.cluster_id, hit.score, list(hit.reasons)) for hit in hits[:_SHOWN]]
        return found

    def _entry(self, pk: int, score: float, reasons: list[str]) -> Entry:
        row = self._known[pk]
        reason = f"A submission that waits for review proposes the same cluster: {row.name} ({row.source})"
        return {"submission": pk, "name": row.name, "score": score, "reasons": [reason, *reasons]}

    def _open(self) -> QuerySet[Submission]:
        # Those of this import itself are no others.
        mine = self._spreadsheet.rows.exclude(submission=None).values("submission")
        return Submission.objects.open().exclude(pk__in=mine)


def same_update(values: Values, name: str, updates: Iterable[tuple[int, Values, str]]) -> Entry | None:
    """Return the open update out of ``updates`` that says exactly ``values``."""
    return next((_proposed(pk, name, source) for pk, payload, source in updates if payload == values), None)


def known_submissions(matches: Iterable[Entry]) -> set[int]:
    """Return the keys of the submissions that ``matches`` of a row name: staff knows of them."""
    return {int(entry["submission"]) for entry in matches if entry.get("submission")}


def known_clusters(matches: Iterable[Entry]) -> set[int]:
    """Return the keys of the clusters that ``matches`` of a row name."""
    return {int(entry["cluster"]) for entry in matches if entry.get("cluster")}


def known_lines(matches: Iterable[Entry]) -> set[int]:
    """Return the other lines of the file that ``matches`` of a row name."""
    return {int(entry["line"]) for entry in matches if entry.get("line")}


def _proposed(pk: int, name: str, source: str) -> Entry:
    return {"submission": pk, "name": name, "score": 1.0, "reasons": [f"Already proposed by {source}"]}


def _key(values: Values) -> tuple[str, str]:
    return sort_key(str(values.get("name") or "")), str(values.get("country") or "")


def _source(channel: str, file: str | None, line: int | None) -> str:
    if file:
        return f"import {file}, line {line}"
    return f"a submission that came by {Submission.Channel(channel).label.lower()}"


def _in_parts(rows: QuerySet[Submission], keys: list[int]) -> Iterable[tuple[int, Values]]:
    """Yield key and payload of ``rows`` with one of many ``keys``."""
    for start in range(0, len(keys), 500):
        yield from rows.filter(pk__in=keys[start : start + 500]).values_list("pk", "payload")
