"""How similar two names are: words matched one to one, rare words counting most (see :mod:`duplicates.finder`)."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from catalogue.search.text import words as all_words
from duplicates.names import FIELD, GENERIC, STOP, Name

_STOP, _GENERIC, _TINY, _FIELD, _PLACE, _RARE = 0.03, 0.1, 0.3, 0.45, 0.7, 1.0
#: One thing by several names.
_SAME_WORDS = dict.fromkeys(("ict", "ikt", "tic", "tics", "itc"), "ict")
#: At least so many names are assumed for a frequency: in a catalogue of ten, nothing is common.
_FEWEST = 100
_COMMONEST = 0.3
#: Shared words that weigh less than this name nobody: "cyber security cluster".
_ENOUGH = 0.75


class Vocabulary:
    """The words of all names with how much each says."""

    def __init__(self, names: Iterable[Name], *, places: Iterable[str] = ()) -> None:
        """Count in how many of ``names`` each word is; ``places`` are words of towns, regions and countries."""
        self.counts: Counter[str] = Counter()
        self._number = 0
        for name in names:
            self._number += 1
            self.counts.update(set(name.words))
        self._places = set(places)
        self._weights: dict[str, float] = {}
        self._measure()

    def _measure(self) -> None:
        """Let what a word says follow from the number of names."""
        self._scale = math.log(max(self._number, _FEWEST) + 1)
        self._weights.clear()
        self._measured_at = self._number

    def add(self, names: Iterable[Name], *, places: Iterable[str] = ()) -> None:
        """Count ``names`` too, with ``places``; what a word says follows.

        How many names there are matters by its order of magnitude only, so weights are computed again only when it has doubled.
        """
        for place in places:
            self._places.add(place)
            self._weights.pop(place, None)
        for name in names:
            self._number += 1
            self.counts.update(set(name.words))
            for word in name.words:
                self._weights.pop(word, None)
        if self._number >= 2 * max(self._measured_at, _FEWEST):
            self._measure()

    def weight(self, word: str) -> float:
        """Return how much ``word`` says: 1 for a word that one name has, next to nothing for "cluster"."""
        known = self._weights.get(word)
        if known is None:
            known = self._weights[word] = self._weigh(word)
        return known

    def _weigh(self, word: str) -> float:
        if word in STOP:
            return _STOP
        if word in GENERIC:
            return _GENERIC
        rarity = max(_COMMONEST, 1 - math.log(max(self.counts[word], 1)) / self._scale)
        if word in FIELD:
            return _FIELD * rarity
        if len(word) < 3 and word not in self.counts:
            return _TINY
        return (_PLACE if word in self._places else _RARE) * rarity

    def is_known(self, word: str) -> bool:
        """Return whether ``word`` is one, and so not a typo of another."""
        return word in self.counts or word in FIELD or word in GENERIC or word in STOP

    def word_similarity(self, one: str, other: str) -> float:
        """Return how sure it is that two different words are the same word, from 0 to 1."""
        if _SAME_WORDS.get(one, one) == _SAME_WORDS.get(other, other):
            return 0.95
        if len(one) < 5 or len(other) < 5 or abs(len(one) - len(other)) > 3:
            return 0.0
        both_known = self.is_known(one) and self.is_known(other)
        return _word_similarity(one, other, both_known, both_known and min(self.counts[one], self.counts[other]) <= 1)


@lru_cache(maxsize=200_000)
def _word_similarity(one: str, other: str, both_known: bool, is_rare: bool) -> float:
    if _digits_of(one) != _digits_of(other):
        return 0.0
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and len(long) - len(short) <= 2:
        return 0.92  # laser, lasers
    common = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(short))
    if common >= 6 and len(long) - common <= 3:
        return 0.85  # technology, technologies; lombardo, lombardy
    allowed = 1 if len(long) < 9 else 2
    if both_known:
        if allowed == 1 or not is_rare:
            return 0.0  # CLUSIB is not a typo of CLUSIF
        allowed = 1
    distance = OSA.distance(one, other, score_cutoff=allowed)
    return 1 - distance / len(long) if distance <= allowed else 0.0


def _digits_of(word: str) -> str:
    return "".join(letter for letter in word if letter.isdigit())


@dataclass(frozen=True)
class Similarity:
    """What comparing two names came to."""

    score: float
    #: Words of the second name that the first has too, as written in the second.
    shared: tuple[str, ...]
    is_equal: bool
    #: In each name there is a word that the other lacks and that says something.
    conflict: float
    #: Weight of the words shared.
    weight: float
    covers: tuple[float, float]
    has_typos: bool


def compare(
    first: Name, second: Name, vocabulary: Vocabulary, *, uniqueness: float = 1.0, singled_out: bool = False
) -> Similarity:
    """Compare two names, whatever the order of their words.

    ``uniqueness`` from 0 to 1 says how well the words shared single one organisation out; it counts only
    as far as the names are not the same. ``singled_out``: common words as they are, no other organisation has
    them together ("Health Valley").
    """
    if first.squashed == second.squashed or first.ordered == second.ordered:
        return Similarity(1.0, second.words, True, 0.0, _total(second.words, vocabulary), (1.0, 1.0), False)
    pairs, left, right = _align(first, second, vocabulary)
    if all(word in first.own_letters for word in left) and all(word in second.own_letters for word in right):
        left, right = [], []  # "Alpha Beta Cluster (ABC)" and "Alpha Beta Cluster"
    matched = naming = whole_left = whole_right = 0.0
    for mine, yours, certainty in pairs:
        weight = min(_total(mine, vocabulary), _total(yours, vocabulary))
        matched += weight * certainty
        naming += weight * certainty * (0.7 if yours[0] in FIELD and len(yours) == 1 else 1.0)
        whole_left += weight
        whole_right += weight
    whole_left += _total(left, vocabulary)
    whole_right += _total(right, vocabulary)
    covers = (matched / whole_left, matched / whole_right) if whole_left and whole_right else (0.0, 0.0)
    less, more = min(covers), max(covers)
    conflict = min(_contents(left), _contents(right))
    distinctive = min(1.0, naming / _ENOUGH) ** 2 * uniqueness
    if singled_out and more > 0.95 and not conflict:
        distinctive = max(distinctive, 0.65)
    alpha = 0.55 * distinctive
    score = more * (alpha + (1 - alpha) * less) * (1 - 0.5 * min(1.0, conflict))
    if less < 0.999:
        # Where something differs, words of the field alone identify nobody.
        score *= 0.75 + 0.25 * min(1.0, distinctive + (less > 0.85))
    return Similarity(
        score=score,
        shared=tuple(word for _mine, yours, _certainty in pairs for word in yours),
        is_equal=False,
        conflict=conflict,
        weight=matched,
        covers=covers,
        has_typos=any(certainty < 1 for *_words, certainty in pairs),
    )


def describe(similarity: Similarity, mine: Name, yours: Name, *, former: bool) -> str:
    """Return, as text for staff, how two names are alike; ``former``: one of them is out of use."""
    which = "A former name" if former else "The name"
    if similarity.is_equal:
        if mine.text.strip() == yours.text.strip():
            return f"{which} is the same"
        if mine.words == yours.words:
            plain = all_words(mine.text) == all_words(yours.text)
            return f"{which} is the same but for {'accents or punctuation' if plain else 'the legal form'}"
        if mine.squashed == yours.squashed:
            return f"{which} is the same but for spaces"
        return f"{which} has the same words in another order"
    if similarity.has_typos and min(similarity.covers) > 0.8:
        return f"{which} is nearly the same"
    if similarity.conflict == 0:
        return f"{which} has the same words and more"
    return f"{which} is similar"


def _total(words: Iterable[str], vocabulary: Vocabulary) -> float:
    return sum(vocabulary.weight(word) for word in words)


def _contents(words: Iterable[str]) -> float:
    """Return how many words among these say something; a word of the field counts a little less."""
    return sum(
        0.8 if word in FIELD else 1.0 for word in words if word not in STOP and word not in GENERIC and len(word) > 1
    )


_Pair = tuple[tuple[str, ...], tuple[str, ...], float]


def _align(first: Name, second: Name, vocabulary: Vocabulary) -> tuple[list[_Pair], list[str], list[str]]:
    """Return the words matched with how sure that is, and what is left over on either side."""
    pairs: list[_Pair] = []
    right = list(second.words)
    left = []
    for word in first.words:
        if word in right:
            right.remove(word)
            pairs.append(((word,), (word,), 1.0))
        else:
            left.append(word)
    if not left or not right:
        return pairs, left, right
    pairs += [(mine, yours, 1.0) for mine, yours in _joined(left, right)]
    pairs += [(mine, yours, 1.0) for yours, mine in _joined(right, left)]
    pairs += [((short,), (whole,), 0.95) for short, whole in _shortened(left, right, first.shortened)]
    pairs += [((whole,), (short,), 0.95) for short, whole in _shortened(right, left, second.shortened)]
    options = [
        (alike, mine, yours) for mine in left for yours in right if (alike := vocabulary.word_similarity(mine, yours))
    ]
    for alike, mine, yours in sorted(options, reverse=True):
        if mine in left and yours in right:
            left.remove(mine)
            right.remove(yours)
            pairs.append(((mine,), (yours,), alike))
    distinctive = [[word for word in side if word not in STOP and word not in GENERIC] for side in (left, right)]
    if pairs and len(distinctive[0]) == len(distinctive[1]) == 1:
        mine, yours = distinctive[0][0], distinctive[1][0]
        agreed = sum(vocabulary.weight(word) for _mine, words, _certainty in pairs for word in words)
        if certainty := _misspelling(mine, yours, vocabulary, agreed):
            left.remove(mine)
            right.remove(yours)
            pairs.append(((mine,), (yours,), certainty))
    return pairs, left, right


def _joined(wholes: list[str], pieces: list[str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Take out of both lists words that are written together here and apart there: LifeScience, life science."""
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for whole in list(wholes) if len(pieces) > 1 else ():
        for start in range(len(pieces)):
            for end in range(start + 2, min(start + 6, len(pieces)) + 1):
                if "".join(pieces[start:end]) == whole:
                    found.append(((whole,), tuple(pieces[start:end])))
                    wholes.remove(whole)
                    del pieces[start:end]
                    break
            else:
                continue
            break
    return found


def _shortened(shorts: list[str], wholes: list[str], shortened: frozenset[str]) -> list[tuple[str, str]]:
    """Take out of both lists words that are written short here and in full there: Sec., Security."""
    found: list[tuple[str, str]] = []
    for short in [word for word in shorts if word in shortened]:
        whole = next((word for word in wholes if word.startswith(short)), "")
        if whole:
            found.append((short, whole))
            shorts.remove(short)
            wholes.remove(whole)
    return found


def _misspelling(one: str, other: str, vocabulary: Vocabulary, agreed: float) -> float:
    """Return how sure it is that the only words that differ are one word and its misspelling; 0 if not at all.

    The more the other words agree (``agreed`` is their weight), the worse the misspelling may be.
    """
    if {one, other} <= {"it", "ict"}:
        return 0.8
    if (vocabulary.is_known(one) and vocabulary.is_known(other)) or _digits_of(one) != _digits_of(other):
        return 0.0
    if sorted(one) == sorted(other) and OSA.distance(one, other) == 1:
        return 0.7
    if min(len(one), len(other)) >= 3 and OSA.distance(one, other) == 1:
        return 0.7
    return 0.6 if agreed >= _ENOUGH and OSA.normalized_similarity(one, other) >= 0.5 else 0.0
