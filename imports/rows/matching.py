"""Whose row is it: by id, slug, former slug, exact name and country, else by similarity, which staff decides on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.models import Cluster, OldSlug
from catalogue.search.text import sort_key
from catalogue.succession import Trail, trails_of
from duplicates.finder import DuplicateFinder
from duplicates.profiles import Candidate
from imports.rows.headings import ID, SLUG
from imports.rows.reader import ParsedRow

_MATCHES = 3


@dataclass
class Match:
    """What was found for a row: its cluster, or those that it may be."""

    cluster: int | None = None
    maybe: list[dict[str, Any]] = field(default_factory=list)
    #: How an archived cluster that the row named led to ``cluster``.
    trail: Trail | None = None


class Matcher:
    """Matches rows in batches; the duplicate finder is built once, when it is needed first."""

    def __init__(self) -> None:
        """Start without any query."""
        self._finder: DuplicateFinder | None = None

    def match(self, parsed_rows: Sequence[ParsedRow]) -> list[Match]:
        """Return a match for each of ``parsed_rows``; errors about ids and slugs are added to them.

        Five queries for any number of rows, one more for each step of the longest way from an archived cluster to
        the one that goes on with its work, and those of the finder once.
        """
        by_id = _by_public_id(parsed.public_id for parsed in parsed_rows if parsed.public_id)
        by_slug = _by_slug(parsed.slug for parsed in parsed_rows if parsed.slug)
        by_name = _by_name(parsed for parsed in parsed_rows if not parsed.is_identified)
        trails = trails_of({*by_id.values(), *by_slug.values(), *(key for keys in by_name.values() for key in keys)})
        found = [self._match(parsed, by_id, by_slug, by_name, trails) for parsed in parsed_rows]
        keys = {entry["cluster"] for match in found for entry in match.maybe}
        trails = trails_of(keys) if keys else {}
        ends = {trail.end for trail in trails.values()}
        names = dict(Cluster.objects.filter(pk__in=keys | ends).values_list("pk", "name")) if keys else {}
        for match in found:
            match.maybe = _follow_trails(match.maybe, trails, names)
        return found

    def _match(
        self,
        parsed: ParsedRow,
        by_id: dict[Any, int],
        by_slug: dict[str, int],
        by_name: dict[tuple[str, str], list[int]],
        trails: dict[int, Trail],
    ) -> Match:
        if parsed.is_identified or ID in parsed.errors:
            return _identified(parsed, by_id, by_slug, trails)
        name, country = str(parsed.values.get("name") or ""), str(parsed.values.get("country") or "")
        if not name or not country:
            return Match()
        named = by_name.get((sort_key(name), country), [])
        # The same name before and after a merge is one cluster; what was archived without successor comes last.
        ends = list(dict.fromkeys(trails[key].end if key in trails else key for key in named))
        ended = {trail.end for trail in trails.values() if trail.is_archived}
        same = [key for key in ends if key not in ended] or ends
        if len(same) == 1 and same[0] not in ended:
            is_its_own = same[0] in named
            return Match(same[0], trail=None if is_its_own else next(trails[k] for k in named if k in trails))
        if len(same) == 1:
            return Match(maybe=[{"cluster": same[0], "score": 1.0, "reasons": ["Same name and country"]}])
        if same:
            reasons = ["Same name and country as another cluster too"]
            return Match(maybe=[{"cluster": key, "score": 1.0, "reasons": reasons} for key in same[:_MATCHES]])
        if self._finder is None:
            self._finder = DuplicateFinder()
        hits = self._finder.matches(Candidate.of_values(parsed.values), limit=_MATCHES)
        return Match(
            maybe=[{"cluster": hit.cluster_id, "score": hit.score, "reasons": list(hit.reasons)} for hit in hits]
        )


def _identified(parsed: ParsedRow, by_id: dict[Any, int], by_slug: dict[str, int], trails: dict[int, Trail]) -> Match:
    ways: dict[str, int | None] = {}
    if parsed.public_id:
        ways[ID] = by_id.get(parsed.public_id)
    if parsed.slug:
        ways[SLUG] = by_slug.get(parsed.slug)
    for way, key in ways.items():
        if key is None:
            said = parsed.public_id if way == ID else parsed.slug
            parsed.fail(
                way, f"There is no cluster with the {way} “{said}”. Correct it, or empty the cell to compare by name."
            )
    named = [key for key in ways.values() if key is not None]
    if len(named) < len(ways) or not named:
        return Match()
    ends = {trails[key].end if key in trails else key for key in named}
    if len(ends) > 1:
        parsed.fail(SLUG, "Id and slug name two different clusters. Correct one, or empty it.")
        return Match()
    return Match(ends.pop(), trail=next((trails[key] for key in named if key in trails), None))


def _follow_trails(
    entries: Sequence[dict[str, Any]], trails: dict[int, Trail], names: dict[int, str]
) -> list[dict[str, Any]]:
    """Return ``entries`` with names, each about the cluster that goes on with the work of an archived one."""
    found: dict[int, dict[str, Any]] = {}
    for entry in entries:
        key, trail = entry["cluster"], trails.get(entry["cluster"])
        reasons = list(entry["reasons"])
        if trail and trail.is_archived:
            reasons.append("Archived, and nothing goes on with its work: publish it again before it can be updated")
        elif trail:
            reasons.append(f"{trail.name} is archived and leads on to {trail.end_name}")
        end = trail.end if trail else key
        if end in names:
            found.setdefault(end, {**entry, "cluster": end, "name": names[end], "reasons": reasons})
    return list(found.values())


def _by_public_id(ids: Iterable[Any]) -> dict[Any, int]:
    wanted = set(ids)
    return dict(Cluster.objects.filter(public_id__in=wanted).values_list("public_id", "pk")) if wanted else {}


def _by_slug(slugs: Iterable[str]) -> dict[str, int]:
    wanted = set(slugs)
    if not wanted:
        return {}
    former = dict(OldSlug.objects.filter(slug__in=wanted).values_list("slug", "cluster"))
    return former | dict(Cluster.objects.filter(slug__in=wanted).values_list("slug", "pk"))


def _by_name(parsed_rows: Iterable[ParsedRow]) -> dict[tuple[str, str], list[int]]:
    return same_names((str(r.values.get("name") or ""), str(r.values.get("country") or "")) for r in parsed_rows)


def same_names(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
    """Return the clusters of each name (as :func:`~catalogue.search.text.sort_key` folds it) and country code."""
    keys = {sort_key(name) for name, country in pairs if name and country} - {""}
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    if keys:
        # Every status: the index of the listing begins with it.
        named = Cluster.objects.filter(status__in=Cluster.Status.values, sort_name__in=keys)
        rows = named.order_by("pk").values_list("sort_name", "country_id", "pk")
        for name, country, key in rows:
            found[name, country].append(key)
    return found
