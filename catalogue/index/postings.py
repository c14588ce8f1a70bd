"""Which clusters have a word: a bitmap for each, found whole, by its beginning, or by likeness."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

ONE_EDIT_FROM, TWO_EDITS_FROM = 5, 9  # letters of the word that is found


class Postings:
    """Words with the clusters that have them; never changed, :meth:`replaced` returns another one."""

    def __init__(self, words: dict[str, BitMap]) -> None:
        self._words = words

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, Iterable[str]]]) -> Postings:
        """Return the postings of clusters with their words."""
        found: dict[str, list[int]] = defaultdict(list)
        for pk, words in pairs:
            for word in words:
                found[word].append(pk)
        return cls({word: BitMap(keys) for word, keys in found.items()})

    def replaced(self, keys: BitMap, pairs: Iterable[tuple[int, Iterable[str]]]) -> Postings:
        """Return postings in which the clusters ``keys`` have the words of ``pairs``, and no others."""
        words = dict(self._words)
        for word, holders in self._words.items():
            if holders.intersect(keys):
                rest = holders - keys
                if rest:
                    words[word] = rest
                else:
                    del words[word]
        for word, holders in Postings.of(pairs)._words.items():
            words[word] = words[word] | holders if word in words else holders
        return Postings(words)

    def __len__(self) -> int:
        return len(self._words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Postings) and self._words == other._words

    __hash__ = None  # type: ignore[assignment]

    def __contains__(self, word: str) -> bool:
        return word in self._words

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._words)

    @cached_property
    def _by_length(self) -> Mapping[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for word in self._sorted:
            if ONE_EDIT_FROM <= len(word) <= 60:
                found[len(word)].append(word)
        return found

    def whole(self, word: str) -> BitMap:
        """Return the clusters that have exactly ``word``."""
        return self._words.get(word) or BitMap()

    def beginning(self, word: str) -> BitMap:
        """Return the clusters that have a word which begins with ``word``, or is it."""
        return BitMap.union(BitMap(), *(self._words[longer] for longer in self.completions(word)))

    def completions(self, word: str) -> list[str]:
        """Return the words that begin with ``word``, in their order."""
        start = bisect_left(self._sorted, word)
        return self._sorted[start : bisect_left(self._sorted, f"{word}{{", lo=start)]  # "{" is the code after "z"

    def near(self, typed: str) -> list[str]:
        """Return the words that ``typed`` may be a misspelling of, nearest first.

        One edit (a letter more, less or other, or a swapped pair: Damerau and Levenshtein) is forgiven in words
        of five letters or more, two from nine; it is the length of the right word that counts.
        """
        hits = []
        for length in range(max(len(typed) - 2, ONE_EDIT_FROM), len(typed) + 3):
            edits = allowed_edits("x" * length)
            for word, distance, _index in process.extract(
                typed,
                self._by_length.get(length, ()),
                scorer=DamerauLevenshtein.distance,
                score_cutoff=edits,
                limit=None,
            ):
                if distance:
                    hits.append((distance, word))
        return [word for _distance, word in sorted(hits)]


def allowed_edits(word: str) -> int:
    """Return how many edits are forgiven when ``word`` is what was meant."""
    if len(word) >= TWO_EDITS_FROM:
        return 2
    return 1 if len(word) >= ONE_EDIT_FROM else 0
