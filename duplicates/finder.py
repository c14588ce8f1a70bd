"""Which clusters of the catalogue a proposed one may be: name, acronym, domain, e-mail and place compared.

A match is a hint for staff, never a decision. The parts: :mod:`duplicates.names` takes names apart,
:mod:`duplicates.similarity` compares two of them, this module finds whom to compare and weighs all evidence.
``make duplicates`` measures it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from catalogue.domains import mail_domain_of, website_domain
from catalogue.models import Cluster
from catalogue.search.text import fold, words
from duplicates.names import FIELD, GENERIC, STOP, Name, initials, parse, squash, stated_acronyms
from duplicates.similarity import Likeness, Vocabulary, compare, describe
from duplicates.spellings import Spellings

#: From this score on, two clusters may be the same.
THRESHOLD = 0.6
#: So many clusters are compared in full for one candidate.
_COMPARED = 10
#: A smaller catalogue does not show which words are common.
_ENOUGH_TO_TELL = 50
_NEAR_KM, _FAR_KM = 15.0, 100.0
_WHOLE_OF_EUROPE = "EU"


@dataclass(frozen=True)
class Candidate:
    """What is known of a proposed cluster; everything but the name may be missing."""

    name: str
    acronym: str = ""
    former_names: tuple[str, ...] = ()
    country: str = ""
    place: str = ""
    website: str = ""
    email: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Match:
    """A cluster that the candidate may be."""

    cluster_id: int
    #: From 0 to 1; THRESHOLD and more.
    score: float
    #: Why, in words for staff; the strongest first.
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """A cluster as the finder holds it: the candidate's fields with an id, and how well its place is known."""

    id: int
    candidate: Candidate
    precision: str = ""
    #: Further words of the place: region and country.
    around: str = ""


class _Profile:
    """A candidate or cluster, prepared for comparing."""

    __slots__ = ("acronyms", "domain", "email", "given", "given_acronym", "id", "mail_domain", "names", "place", "point", "short")  # fmt: skip

    def __init__(self, given: Candidate, *, id: int = 0, precision: str = "") -> None:
        self.id = id
        self.given = given
        names = [parse(text) for text in (given.name, *given.former_names)]
        self.names: list[Name] = [name for name in names if name.words]
        self.acronyms: frozenset[str] = stated_acronyms(given.name, given.acronym)
        self.given_acronym = squash(given.acronym)
        core = self.names[0].core if self.names else ()
        #: The name, if it may be no more than an acronym.
        self.short = "".join(core) if len(core) <= 2 and len("".join(core)) <= 14 else ""
        self.domain = website_domain(given.website)
        self.mail_domain = mail_domain_of(given.email)
        self.email = given.email.strip().lower()
        is_known_place = precision != Cluster.Precision.COUNTRY
        self.place = fold(given.place).strip() if is_known_place else ""
        has_point = is_known_place and given.latitude is not None and given.longitude is not None
        self.point = (float(given.latitude or 0), float(given.longitude or 0)) if has_point else None

    def kilometres_to(self, other: "_Profile") -> float | None:
        """Return the distance, or None where a place is unknown."""
        if not self.point or not other.point:
            return None
        (north, east), (to_north, to_east) = self.point, other.point
        east_west = (to_east - east) * math.cos(math.radians((north + to_north) / 2))
        return 111.2 * math.hypot(to_north - north, east_west)


