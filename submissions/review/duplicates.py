"""Which clusters a submission may be, and the two side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from catalogue.models import Cluster
from catalogue.search.text import sort_key
from catalogue.succession import ends_of_succession
from duplicates.finder import DuplicateFinder, Match
from duplicates.profiles import Candidate, Known
from submissions.fields.choices import Choices
from submissions.fields.definitions import FIELDS, Kind
from submissions.fields.values import Value, as_text, read_values, with_values
from submissions.models import Submission

#: Fields by which an update could make a cluster into another one.
IDENTIFYING = ("name", "acronym", "website", "email")
#: So many new submissions that wait are compared with one another.
MAX_COMPARED = 500
#: What was written so shortly before the worker searched counts as written since: it may not have been committed yet.
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True)
class Line:
    """One field of the comparison."""

    label: str
    proposed: str
    known: str

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.proposed == self.known


@dataclass(frozen=True)
class Possible:
    """A cluster that the submission may be, with the fields that either has."""

    cluster: Cluster
    percent: int
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]


def could_be_duplicate(submission: Submission) -> bool:
    """Return whether ``submission`` could be another cluster than it says."""
    if submission.kind == Submission.Kind.NEW:
        return submission.target_id is None
    return submission.kind == Submission.Kind.UPDATE and any(name in submission.payload for name in IDENTIFYING)


def matches_of(submission: Submission, finder: DuplicateFinder | None = None) -> list[Match]:
    """Return the clusters that ``submission`` may be, best first."""
    if not could_be_duplicate(submission):
        return []
    values = {**submission.base, **submission.payload}
    exclude = [submission.target_id] if submission.target_id else []
    return (finder or DuplicateFinder(exclude=exclude)).matches(Candidate.of_values(values))


def stored_matches(submission: Submission) -> list[Match] | None:
    """Return the possible duplicates that the worker found; ``None`` if it did not search yet."""
    for check in submission.checks:
        if isinstance(check, dict) and check.get("key") == "duplicates" and "matches" in check:
            return [
                Match(int(one["cluster"]), float(one["score"]), tuple(str(reason) for reason in one["reasons"]))
                for one in check["matches"]
            ]
    return None


def overridden_duplicates(submission: Submission) -> frozenset[int]:
    """Return the keys of the clusters of which a reviewer said, with a reason, that they are others."""
    is_aside = any(
        isinstance(check, dict) and check.get("key") == "duplicates" and check.get("overridden")
        for check in submission.checks
    )
    found = stored_matches(submission) or [] if is_aside else []
    return frozenset(match.cluster_id for match in found)


def finder_for(submissions: Iterable[Submission]) -> DuplicateFinder | None:
    """Return a finder that knows what the workers' checks of ``submissions`` do not: one query for any number.

    Those are the clusters written since the oldest check, or all of them if one was not checked yet; ``None`` if
    none of ``submissions`` could be another cluster.
    """
    asked = [row for row in submissions if could_be_duplicate(row)]
    if not asked:
        return None
    moments = [row.checked_at for row in asked if row.checked_at and stored_matches(row) is not None]
    if len(moments) < len(asked):
        return DuplicateFinder()
    return DuplicateFinder(Cluster.objects.filter(updated_at__gt=min(moments) - OVERLAP))


def possible_now(submission: Submission, finder: DuplicateFinder | None = None) -> list[Match]:
    """Return the clusters that ``submission`` may be by the data of now, best first.

    That is what the worker found, and what was written since; ``finder`` is :func:`finder_for` of several
    submissions. An archived cluster is replaced by its successor.
    """
    if not could_be_duplicate(submission):
        return []
    finder = finder or finder_for([submission])
    values = {**submission.base, **submission.payload}
    found = [*(stored_matches(submission) or []), *(finder.matches(Candidate.of_values(values)) if finder else [])]
    if not found:
        return []
    ends = ends_of_succession(match.cluster_id for match in found)
    best: dict[int, Match] = {}
    for match in found:
        key = ends.get(match.cluster_id, match.cluster_id)
        if key != submission.target_id and (key not in best or best[key].score < match.score):
            best[key] = Match(key, match.score, match.reasons)
    there = set(Cluster.objects.filter(pk__in=best).values_list("pk", flat=True))
    found = [match for match in best.values() if match.cluster_id in there]
    return sorted(found, key=lambda match: (-match.score, match.cluster_id))


def namesakes(submission: Submission) -> list[Match]:
    """Return the clusters of exactly the proposed name and country: one query, as true as the database."""
    if not could_be_duplicate(submission):
        return []
    values = {**submission.base, **submission.payload}
    name, country = sort_key(_text(values, "name")), _text(values, "country")
    # Every status: the index begins with it.
    rows = Cluster.objects.filter(status__in=Cluster.Status.values, sort_name=name, country=country)
    rows = rows.exclude(pk=submission.target_id or 0)
    return [Match(key, 1.0, ("Same name and country",)) for key in rows.values_list("pk", flat=True)] if name else []


def similar_submissions(submission: Submission) -> list[int]:
    """Return the keys of other new submissions in the queue that may be about the same cluster."""
    if submission.kind != Submission.Kind.NEW or submission.target_id:
        return []
    rows = (
        Submission.objects.open()
        .filter(kind=Submission.Kind.NEW)
        .exclude(pk=submission.pk)
        .order_by("-confirmed_at")
        .values_list("pk", "payload")[:MAX_COMPARED]
    )
    finder = DuplicateFinder.among([Known(id=pk, candidate=Candidate.of_values(values)) for pk, values in rows])
    return [match.cluster_id for match in finder.matches(Candidate.of_values(submission.payload))]


def side_by_side(submission: Submission, matches: Iterable[Match], choices: Choices) -> list[Possible]:
    """Return the clusters of ``matches`` beside ``submission``: a fixed number of queries."""
    found = {match.cluster_id: match for match in matches}
    clusters = {row.pk: row for row in with_values(Cluster.objects.filter(pk__in=found))} if found else {}
    values = {**submission.base, **submission.payload}
    return [
        Possible(clusters[pk], round(match.score * 100), match.reasons, _lines(values, clusters[pk], choices))
        for pk, match in found.items()
        if pk in clusters
    ]


def _lines(values: Mapping[str, Value], cluster: Cluster, choices: Choices) -> tuple[Line, ...]:
    known = read_values(cluster)
    lines = []
    for spec in FIELDS:
        if spec.kind == Kind.LOGO or spec.name in ("latitude", "longitude", "precision"):
            continue  # numbers that say nothing to a reader
        proposed, live = values.get(spec.name, spec.empty), known[spec.name]
        if proposed != spec.empty or live != spec.empty:
            lines.append(Line(spec.label, as_text(spec, proposed, choices), as_text(spec, live, choices)))
    return tuple(lines)


def _text(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
