"""What a search text means: read first, matched then.

The rules are documented for users in ``docs/search.md``. In short: phrases that name places, topics and networks become
filters, words of the trade and of asking are passed over, numbers and "near" are understood, and only the rest is looked
for as words. A name always comes before a meaning.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from catalogue.search.lexicon import LONGEST, Lexicon, Meaning
from catalogue.search.matching import SHORT, Matcher
from catalogue.search.numbers import read_numbers
from catalogue.search.passed_over import FILLERS, LEGAL_FORMS, NEAR_WORDS, SMALL_WORDS, TRADE_WORDS, WITHOUT_WORDS
from catalogue.search.reading import Phrase, Reading, Term, found_by
from catalogue.search.tokens import Token, inflections, lines_of, tokens_of, without_marks
from catalogue.search.towns import Place, find_town, place_of_town

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

#: Other words for what most clusters do; see fixtures/names_topics.csv.
GENERAL = frozenset(["SMEs", "start-ups", "internationalisation", "open innovation"])
#: Words that join what is left out.
CONJUNCTIONS = frozenset(
    [
        "and",
        "or",
        "nor",
        "und",
        "oder",
        "et",
        "ou",
        "ni",
        "y",
        "o",
        "e",
        "i",
        "ani",
        "lub",
        "oraz",
        "of",
        "en",
        "och",
        "og",
        "si",
        "sau",
    ]
)


class Reader:
    """Reads one text among the clusters ``scope`` of ``index``."""

    def __init__(self, text: str, index: CatalogueIndex, scope: BitMap) -> None:
        self.text, self.index, self.scope = text, index, scope
        self.lexicon: Lexicon = index.lexicon
        self.matcher = Matcher(index, scope)

    def read(self, way: str = "") -> Reading:
        """Return what the text means; only its words for the way "words", and no name for the way "meaning"."""
        text = without_marks(self.text)
        named = self._named(tokens_of(text))
        if way == "words":
            return self._literal(text, named)
        meant = self._meant(text, named)
        hidden = named - self._bits(meant)
        if way != "meaning" and named and (len(hidden) == len(named) or not meant.phrases):
            # Every cluster of that name would be hidden, or words of the name were passed over: the name comes first,
            # the meaning is offered.
            literal = self._literal(text, named)
            return Reading(
                self.text,
                terms=literal.terms,
                named=named,
                is_literal=True,
                unknown=literal.unknown,
                can_be_words=bool(meant.phrases),
            )
        return meant

    def _bits(self, reading: Reading) -> BitMap:
        found = self.scope.copy()
        for name, values in reading.filters.items():
            found &= found_by(self.index, name, values)
        return reading.narrowed(found, self.index)

    # --- names ---

    def _named(self, tokens: list[Token]) -> BitMap:
        """Return the clusters whose name, acronym or former name the text is, with or without what is passed over."""
        titles = self.index.keys["title"]
        every = [token.word for token in tokens]
        found = BitMap()
        for line in {" ".join(every), " ".join(self._without_ends(every)), " ".join(self._content(every))}:
            found |= titles.whole(line)
        return found & self.scope

    @staticmethod
    def _without_ends(every: list[str]) -> list[str]:
        """Return the words without a legal form at their end."""
        for length in range(min(4, len(every) - 1), 0, -1):
            if " ".join(every[-length:]) in LEGAL_FORMS:
                return every[:-length]
        return every

    @staticmethod
    def _content(every: list[str]) -> list[str]:
        return [word for word in every if word not in SMALL_WORDS and word not in TRADE_WORDS]

    # --- words alone ---

    def _literal(self, text: str, named: BitMap) -> Reading:
        tokens = tokens_of(text)
        if not tokens:
            return Reading(self.text, is_literal=True, unknown=(self.text,))  # marks alone
        tokens = tokens[: len(self._without_ends([token.word for token in tokens]))]
        known = [token for token in tokens if not token.is_small]
        # Unless they are part of the name, also the words of the trade and of asking say nothing here.
        telling = [token for token in known if token.word not in TRADE_WORDS and not self._is_filler(token)]
        is_name = self.index.keys["title"].whole(" ".join(token.word for token in tokens)) & named
        matches = self.matcher.terms((known if is_name else telling) or known or tokens, [], is_literal=True)
        return Reading(self.text, terms=matches.terms, named=named, is_literal=True, unknown=matches.unknown)

    # --- meanings ---

    def _meant(self, text: str, named: BitMap) -> Reading:
        text, numbers = read_numbers(text)
        tokens = tokens_of(text)
        if not tokens and not numbers:
            return Reading(self.text, unknown=(self.text,))  # marks alone
        phrases: list[Phrase] = []
        rest: list[Token] = []
        name_terms: list[Term] = []
        near: Place | None = None
        near_from, near_text = 0, ""
        is_near = is_excluded = is_passed = False
        excluded_at = 0
        position = 0
        ended = len(self._without_ends([token.word for token in tokens]))
        tokens = tokens[:ended] if ended else tokens
        while position < len(tokens):
            length, kind = self._function_words(tokens, position)
            if kind == "near":
                is_near, near_from, position = True, position, position + length
                continue
            if kind == "without":
                is_excluded, excluded_at, position = True, position + length, position + length
                continue
            if (part := self._name_ahead(tokens, position)) and part[0] < len(tokens):
                name_terms.append(part[1])
                position += part[0]
                continue
            found = self._longest(tokens, position)
            if found and found[0] >= length:
                length, meanings = found
                words_of_it = " ".join(token.word for token in tokens[position : position + length])
                meaning = meanings[0]
                # "Without Spain and France health": only what "and" joins to the first one is left out too.
                between = {token.word for token in tokens[excluded_at:position]}
                if is_excluded and phrases and phrases[-1].is_excluded and not CONJUNCTIONS & between:
                    is_excluded = False
                if is_near and (place := self._place(meanings)):
                    near, is_near = place, False
                    near_text = " ".join(token.word for token in tokens[near_from : position + length])
                elif meaning.kind == "passed_over":
                    is_passed = True
                else:
                    phrases.append(Phrase(words_of_it, meaning, is_excluded))
                    is_near = False
                position += length
                if is_excluded:
                    excluded_at = position
                continue
            if kind:
                position += length
                continue
            if is_near and (located := self._town_ahead(tokens, position)):
                length, near = located
                is_near, position = False, position + length
                near_text = " ".join(token.word for token in tokens[near_from:position])
                continue
            if not tokens[position].is_small and not self._is_filler(tokens[position]):
                is_excluded = is_near = False
                rest.append(tokens[position])
            position += 1
        if (
            not (phrases or rest or name_terms or near or numbers)
            and tokens
            and not (is_passed or self._only_trade(tokens))
        ):
            # Nothing but words that say nothing: then they are what is looked for.
            rest = [token for token in tokens if not token.is_small] or tokens
        return self._assembled(phrases, rest, numbers, (near, near_text), named, name_terms)

    def _only_trade(self, tokens: list[Token]) -> bool:
        return any(token.word in TRADE_WORDS for token in tokens)

    def _is_filler(self, token: Token) -> bool:
        """Return whether a word only stands around what is looked for; not if the name of a cluster has it."""
        return token.is_filler and not self.index.names.whole(token.word) & self.scope

    def _function_words(self, tokens: list[Token], position: int) -> tuple[int, str]:
        """Return how many words from ``position`` on say how to search, and what they say; nothing is 0 and empty."""
        for length in range(min(5, len(tokens) - position), 0, -1):
            line = " ".join(token.word for token in tokens[position : position + length])
            follows = position + length < len(tokens)
            if line in NEAR_WORDS and follows:
                return length, "near"
            if line in WITHOUT_WORDS and follows and self._names_something(tokens, position + length):
                return length, "without"
            if line in TRADE_WORDS:
                return length, "trade"
        return 0, ""

    def _names_something(self, tokens: list[Token], position: int) -> bool:
        while position < len(tokens) and tokens[position].is_small:
            position += 1
        return position < len(tokens) and self._longest(tokens, position) is not None

    def _longest(self, tokens: list[Token], position: int) -> tuple[int, list[Meaning]] | None:
        """Return the meanings of the longest phrase that begins at ``position``, and how many words it has."""
        for length in range(min(LONGEST, len(tokens) - position), 0, -1):
            part = tokens[position : position + length]
            if length == 1 and (meaning := self._code(part[0])):
                return 1, [meaning]
            if all(token.is_small for token in part):
                continue
            for line in lines_of(part):
                if meanings := self.lexicon.meanings(line):
                    return length, meanings
        token = tokens[position]
        if not token.is_small and len(token.word) > SHORT and not self.matcher.is_written(token):
            for form in inflections(token.word):
                if meanings := self.lexicon.meanings(form):
                    return 1, meanings
        return None

    def _code(self, token: Token) -> Meaning | None:
        """Return the country of a code of two letters; a small word is one only in capitals. "IT" is the trade."""
        code = token.word.upper()
        if len(code) != 2 or code not in self.lexicon.codes or code == "IT":
            return None
        return self.lexicon.codes[code] if token.is_upper or not token.is_small else None

    # --- places ---

    def _place(self, meanings: list[Meaning]) -> Place | None:
        for meaning in meanings:
            if meaning.kind == "town" and (
                place := place_of_town(meaning.values[0], meaning.label, self.index, self.scope)
            ):
                return place
        return None

    def _town_ahead(self, tokens: list[Token], position: int) -> tuple[int, Place] | None:
        longest = min(4, len(tokens) - position)
        found = find_town(
            line for length in range(1, longest + 1) for line in lines_of(tokens[position : position + length])
        )
        return (len(found[0].split()), found[1]) if found else None

    # --- putting it together ---

    def _assembled(
        self,
        phrases: list[Phrase],
        rest: list[Token],
        numbers: list[tuple[str, str, Any]],
        near: tuple[Place | None, str],
        named: BitMap,
        name_terms: list[Term],
    ) -> Reading:
        missing: Place | None = None
        expansions = [phrase for phrase in phrases if phrase.meaning.kind == "expansion"]
        terms, unknown, corrected = self.matcher.terms(rest, expansions)
        if len(phrases) > len(expansions) or near[0]:
            # Nearly every cluster is about these: beside a place or topic they ask for nothing more.
            terms = tuple(term for term in terms if term.word not in self._general(expansions))
        terms = (*name_terms, *terms)
        if unknown and len(unknown) == len(rest) and not self._has_hits(rest):
            # Nothing is written like that: a town without clusters, or a misspelt name of a place or topic.
            located = self._town_ahead(rest, 0)
            if located and located[0] == len(rest):
                missing, unknown = located[1], ()
                phrases = [
                    *phrases,
                    Phrase(
                        " ".join(token.word for token in rest), Meaning("town", missing.name, "town", (missing.folded,))
                    ),
                ]
        filters: dict[str, dict[Any, None]] = defaultdict(dict)
        excluded: dict[str, dict[str, None]] = defaultdict(dict)
        for phrase in (*phrases, *corrected):
            if phrase.meaning.filter:
                # An empty set of values, such as a part of a country where nobody is, finds nothing.
                (excluded if phrase.is_excluded else filters)[phrase.meaning.filter].update(
                    dict.fromkeys(phrase.meaning.values)
                )
            if phrase.meaning.kind == "town" and missing is None:
                missing = self._missing(phrase.meaning)
        for name, values in filters.items():
            for value in values:  # what is looked for is not left out: "photonics without lasers"
                excluded[name].pop(value, None)
        for name, _text, value in numbers:
            filters[name] = {value: None}
        return Reading(
            self.text, (*phrases, *corrected), {name: tuple(values) for name, values in filters.items()},
            {name: tuple(values) for name, values in excluded.items() if values}, tuple(numbers), *near, terms, named, unknown,
            can_be_words=bool(phrases or numbers or near[0]), missing_place=missing,
        )  # fmt: skip

    @staticmethod
    def _general(expansions: list[Phrase]) -> set[str]:
        return {
            phrase.text
            for phrase in expansions
            if phrase.meaning.label in GENERAL or (len(phrase.text) > SHORT and phrase.text in FILLERS)
        }

    def _name_ahead(self, tokens: list[Token], position: int) -> tuple[int, Term] | None:
        """Return how many words from ``position`` on are the name of a cluster, two at least, and the clusters called so."""
        titles = self.index.keys["title"]
        for length in range(len(tokens) - position, 1, -1):
            line = " ".join(token.word for token in tokens[position : position + length])
            if holders := titles.whole(line) & self.scope:
                return length, Term(line, holders, holders, holders, BitMap())
        return None

    def _missing(self, meaning: Meaning) -> Place | None:
        if self.index.having("place", *meaning.values) & self.scope:
            return None
        return place_of_town(meaning.values[0], meaning.label, self.index, self.scope)

    def _has_hits(self, rest: list[Token]) -> bool:
        return any(self.matcher.exact(token.word, is_last=False)[0] for token in rest)


def read_query(text: str, index: CatalogueIndex, scope: BitMap, way: str = "") -> Reading:
    """Return what ``text`` means among the clusters ``scope``, the ones that the reader may see.

    Filters other than the search must not be applied to ``scope``: whether a word is misspelt does not depend on the
    country chosen. For ``way`` see :meth:`Reader.read`. At most two queries, for the names of towns.
    """
    return Reader(text, index, scope).read(way)