class DuplicateFinder:
    """Built once with one query, then asked many times; what it knows is the state of that moment."""

    def __init__(self, clusters: "QuerySet[Cluster] | None" = None, *, exclude: Iterable[int] = ()) -> None:
        """Read ``clusters`` (all of them unless told otherwise) but those whose id is in ``exclude``."""
        self._build(known_of(Cluster.objects.all() if clusters is None else clusters), frozenset(exclude))

    @classmethod
    def among(cls, known: Iterable[Known], *, exclude: Iterable[int] = ()) -> "DuplicateFinder":
        """Return a finder among clusters that are no rows (yet), such as the lines of one import."""
        finder = cls.__new__(cls)
        finder._build(list(known), frozenset(exclude))
        return finder

    def _build(self, known: list[Known], exclude: frozenset[int]) -> None:
        known = [row for row in known if row.id not in exclude]
        self._clusters = [_Profile(row.candidate, id=row.id, precision=row.precision) for row in known]
        places = {word for row in known for word in _place_words(row)}
        self._vocabulary = Vocabulary((name for cluster in self._clusters for name in cluster.names[:1]), places=places)
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._by_acronym: dict[str, set[int]] = defaultdict(set)
        self._by_initials: dict[str, set[int]] = defaultdict(set)
        self._by_short: dict[str, set[int]] = defaultdict(set)
        self._by_same_words: dict[str, set[int]] = defaultdict(set)
        self._by_domain: dict[str, set[int]] = defaultdict(set)
        self._by_email: dict[str, set[int]] = defaultdict(set)
        for index, cluster in enumerate(self._clusters):
            self._index(index, cluster)
        self._spellings = Spellings(word for word in self._by_word if _is_spelt(word))
        self._similar: dict[str, tuple[str, ...]] = {}

    def _index(self, index: int, cluster: _Profile) -> None:
        for name in cluster.names:
            self._by_short[name.squashed].add(index)
            self._by_same_words[_in_order(name)].add(index)
            for key in _keys(name):
                self._by_word[key].add(index)
            for letters in initials(name.text):
                self._by_initials[letters].add(index)
        if cluster.short:
            self._by_short[cluster.short].add(index)
        for acronym in {*cluster.acronyms, cluster.given_acronym} - {""}:
            self._by_acronym[acronym].add(index)
        for domain in {cluster.domain, cluster.mail_domain} - {""}:
            self._by_domain[domain].add(index)
        if cluster.email:
            self._by_email[cluster.email].add(index)

    def add(self, known: Known) -> None:
        """Know one more, without building anew: for what comes into being while many are asked for."""
        cluster = _Profile(known.candidate, id=known.id, precision=known.precision)
        fresh = {key for name in cluster.names for key in _keys(name) if key not in self._by_word}
        self._clusters.append(cluster)
        self._vocabulary.add(cluster.names[:1], places=_place_words(known))
        self._index(len(self._clusters) - 1, cluster)
        for word in fresh:
            if _is_spelt(word):
                self._spellings.add(word)
        if fresh:
            self._similar.clear()

    # --- Asking ------------------------------------------------------------------------------------

    def matches(self, candidate: Candidate, *, limit: int = 5) -> list[Match]:
        """Return the clusters that ``candidate`` may be, best first, at most ``limit``.

        All digits in the names must be the same: "Bio 2" is never "Bio 3", whatever else agrees.
        """
        asked = _Profile(candidate)
        found = []
        for index in self._to_compare(asked):
            match = self._judge(asked, self._clusters[index])
            if match.score >= THRESHOLD:
                found.append(match)
        found.sort(key=lambda match: (-match.score, match.cluster_id))
        return found[:limit]

    def _to_compare(self, asked: _Profile) -> set[int]:
        """Return the indexes of the clusters worth a full comparison."""
        sure: set[int] = set()
        for domain in {asked.domain, asked.mail_domain} - {""}:
            sure |= self._by_domain.get(domain, set())
        if asked.email:
            sure |= self._by_email.get(asked.email, set())
        for acronym in {*asked.acronyms, asked.short} - {""}:
            sure |= self._by_acronym.get(acronym, set()) | self._by_short.get(acronym, set())
        if asked.short:
            sure |= self._by_initials.get(asked.short, set())
        totals: dict[int, float] = defaultdict(float)
        own = {word for name in asked.names for word in name.words}
        for key in {key for name in asked.names for key in _keys(name)} | set(words(asked.given.acronym)):
            if key in STOP or (key in GENERIC and len(self._clusters) > _COMPARED):
                continue
            similar = self._similar_words(key) if key in own else (key,)
            for word in similar:
                holders = self._by_word.get(word, ())
                weight = self._vocabulary.weight(word)
                for index in holders:
                    totals[index] += weight
        for name in asked.names:
            sure |= self._by_short.get(name.squashed, set()) | self._by_same_words.get(_in_order(name), set())
        best = sorted(totals, key=lambda index: (-totals[index], index))[:_COMPARED]
        return sure.union(best)

    def _similar_words(self, word: str) -> tuple[str, ...]:
        """Return the words of the clusters that ``word`` is, or may be a misspelling of."""
        known = self._similar.get(word)
        if known is None:
            found = {word} if word in self._by_word else set()
            if word not in FIELD and word not in GENERIC:
                found.update(self._spellings.near(word))
            known = self._similar[word] = tuple(found)
        return known

    # --- Judging -----------------------------------------------------------------------------------

    def _judge(self, asked: _Profile, cluster: _Profile) -> Match:
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

    def _by_names(self, asked: _Profile, cluster: _Profile) -> tuple[float, list[str]]:
        """Return the score that names and acronyms give, with the reasons."""
        best: Likeness | None = None
        chosen: tuple[Name, Name] | None = None
        former = False
        for mine_index, mine in enumerate(asked.names):
            for yours_index, yours in enumerate(cluster.names):
                if mine.digits != yours.digits:
                    continue
                likeness = compare(mine, yours, self._vocabulary)
                if not likeness.is_equal and likeness.score >= THRESHOLD / 2:
                    alone, singled_out = self._uniqueness(likeness, asked, cluster)
                    if alone < 1 or singled_out:
                        likeness = compare(mine, yours, self._vocabulary, uniqueness=alone, singled_out=singled_out)
                if best is None or likeness.score > best.score:
                    best, chosen, former = likeness, (mine, yours), bool(mine_index or yours_index)
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

    def _by_acronyms(self, asked: _Profile, cluster: _Profile, best: Likeness | None) -> tuple[float, str] | None:
        """Return what the acronyms say: how sure, and the reason; None if they say nothing."""
        likeness = best.score if best else 0.0
        for one, other in ((asked, cluster), (cluster, asked)):
            # Asked for by itself, even an acronym that many begin with ("AEI") means the one that is known by it.
            if one.short and (one.short in other.acronyms or one.short == other.given_acronym):
                return 0.9, "Its name is the acronym" if one is asked else "Its acronym is the name"
        shared = {acronym for acronym in asked.acronyms & cluster.acronyms if len(acronym) > 2 or likeness > 0.3}
        far = (asked.kilometres_to(cluster) or 0.0) > _FAR_KM
        if shared:
            floor = 0.5 if far and likeness < 0.3 else 0.64
            return floor + (1 - floor) * likeness, "Same acronym"
        for one, other in ((asked, cluster), (cluster, asked)):
            if not far and self._begins_with_acronym(other, one, asked, cluster):
                return 0.62 + 0.36 * likeness, "Its acronym is contained in the name"
        for one, other in ((asked, cluster), (cluster, asked)):
            if self._is_initials(one, other, asked, cluster):
                certainty = 0.8 if asked.given.country and asked.given.country == cluster.given.country else 0.66
                return certainty, "Its name is the initials" if one is asked else "Its initials are the name"
        return None

    def _begins_with_acronym(self, one: _Profile, other: _Profile, asked: _Profile, cluster: _Profile) -> bool:
        """Return whether the name of ``one`` begins with the acronym given for ``other``, and that is no word of many."""
        acronym = words(other.given.acronym)
        if len("".join(acronym)) < 4 or not one.names or all(word in GENERIC or word in FIELD for word in acronym):
            return False
        name = one.names[0].words
        if list(name[: len(acronym)]) != acronym and name[0] != "".join(acronym):
            return False
        holders = set.intersection(*(self._by_word.get(word, set()) for word in acronym))
        # One other may be the same cluster once more.
        return len({index for index in holders if self._clusters[index].id != cluster.id}) < 2

    def _is_initials(self, one: _Profile, other: _Profile, asked: _Profile, cluster: _Profile) -> bool:
        """Return whether the name of ``one`` is nothing but the initials of ``other``'s."""
        letters = one.short
        if not 2 <= len(letters) <= 10 or (one is cluster and len(letters) < 4):
            return False
        # Somebody is known by these letters already, or they are a word.
        if one is asked and (letters in self._by_acronym or letters in self._by_short or letters in self._by_word):
            return False
        if letters in FIELD or letters in GENERIC or letters in STOP:
            return False
        if not any(letters in initials(name.text) for name in other.names):
            return False
        same_country = bool(asked.given.country) and asked.given.country == cluster.given.country
        namesakes = [
            index
            for index in self._by_initials.get(letters, ())
            if not same_country or self._clusters[index].given.country == cluster.given.country
        ]
        if len(letters) == 2:
            return same_country and len(namesakes) == 1
        return len(namesakes) <= 2 if same_country else len(namesakes) == 1

    def _uniqueness(self, likeness: Likeness, asked: _Profile, cluster: _Profile) -> tuple[float, bool]:
        """Return how well the words shared single ``cluster`` out, and whether common words do so together.

        The first is 1 if no other cluster (of the country) has these words, and less for each that has.
        """
        telling = [word for word in likeness.shared if word not in STOP]
        if not telling:
            return 0.0, False
        holders = set.intersection(*(self._by_word.get(word, set()) for word in telling))
        others = {index for index in holders if self._clusters[index].id != cluster.id}
        same_country = bool(asked.given.country) and asked.given.country == cluster.given.country
        singled_out = (
            same_country
            and len(self._clusters) >= _ENOUGH_TO_TELL
            and not others
            and (len([word for word in telling if word not in GENERIC]) > 1 or min(likeness.covers) >= 0.45)
        )
        if same_country:
            others = {index for index in others if self._clusters[index].given.country == asked.given.country}
        return (1.0, 0.75, 0.5)[len(others)] if len(others) < 3 else 0.25, singled_out

    def _by_addresses(self, asked: _Profile, cluster: _Profile) -> tuple[float, list[str]]:
        """Return the score that web and e-mail addresses give, with the reasons."""
        if asked.email and asked.email == cluster.email:
            return 0.9, ["Same e-mail"]
        shared = {asked.domain, asked.mail_domain} & {cluster.domain, cluster.mail_domain} - {""}
        if not shared:
            return 0.0, []
        domain = next(iter(shared))
        reason = "Same web domain" if asked.domain == cluster.domain == domain else "Same e-mail domain"
        # A domain of several clusters belongs to a house that they share.
        others = sum(1 for index in self._by_domain[domain] if self._clusters[index].id != cluster.id)
        return (0.8, 0.7, 0.6)[others] if others < 3 else 0.4, [reason]


