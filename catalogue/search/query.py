"""What a search text means: read first, matched then.

The rules are documented for users in ``docs/search.md``. In short: phrases that name places, topics and networks become
filters, words of the trade and of asking are passed over, numbers and "near" are understood, and only the rest is looked
for as words. A name always comes before a meaning.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from catalogue.index.postings import allowed_edits
from catalogue.listing.declared import BY_NAME
from catalogue.search.lexicon import LONGEST, Lexicon, Meaning
from catalogue.search.numbers import read_numbers
from catalogue.search.passed_over import FILLERS, LEGAL_FORMS, NEAR_WORDS, SMALL_WORDS, TRADE_WORDS, WITHOUT_WORDS
from catalogue.search.text import MAX_LENGTH, spellings, words
from catalogue.search.towns import Place, find_town, place_of_town

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

MAX_WORDS = 24  # words of a search text that are looked at
MAX_CORRECTIONS = 40  # candidates looked at for one misspelt word
SHORT = 3  # letters up to which a whole word comes before beginnings
SHORTEST_MISSPELT = 5  # letters of a word that is taken for a misspelt place or topic: more than this
#: Other words for what most clusters do; see fixtures/names_topics.csv.
GENERAL = frozenset(["SMEs", "start-ups", "internationalisation", "open innovation"])
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
JOINED_FROM = 2  # letters of each of two words that may be written as one

_ADDRESS = re.compile(r"(?:https?://|www\.|[^\s@]*@)\S+", re.IGNORECASE)
_MARKS = re.compile(r"[\"'“”„«»#?!]+")


@dataclass(frozen=True)
class Token:
    """One word of the text: folded in its spellings, and whether it was written in capitals."""

    word: str
    others: tuple[str, ...] = ()
    is_upper: bool = False
    is_small: bool = False
    is_filler: bool = False


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


def tokens_of(text: str) -> list[Token]:
    """Return the words of ``text`` in order, with their spellings."""
    tokens = []
    for chunk in text.split():
        letters = [letter for letter in chunk if letter.isalpha()]
        is_upper = bool(letters) and all(letter.isupper() for letter in letters)
        ways = [way.split() for way in spellings(chunk)]
        # "b+r&i" is no small word, "l'Aia" begins with one.
        is_whole = len(ways[0]) > 1 and not any(mark in chunk for mark in "'’`")
        for position, word in enumerate(ways[0]):
            others = tuple(way[position] for way in ways[1:] if len(way) == len(ways[0]) and way[position] != word)
            tokens.append(
                Token(word, others, is_upper, word in SMALL_WORDS and not is_whole, word in FILLERS and not is_whole)
            )
    return tokens[:MAX_WORDS]


class Reader:
    """Reads one text among the clusters ``scope`` of ``index``."""

    def __init__(self, text: str, index: CatalogueIndex, scope: BitMap) -> None:
        self.text, self.index, self.scope = text, index, scope
        self.lexicon: Lexicon = index.lexicon

    def read(self, *, is_literal: bool = False) -> Reading:
        """Return what the text means, or with ``is_literal`` only its words."""
        text = _MARKS.sub(" ", _ADDRESS.sub(lambda found: f" {_host(found[0])} ", self.text[:MAX_LENGTH]))
        named = self._named(tokens_of(text))
        if is_literal:
            return self._literal(text, named)
        meant = self._meant(text, named)
        hidden = named - self._bits(meant)
        if named and (len(hidden) == len(named) or not meant.phrases):
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
        tokens = tokens[: len(self._without_ends([token.word for token in tokens]))]
        known = [token for token in tokens if not token.is_small]
        # Unless they are part of the name, also the words of the trade and of asking say nothing here.
        telling = [token for token in known if token.word not in TRADE_WORDS and not self._is_filler(token)]
        is_name = self.index.keys["title"].whole(" ".join(token.word for token in tokens)) & named
        terms, unknown = self._terms((known if is_name else telling) or known or tokens, [], is_literal=True)
        return Reading(self.text, terms=terms, named=named, is_literal=True, unknown=unknown)

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
            for line in _lines(part):
                if meanings := self.lexicon.meanings(line):
                    return length, meanings
        token = tokens[position]
        if not token.is_small and len(token.word) > SHORT and not self._is_written(token):
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

    def _is_written(self, token: Token) -> bool:
        return bool(self.index.texts.whole(token.word) & self.scope)

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
            line for length in range(1, longest + 1) for line in _lines(tokens[position : position + length])
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
        terms, unknown = self._terms(rest, expansions)
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
        for phrase in [*phrases, *self._corrected]:
            if phrase.meaning.filter:
                # An empty set of values, such as a part of a country where nobody is, finds nothing.
                (excluded if phrase.is_excluded else filters)[phrase.meaning.filter].update(
                    dict.fromkeys(phrase.meaning.values)
                )
            if phrase.meaning.kind == "town" and missing is None:
                missing = self._missing(phrase.meaning)
        for name, _text, value in numbers:
            filters[name] = {value: None}
        return Reading(
            self.text, (*phrases, *self._corrected), {name: tuple(values) for name, values in filters.items()},
            {name: tuple(values) for name, values in excluded.items()}, tuple(numbers), *near, terms, named, unknown,
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
        return any(self._exact(token.word, is_last=False)[0] for token in rest)

    _corrected: list[Phrase]

    def _terms(
        self, chosen: list[Token], expansions: list[Phrase], *, is_literal: bool = False
    ) -> tuple[tuple[Term, ...], tuple[str, ...]]:
        """Return the words to look for, and those that nothing is like."""
        self._corrected = []
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
                self._corrected.append(Phrase(token.word, corrected, is_corrected=True))
            else:
                unknown.append(token.word)
                terms.append(term)
        return tuple(terms), tuple(unknown)

    def _expanded(self, phrase: Phrase) -> Term:
        """Return the abbreviation as its own whole word, or as all words that it stands for."""
        own = [self._exact(word, is_last=False, is_whole=True) for word in phrase.text.split()]
        other = [self._exact(word, is_last=False) for word in phrase.meaning.values]
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
            exact = self._exact(way, is_last=is_last)
            found, whole, in_name, in_value = (
                found | exact[0],
                whole | exact[1],
                in_name | exact[2],
                in_value | exact[3],
            )
        if not found:
            for form in inflections(token.word):
                exact = self._exact(form, is_last=False, is_whole=True)
                found, whole, in_name, in_value = (
                    found | exact[0],
                    whole | exact[1],
                    in_name | exact[2],
                    in_value | exact[3],
                )
        return Term(token.word, found, whole, in_name, in_value)

    def _exact(self, word: str, *, is_last: bool, is_whole: bool = False) -> tuple[BitMap, BitMap, BitMap, BitMap]:
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
            and (not candidates or _distance(typed, values[0]) <= _distance(typed, candidates[0]))
        ):
            return self.lexicon.meanings(values[0])[0]
        chosen = candidates[:MAX_CORRECTIONS]
        if not chosen:
            return None
        texts, names = self.index.texts, self.index.names
        found = BitMap.union(*(texts.whole(word) for word in chosen)) & self.scope
        in_name = BitMap.union(*(names.whole(word) for word in chosen)) & self.scope
        return Term(typed, found, found, in_name, BitMap(), tuple(chosen))


def without_words(text: str, phrase: str) -> str:
    """Return ``text`` without the part whose words are ``phrase``, in the order of both; unchanged if there is none."""
    chunks = text.split()
    wanted = words(phrase)
    for start in range(len(chunks)):
        for end in range(start + 1, len(chunks) + 1):
            if words(" ".join(chunks[start:end])) == wanted:
                return " ".join([*chunks[:start], *chunks[end:]])
    return text


def read_query(text: str, index: CatalogueIndex, scope: BitMap, *, is_literal: bool = False) -> Reading:
    """Return what ``text`` means among the clusters ``scope``, the ones that the reader may see.

    Filters other than the search must not be applied to ``scope``: whether a word is misspelt does not depend on the
    country chosen. With ``is_literal`` words are only words. At most two queries, for the names of towns.
    """
    return Reader(text, index, scope).read(is_literal=is_literal)


def inflections(word: str) -> list[str]:
    """Return other forms of ``word``: without and with the endings of plurals and cases of several languages.

    >>> inflections("networks")[0]
    'network'
    """
    found: dict[str, None] = {}
    for ending in (
        "s",
        "es",
        "n",
        "en",
        "e",
        "er",
        "em",
        "ern",
        "ies",
        "ues",
        "x",
        "i",
        "a",
        "y",
        "ow",
        "om",
        "u",
        "ie",
        "ia",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            stem = word[: -len(ending)]
            found[f"{stem}y" if ending == "ies" else stem] = None
            if ending in ("i", "e", "es", "y", "u", "ow"):
                found.update(dict.fromkeys([f"{stem}o", f"{stem}a", f"{stem}e"]))
    for ending in ("s", "e", "n", "en", "es", "a", "y"):
        found[word + ending] = None
    found.pop(word, None)
    return list(found)


def _distance(typed: str, word: str) -> int:
    from rapidfuzz.distance import DamerauLevenshtein

    return DamerauLevenshtein.distance(typed, word)


def _lines(tokens: list[Token]) -> Iterator[str]:
    """Yield the words as one line: as typed, then in their other spelling."""
    yield " ".join(token.word for token in tokens)
    if any(token.others for token in tokens):
        yield " ".join(token.others[0] if token.others else token.word for token in tokens)


def _host(address: str) -> str:
    """Return the name within a web or mail address: what stays of it without ``www`` and the last label."""
    host = (address.partition("//")[2] or address).rpartition("@")[2].partition("/")[0].lower().removeprefix("www.")
    return host.rpartition(".")[0] or host


__all__ = ["MAX_LENGTH", "Reading", "allowed_edits", "inflections", "read_query", "tokens_of", "words"]
