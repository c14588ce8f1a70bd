"""What a search text was taken to mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from catalogue.listing.declared import BY_NAME
from catalogue.search.lexicon import Meaning
from catalogue.search.text import words
from catalogue.search.towns import Place

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex


@dataclass(frozen=True)
class Phrase:
    """A part of the text that was understood: its words, and the meaning that counts."""

    text: str
    meaning: Meaning
    is_excluded: bool = False
    is_corrected: bool = False


@dataclass(frozen=True)
class Term:
    """One word that is looked for, with what else it may be: spellings, joined with a neighbour, corrected, expanded.

    ``found`` are the clusters that have it; of these, ``whole`` have it as a whole word, ``in_name`` in their name,
    ``in_value`` in the name of a place or topic.
    """

    word: str
    found: BitMap
    whole: BitMap
    in_name: BitMap
    in_value: BitMap
    corrections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a search text was taken to mean among the clusters that the reader may see.

    ``filters`` are values by filter as in an address; ``excluded`` the same, for what shall not be found;
    ``near`` the place by whose distance the list is sorted; ``terms`` the words that are looked for.
    """

    text: str
    phrases: tuple[Phrase, ...] = ()
    filters: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    excluded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: tuple[tuple[str, str, Any], ...] = ()
    near: Place | None = None
    near_text: str = ""
    terms: tuple[Term, ...] = ()
    named: BitMap = field(default_factory=BitMap)
    unknown: tuple[str, ...] = ()
    is_literal: bool = False
    can_be_words: bool = False
    missing_place: Place | None = None

    @property
    def is_fuzzy(self) -> bool:
        """Whether a misspelt word was taken for others."""
        return bool(self.corrections)

    @property
    def corrections(self) -> list[tuple[str, tuple[str, ...]]]:
        """The misspelt words with the words that they were taken for, for the note above the results."""
        places = [(phrase.text, (phrase.meaning.label,)) for phrase in self.phrases if phrase.is_corrected]
        return places + [(term.word, term.corrections) for term in self.terms if term.corrections]

    def narrowed(self, found: BitMap, index: CatalogueIndex, leave_out: Collection[str] = ()) -> BitMap:
        """Return those of ``found`` that have the words and nothing that is excluded, but for filters ``leave_out``."""
        for name, values in self.excluded.items():
            if name not in leave_out:
                found = found - found_by(index, name, values)
        return found if self.words_found is None else found & self.words_found

    @cached_property
    def words_found(self) -> BitMap | None:
        """The clusters that have all words, or ``None`` where the text has no words to look for."""
        if self.unknown:
            return BitMap()
        if not self.terms:
            return None
        return BitMap.intersection(*(term.found for term in self.terms))


def found_by(index: CatalogueIndex, name: str, values: Sequence[Any]) -> BitMap:
    """Return the clusters that any of ``values`` of the filter ``name`` finds."""
    return BitMap.union(BitMap(), *(BY_NAME[name].found(index, value) for value in values))


def without_words(text: str, phrase: str) -> str:
    """Return ``text`` without the part whose words are ``phrase``, in the order of both; unchanged if there is none."""
    chunks = text.split()
    wanted = words(phrase)
    for start in range(len(chunks)):
        for end in range(start + 1, len(chunks) + 1):
            if words(" ".join(chunks[start:end])) == wanted:
                return " ".join([*chunks[:start], *chunks[end:]])
    return text