def known_of(clusters: "QuerySet[Cluster]") -> list[Known]:
    """Return ``clusters`` as a finder holds them: one query."""
    rows = clusters.order_by("pk").values_list(
        "pk", "name", "acronym", "former_names", "country_id", "place", "website", "email", "latitude", "longitude",
        "precision", "region__name", "country__name",
    )  # fmt: skip
    return [
        Known(
            id=row[0],
            candidate=Candidate(
                name=row[1], acronym=row[2], former_names=tuple(filter(None, row[3].splitlines())),
                country=row[4], place=row[5], website=row[6], email=row[7],
                latitude=None if row[8] is None else float(row[8]),
                longitude=None if row[9] is None else float(row[9]),
            ),
            precision=row[10],
            around=f"{row[11] or ''} {row[12]}",
        )
        for row in rows
    ]  # fmt: skip


def find_duplicates(candidate: Candidate, *, exclude: Iterable[int] = (), limit: int = 5) -> list[Match]:
    """Return which clusters ``candidate`` may be; to ask often, build one :class:`DuplicateFinder`."""
    return DuplicateFinder(exclude=exclude).matches(candidate, limit=limit)


def _keys(name: Name) -> set[str]:
    """Return the words by which a name is looked up: its words, and neighbours written together."""
    pairs = {one + other for one, other in zip(name.words, name.words[1:], strict=False)}
    return {*name.words, *pairs}


