"""Which clusters of the catalogue a proposed one may be: name, acronym, domain, e-mail and place compared.

A match is a hint for staff, never a decision. The parts: :mod:`duplicates.names` takes names apart,
:mod:`duplicates.similarity` compares two of them, :mod:`duplicates.profiles` prepares clusters for comparing,
:mod:`duplicates.index` finds whom to compare, and this module weighs all evidence. ``make duplicates`` measures it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from catalogue.models import Cluster
from catalogue.search.text import words
from duplicates.index import ProfileIndex
from duplicates.names import FIELD, GENERIC, STOP, Name, initials
from duplicates.profiles import Candidate, Known, Profile, load_known
from duplicates.similarity import Similarity, compare, describe

#: From this score on, two clusters may be the same.
THRESHOLD = 0.6
#: A smaller catalogue does not show which words are common.
_ENOUGH_TO_JUDGE = 50
_NEAR_KM, _FAR_KM = 15.0, 100.0
_WHOLE_OF_EUROPE = "EU"


@dataclass(frozen=True)
class Match:
    """A cluster that the candidate may be."""

    cluster_id: int
    #: From 0 to 1; THRESHOLD and more.
    score: float
    #: Why, as text for staff; the strongest first.
    reasons: tuple[str, ...]


class DuplicateFinder:
    """Built once with one query, then asked many times; what it knows is the state of that moment."""

    def __init__(self, clusters: QuerySet[Cluster] | None = None, *, exclude: Iterable[int] = ()) -> None:
        """Read ``clusters`` (all by default) but those whose id is in ``exclude``: one query."""
        self._index = ProfileIndex(
            load_known(Cluster.objects.all() if clusters is None else clusters), exclude=frozenset(exclude)
        )

    @classmethod
    def among(cls, known: Iterable[Known], *, exclude: Iterable[int] = ()) -> DuplicateFinder:
        """Return a finder among clusters that are no rows (yet), such as the lines of one import."""
        finder = cls.__new__(cls)
        finder._index = ProfileIndex(known, exclude=frozenset(exclude))
        return finder

    def add(self, known: Known) -> None:
        """Add one more without building the index again: for clusters created while many are compared."""
        self._index.add(known)

    def matches(self, candidate: Candidate, *, limit: int = 5) -> list[Match]:
        """Return the clusters that ``candidate`` may be, best first, at most ``limit``.

        All digits in the names must be the same: "Bio 2" is never "Bio 3", whatever else agrees.
        """
        asked = Profile(candidate)
        found = []
        for index in self._index.to_compare(asked):
            match = self._judge(asked, self._index.profiles[index])
            if match.score >= THRESHOLD:
                found.append(match)
        found.sort(key=lambda match: (-match.score, match.cluster_id))
        return found[:limit]

    def _judge(self, asked: Profile, cluster: Profile) -> Match:
        if not _digits_agree(asked, cluster):
            return Match(cluster.id, 0.0, ())
        score, reasons = self._by_names(asked, cluster)
        same_name = score >= 1.0
        domain_score, domain_reasons = self._by_addresses(asked, cluster)
        if domain_reasons:
            score = max(score, domain_score + (1 - domain_score) * 0.6 * score)
            reasons = reasons + domain_reasons if same_name else domain_reasons + reasons
        distance = asked.kilometres_to(cluster)
        if _is_same_place(asked, cluster, distance):
            reasons = [*reasons, "Same place"]
            if score >= 0.5:
                score += (1 - score) * 0.2
        elif distance is not None and distance > _FAR_KM and not domain_reasons and not same_name:
            score *= 0.93
        countries = {asked.given.country, cluster.given.country}
        if "" not in countries and len(countries) == 2:
            if _WHOLE_OF_EUROPE in countries:
                score *= 0.95
            else:
                reasons = [*reasons, "But another country"]
                if not same_name and not domain_reasons:
                    score *= 0.6
        return Match(cluster.id, round(min(score, 1.0), 4), tuple(reasons))

    def _by_names(self, asked: Profile, cluster: Profile) -> tuple[float, list[str]]:
        """Return the score that names and acronyms give, with the reasons."""
        best: Similarity | None = None
        chosen: tuple[Name, Name] | None = None
        former = False
        for mine_index, mine in enumerate(asked.names):
            for yours_index, yours in enumerate(cluster.names):
                if mine.digits != yours.digits:
                    continue
                similarity = compare(mine, yours, self._index.vocabulary)
                if not similarity.is_equal and similarity.score >= THRESHOLD / 2:
                    alone, singled_out = self._uniqueness(similarity, asked, cluster)
                    if alone < 1 or singled_out:
                        similarity = compare(
                            mine, yours, self._index.vocabulary, uniqueness=alone, singled_out=singled_out
                        )
                if best is None or similarity.score > best.score:
                    best, chosen, former = similarity, (mine, yours), bool(mine_index or yours_index)
        score = best.score if best else 0.0
        reasons = [describe(best, *chosen, former=former)] if best and chosen and score >= 0.45 else []
        if best and best.is_equal:
            if asked.acronyms & cluster.acronyms:
                reasons.append("Same acronym")
            return 1.0, reasons
        same = self._by_acronyms(asked, cluster, best)
        if same:
            if same[0] > score:
                return same[0], [same[1], *reasons]
            return score, [*reasons, same[1]]
        given = {asked.given_acronym, cluster.given_acronym} - {""}
        if len(given) == 2 and best and best.conflict == 0 and score < 0.95:
            # Two organisations that are both known by an acronym, and not by the same.
            one, other = given
            if one not in other and other not in one:
                score *= 0.8
        return score, reasons

    def _by_acronyms(self, asked: Profile, cluster: Profile, best: Similarity | None) -> tuple[float, str] | None:
        """Return what the acronyms say: how sure, and the reason; None if they say nothing."""
        similarity = best.score if best else 0.0
        for one, other in ((asked, cluster), (cluster, asked)):
            # Asked for by itself, even an acronym that many begin with ("AEI") means the one that is known by it.
            if one.short and (one.short in other.acronyms or one.short == other.given_acronym):
                return 0.9, "Its name is the acronym" if one is asked else "Its acronym is the name"
        shared = {acronym for acronym in asked.acronyms & cluster.acronyms if len(acronym) > 2 or similarity > 0.3}
        far = (asked.kilometres_to(cluster) or 0.0) > _FAR_KM
        if shared:
            floor = 0.5 if far and similarity < 0.3 else 0.64
            return floor + (1 - floor) * similarity, "Same acronym"
        for one, other in ((asked, cluster), (cluster, asked)):
            if not far and self._begins_with_acronym(other, one, asked, cluster):
                return 0.62 + 0.36 * similarity, "Its acronym is contained in the name"
        for one, other in ((asked, cluster), (cluster, asked)):
            if self._is_initials(one, other, asked, cluster):
                certainty = 0.8 if asked.given.country and asked.given.country == cluster.given.country else 0.66
                return certainty, "Its name is the initials" if one is asked else "Its initials are the name"
        return None

    def _begins_with_acronym(self, one: Profile, other: Profile, asked: Profile, cluster: Profile) -> bool:
        """Return whether the name of ``one`` begins with the acronym given for ``other``, and that is no word of many."""
        acronym = words(other.given.acronym)
        if len("".join(acronym)) < 4 or not one.names or all(word in GENERIC or word in FIELD for word in acronym):
            return False
        name = one.names[0].words
        if list(name[: len(acronym)]) != acronym and name[0] != "".join(acronym):
            return False
        holders = set.intersection(*(self._index.by_word.get(word, set()) for word in acronym))
        # One other may be the same cluster once more.
        return len({index for index in holders if self._index.profiles[index].id != cluster.id}) < 2

    def _is_initials(self, one: Profile, other: Profile, asked: Profile, cluster: Profile) -> bool:
        """Return whether the name of ``one`` is nothing but the initials of ``other``'s."""
        letters = one.short
        if not 2 <= len(letters) <= 10 or (one is cluster and len(letters) < 4):
            return False
        # Somebody is known by these letters already, or they are a word.
        if one is asked and (
            letters in self._index.by_acronym or letters in self._index.by_short or letters in self._index.by_word
        ):
            return False
        if letters in FIELD or letters in GENERIC or letters in STOP:
            return False
        if not any(letters in initials(name.text) for name in other.names):
            return False
        same_country = bool(asked.given.country) and asked.given.country == cluster.given.country
        namesakes = [
            index
            for index in self._index.by_initials.get(letters, ())
            if not same_country or self._index.profiles[index].given.country == cluster.given.country
        ]
        if len(letters) == 2:
            return same_country and len(namesakes) == 1
        return len(namesakes) <= 2 if same_country else len(namesakes) == 1

    def _uniqueness(self, similarity: Similarity, asked: Profile, cluster: Profile) -> tuple[float, bool]:
        """Return how well the words shared single ``cluster`` out, and whether common words do so together.

        The first is 1 if no other cluster (of the country) has these words, and less for each that has.
        """
        distinctive = [word for word in similarity.shared if word not in STOP]
        if not distinctive:
            return 0.0, False
        holders = set.intersection(*(self._index.by_word.get(word, set()) for word in distinctive))
        others = {index for index in holders if self._index.profiles[index].id != cluster.id}
        same_country = bool(asked.given.country) and asked.given.country == cluster.given.country
        singled_out = (
            same_country
            and len(self._index.profiles) >= _ENOUGH_TO_JUDGE
            and not others
            and (len([word for word in distinctive if word not in GENERIC]) > 1 or min(similarity.covers) >= 0.45)
        )
        if same_country:
            others = {index for index in others if self._index.profiles[index].given.country == asked.given.country}
        return (1.0, 0.75, 0.5)[len(others)] if len(others) < 3 else 0.25, singled_out

    def _by_addresses(self, asked: Profile, cluster: Profile) -> tuple[float, list[str]]:
        """Return the score that web and e-mail addresses give, with the reasons."""
        if asked.email and asked.email == cluster.email:
            return 0.9, ["Same e-mail"]
        shared = {asked.domain, asked.mail_domain} & {cluster.domain, cluster.mail_domain} - {""}
        if not shared:
            return 0.0, []
        found = []
        for domain in sorted(shared):
            reason = "Same web domain" if asked.domain == cluster.domain == domain else "Same e-mail domain"
            # A domain of several clusters is that of an organisation which hosts them.
            others = sum(1 for index in self._index.by_domain[domain] if self._index.profiles[index].id != cluster.id)
            found.append(((0.8, 0.7, 0.6)[others] if others < 3 else 0.4, [reason]))
        return max(found)


def find_duplicates(candidate: Candidate, *, exclude: Iterable[int] = (), limit: int = 5) -> list[Match]:
    """Return which clusters ``candidate`` may be; to ask often, build one :class:`DuplicateFinder`."""
    return DuplicateFinder(exclude=exclude).matches(candidate, limit=limit)


def _digits_agree(asked: Profile, cluster: Profile) -> bool:
    if not asked.names or not cluster.names:
        return True
    if {name.digits for name in asked.names} & {name.digits for name in cluster.names}:
        return True
    # "IL4" may be all there is of "Industry Lab 4.0"; between two full names the digits decide.
    return bool(
        (asked.short and asked.short in cluster.acronyms and asked.names[0].digits == ())
        or (cluster.short and cluster.short in asked.acronyms and cluster.names[0].digits == ())
    )


def _is_same_place(asked: Profile, cluster: Profile, distance: float | None) -> bool:
    if distance is not None:
        return distance <= _NEAR_KM
    return bool(asked.place) and asked.place == cluster.place
