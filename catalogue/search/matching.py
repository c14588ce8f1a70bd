"""Words that are looked for: which clusters have them, however they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyroaring import BitMap
from rapidfuzz.distance import DamerauLevenshtein

from catalogue.search.lexicon import Lexicon, Meaning
from catalogue.search.reading import Phrase, Term
from catalogue.search.tokens import Token, inflections

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

MAX_CORRECTIONS = 40  # candidates looked at for one misspelt word
SHORT = 3  # letters up to which a whole word comes before beginnings
SHORTEST_MISSPELT = 5  # letters of a word that is taken for a misspelt place or topic: more than this
JOINED_FROM = 2  # letters of each of two words that may be written as one


class Matches(NamedTuple):
    """The words to look for, those that nothing is like, and those that were misspelt places or topics."""

    terms: tuple[Term, ...]
    unknown: tuple[str, ...]
    corrected: tuple[Phrase, ...]


class Matcher:
    """Looks for words among the clusters ``scope`` of ``index``."""

    def __init__(self, index: CatalogueIndex, scope: BitMap) -> None:
        self.index, self.scope = index, scope
        self.lexicon: Lexicon = index.lexicon

    def is_written(self, token: Token) -> bool:
        """Return whether a text has the word as it is."""
        return bool(self.index.texts.whole(token.word) & self.scope)

    def terms(self, chosen: list[Token], expansions: list[Phrase], *, is_literal: bool = False) -> Matches:
        """Return what the words ``chosen`` and the ``expansions`` find; with ``is_literal`` no word becomes a meaning."""
        corrected_phrases: list[Phrase] = []
        terms = [self._expanded(phrase) for phrase in expansions]
        unknown: list[str] = []
        listed = list({token.word: token for token in chosen}.values())
        for position, token in enumerate(listed):
            term = self._term(listed, position)
            if term.found:
                terms.append(term)
                continue
            corrected = self._correct(token.word, is_literal=is_literal)
            if isinstance(corrected, Term):
                terms.append(corrected)
            elif corrected:
                corrected_phrases.append(Phrase(token.word, corrected, is_corrected=True))
            else:
                unknown.append(token.word)
                terms.append(term)
        return Matches(tuple(terms), tuple(unknown), tuple(corrected_phrases))

    def _expanded(self, phrase: Phrase) -> Term:
        """Return the abbreviation as its own whole word, or as all words that it stands for."""
        own = [self.exact(word, is_last=False, is_whole=True) for word in phrase.text.split()]
        other = [self.exact(word, is_last=False) for word in phrase.meaning.values]
        found = BitMap.intersection(*(term[0] for term in own)) | BitMap.intersection(*(term[0] for term in other))
        in_name = BitMap.intersection(*(term[2] for term in own)) | BitMap.intersection(*(term[2] for term in other))
        in_value = BitMap.intersection(*(term[3] for term in other))
        return Term(phrase.text, found, found, in_name, in_value)

    def _term(self, listed: list[Token], position: int) -> Term:
        token = listed[position]
        is_last = position + 1 == len(listed)
        found, whole, in_name, in_value = BitMap(), BitMap(), BitMap(), BitMap()
        ways = [token.word, *token.others]
        for first, second in ((position - 1, position), (position, position + 1)):
            if first >= 0 and second < len(listed):
                pair = listed[first].word, listed[second].word
                if min(map(len, pair)) >= JOINED_FROM:
                    ways.append("".join(pair))
        for way in ways:
            exact = self.exact(way, is_last=is_last)
            found, whole, in_name, in_value = (
                found | exact[0],
                whole | exact[1],
                in_name | exact[2],
                in_value | exact[3],
            )
        if not found:
            for form in inflections(token.word):
                exact = self.exact(form, is_last=False, is_whole=True)
                found, whole, in_name, in_value = (
                    found | exact[0],
                    whole | exact[1],
                    in_name | exact[2],
                    in_value | exact[3],
                )
        return Term(token.word, found, whole, in_name, in_value)

    def exact(self, word: str, *, is_last: bool, is_whole: bool = False) -> tuple[BitMap, BitMap, BitMap, BitMap]:
        """Return the clusters that have ``word``: anywhere, as a whole word, in the name, in the name of a value."""
        texts, names, values = self.index.texts, self.index.names, self.lexicon.value_words
        whole = (texts.whole(word) | values.whole(word)) & self.scope
        if is_whole or (len(word) == 1 and not is_last) or (len(word) <= SHORT and whole):
            return whole, whole, names.whole(word) & self.scope, values.whole(word) & self.scope
        in_name, in_value = names.beginning(word) & self.scope, values.beginning(word) & self.scope
        return (texts.beginning(word) & self.scope) | in_value, whole, in_name, in_value

    def _correct(self, typed: str, *, is_literal: bool) -> Term | Meaning | None:
        """Return what a word that nothing has was misspelt for: words, or a place or topic that is nearer."""
        if typed.isdigit():
            return None
        candidates = [word for word in self.index.texts.near(typed) if self.index.texts.whole(word) & self.scope]
        values = [word for word in self.lexicon.single_words.near(typed) if self.lexicon.meanings(word)]
        if (
            values
            and not is_literal
            and len(typed) > SHORTEST_MISSPELT
            and (
                not candidates
                or DamerauLevenshtein.distance(typed, values[0]) <= DamerauLevenshtein.distance(typed, candidates[0])
            )
        ):
            return self.lexicon.meanings(values[0])[0]
        chosen = candidates[:MAX_CORRECTIONS]
        if not chosen:
            return None
        texts, names = self.index.texts, self.index.names
        found = BitMap.union(*(texts.whole(word) for word in chosen)) & self.scope
        in_name = BitMap.union(*(names.whole(word) for word in chosen)) & self.scope
        return Term(typed, found, found, in_name, BitMap(), tuple(chosen))
