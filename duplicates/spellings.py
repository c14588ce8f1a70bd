"""Words that another word may be a misspelling of, found without comparing it to all of them."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

#: Shorter words are looked up as they are; from the second length on, two slips are allowed.
MIN_LENGTH, LONG_LENGTH = 5, 9


class Spellings:
    """Words by two letters at each end, and by three in the middle.

    One slip (a letter too many, too few, another one, two that changed places) leaves one of two ends alone that do not
    touch; two slips leave one of three such pieces alone, the middle one at most one place further on. So a word that
    shares none of the pieces need not be compared.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        """Know the words ``known``."""
        #: By a text of length or place and piece; most pieces of a long list are those of one word, which is stored without a list then.
        self._by_piece: dict[str, str | list[str]] = {}
        for word in known:
            self.add(word)

    def add(self, word: str) -> None:
        """Know one more word, of four letters at least."""
        length = len(word)
        self._put(f"{length}<{word[:2]}", word)
        self._put(f"{length}>{word[-2:]}", word)
        if length >= LONG_LENGTH - 2:
            # Where the middle of a word begins that is up to two letters shorter or longer, and one place beside it.
            first, last = _middle_of(max(LONG_LENGTH, length - 2)) - 1, _middle_of(length + 2) + 1
            for place in range(first, min(last, length - 3) + 1):
                self._put(f"{place}={word[place : place + 3]}", word)

    def near(self, word: str, *, limit: int = 8) -> list[str]:
        """Return the words that ``word`` may be a misspelling of, the nearest first."""
        length = len(word)
        if length < MIN_LENGTH:
            return []
        allowed = 1 if length < LONG_LENGTH else 2
        found: dict[str, None] = {}
        for other in range(length - allowed, length + allowed + 1):
            found.update(dict.fromkeys(self._get(f"{other}<{word[:2]}")))
            found.update(dict.fromkeys(self._get(f"{other}>{word[-2:]}")))
        if allowed == 2:
            middle = _middle_of(length)
            piece = word[middle : middle + 3]
            for place in (middle - 1, middle, middle + 1):
                found.update(dict.fromkeys(self._get(f"{place}={piece}")))
        hits = process.extract(word, list(found), scorer=OSA.distance, score_cutoff=allowed, limit=limit)
        return [hit[0] for hit in hits]

    def _put(self, piece: str, word: str) -> None:
        known = self._by_piece.get(piece)
        if known is None:
            self._by_piece[piece] = word
        elif isinstance(known, str):
            self._by_piece[piece] = [known, word]
        else:
            known.append(word)

    def _get(self, piece: str) -> Iterable[str]:
        known = self._by_piece.get(piece, ())
        return (known,) if isinstance(known, str) else known


def _middle_of(length: int) -> int:
    """Return where the middle piece of a word begins: a letter at least lies between it and either end."""
    return (length - 3) // 2
