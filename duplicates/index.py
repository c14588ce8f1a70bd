"""The clusters that the finder knows, by all that a comparison may begin with: words, acronyms, domains, addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from catalogue.search.text import words
from duplicates.names import FIELD, GENERIC, STOP, Name, initials
from duplicates.profiles import Known, Profile
from duplicates.similarity import Vocabulary
from duplicates.spellings import Spellings

#: So many clusters are compared in full for one candidate, beside those of the same acronym, address or words.
_COMPARED = 10


class ProfileIndex:
    """Profiles by their position in :attr:`profiles`, which never changes."""

    def __init__(self, known: Iterable[Known], *, exclude: Collection[int] = ()) -> None:
        """Hold ``known`` but those whose id is in ``exclude``."""
        known = [row for row in known if row.id not in exclude]
        self.profiles = [Profile(row.candidate, id=row.id, precision=row.precision) for row in known]
        places = {word for row in known for word in _place_words(row)}
        self.vocabulary = Vocabulary((name for cluster in self.profiles for name in cluster.names[:1]), places=places)
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.by_acronym: dict[str, set[int]] = defaultdict(set)
        self.by_initials: dict[str, set[int]] = defaultdict(set)
        self.by_short: dict[str, set[int]] = defaultdict(set)
        self._by_same_words: dict[str, set[int]] = defaultdict(set)
        self.by_domain: dict[str, set[int]] = defaultdict(set)
        self._by_email: dict[str, set[int]] = defaultdict(set)
        for index, cluster in enumerate(self.profiles):
            self._put(index, cluster)
        self._spellings = Spellings(word for word in self.by_word if _is_spelt(word))
        self._similar: dict[str, tuple[str, ...]] = {}

    def _put(self, index: int, cluster: Profile) -> None:
        for name in cluster.names:
            self.by_short[name.squashed].add(index)
            self._by_same_words[_in_order(name)].add(index)
            for key in _keys(name):
                self.by_word[key].add(index)
            for letters in initials(name.text):
                self.by_initials[letters].add(index)
        if cluster.short:
            self.by_short[cluster.short].add(index)
        for acronym in {*cluster.acronyms, cluster.given_acronym} - {""}:
            self.by_acronym[acronym].add(index)
        for domain in {cluster.domain, cluster.mail_domain} - {""}:
            self.by_domain[domain].add(index)
        if cluster.email:
            self._by_email[cluster.email].add(index)

    def add(self, known: Known) -> None:
        """Add one more without building the index again: for clusters created while many are compared."""
        cluster = Profile(known.candidate, id=known.id, precision=known.precision)
        fresh = {key for name in cluster.names for key in _keys(name) if key not in self.by_word}
        self.profiles.append(cluster)
        self.vocabulary.add(cluster.names[:1], places=_place_words(known))
        self._put(len(self.profiles) - 1, cluster)
        for word in fresh:
            if _is_spelt(word):
                self._spellings.add(word)
        if fresh:
            self._similar.clear()

    def to_compare(self, asked: Profile) -> set[int]:
        """Return the indexes of the clusters worth a full comparison."""
        sure: set[int] = set()
        for domain in {asked.domain, asked.mail_domain} - {""}:
            sure |= self.by_domain.get(domain, set())
        if asked.email:
            sure |= self._by_email.get(asked.email, set())
        for acronym in {*asked.acronyms, asked.short} - {""}:
            sure |= self.by_acronym.get(acronym, set()) | self.by_short.get(acronym, set())
        if asked.short:
            sure |= self.by_initials.get(asked.short, set())
        totals: dict[int, float] = defaultdict(float)
        own = {word for name in asked.names for word in name.words}
        for key in {key for name in asked.names for key in _keys(name)} | set(words(asked.given.acronym)):
            if key in STOP or (key in GENERIC and len(self.profiles) > _COMPARED):
                continue
            similar = self._similar_words(key) if key in own else (key,)
            for word in similar:
                holders = self.by_word.get(word, ())
                weight = self.vocabulary.weight(word)
                for index in holders:
                    totals[index] += weight
        for name in asked.names:
            sure |= self.by_short.get(name.squashed, set()) | self._by_same_words.get(_in_order(name), set())
        best = sorted(totals, key=lambda index: (-totals[index], index))[:_COMPARED]
        return sure.union(best)

    def _similar_words(self, word: str) -> tuple[str, ...]:
        """Return the words of the clusters that ``word`` is, or may be a misspelling of."""
        known = self._similar.get(word)
        if known is None:
            found = {word} if word in self.by_word else set()
            if word not in FIELD and word not in GENERIC:
                found.update(self._spellings.near(word))
            known = self._similar[word] = tuple(found)
        return known


def _keys(name: Name) -> set[str]:
    """Return the words by which a name is looked up: its words, and neighbours written together."""
    pairs = {one + other for one, other in zip(name.words, name.words[1:], strict=False)}
    return {*name.words, *pairs}


def _place_words(known: Known) -> set[str]:
    """Return the words of the place of a cluster: in a name they count less."""
    return {word for word in words(f"{known.candidate.place} {known.around}") if len(word) > 2} - STOP


def _is_spelt(word: str) -> bool:
    """Return whether another word may be a misspelling of ``word``."""
    return len(word) >= 4 and word not in GENERIC


def _in_order(name: Name) -> str:
    """Return the words of a name in alphabetical order: what finds "Cluster of Alliance" by "Alliance Cluster"."""
    return "".join(word for word in name.ordered if word not in STOP)