def _place_words(known: Known) -> set[str]:
    """Return the words of the place of a cluster: in a name they tell less."""
    return {word for word in words(f"{known.candidate.place} {known.around}") if len(word) > 2} - STOP


def _is_spelt(word: str) -> bool:
    """Return whether another word may be a misspelling of ``word``."""
    return len(word) >= 4 and word not in GENERIC


def _in_order(name: Name) -> str:
    """Return the words of a name in alphabetical order: what finds "Cluster of Alliance" by "Alliance Cluster"."""
    return "".join(word for word in name.ordered if word not in STOP)


def _digits_agree(asked: _Profile, cluster: _Profile) -> bool:
    if not asked.names or not cluster.names:
        return True
    if {name.digits for name in asked.names} & {name.digits for name in cluster.names}:
        return True
    # "IL4" may be all there is of "Industry Lab 4.0"; between two full names the digits decide.
    return bool(
        (asked.short and asked.short in cluster.acronyms and asked.names[0].digits == ())
        or (cluster.short and cluster.short in asked.acronyms and cluster.names[0].digits == ())
    )


def _is_same_place(asked: _Profile, cluster: _Profile, distance: float | None) -> bool:
    if distance is not None:
        return distance <= _NEAR_KM
    return bool(asked.place) and asked.place == cluster.place
