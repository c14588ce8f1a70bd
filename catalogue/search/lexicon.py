"""What words and phrases mean in a search: places, topics and networks under all their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django_countries import countries as iso_countries
from pyroaring import BitMap

from catalogue.index.postings import Postings
from catalogue.index.shared import Value
from catalogue.listing.declared import IN_TOWN
from catalogue.search.passed_over import PRIORITY_WORDS, SMALL_WORDS, TRADE_WORDS
from catalogue.search.text import sort_key, spellings, words

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

#: Which meaning counts if a phrase has several: the broader place, and a topic before a town or a code.
_ORDER = ("priority", "country", "group", "region", "term", "network", "town", "expansion", "passed_over")
LONGEST = 7  # words of a phrase
PAN_EUROPEAN = "EU"  # the country of organisations that belong to none
#: Since 2020.
EU_MEMBERS = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
    "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
SHORTEST_TOWN = 2  # letters of a name that is looked for inside others: more than this


@dataclass(frozen=True)
class Meaning:
    """One thing that a phrase means: values of a filter, or other words to look for.

    ``filter`` and ``values`` are as in an address; of an expansion, ``values`` are the words.
    """

    kind: str
    label: str
    filter: str = ""
    values: tuple[str, ...] = ()

    @property
    def order(self) -> int:
        """Its place among the meanings of one phrase."""
        return _ORDER.index(self.kind)


class Lexicon:
    """Phrases with their meanings, and the words of values with their clusters."""

    def __init__(self, index: CatalogueIndex) -> None:
        self._meanings: dict[str, list[Meaning]] = defaultdict(list)
        self._index = index
        self.codes: dict[str, Meaning] = {}
        self._regions: dict[str, Meaning] = {}
        self._add_values()
        self._add_towns()
        for word in PRIORITY_WORDS:
            self._add(word, Meaning("priority", "Priority", "priority", ("true",)))
        self._add_synonyms()
        # Countries where the portal knows nobody: an answer of none is better than one about a name that is alike.
        for code, name in iso_countries:
            if code not in index.shared.values["country"]:
                self._add(name, Meaning("country", name, "country", (code,)))
        for phrase, meanings in self._meanings.items():
            self._meanings[phrase] = self._weighed(list(dict.fromkeys(meanings)))
        self._phrases = list(self._meanings)
        self._phrase_words = Postings.of((number, phrase.split()) for number, phrase in enumerate(self._phrases))
        #: For misspelt words: phrases of one word that mean a place or topic.
        self.single_words = Postings(
            {
                phrase: BitMap([1])
                for phrase, meanings in self._meanings.items()
                if " " not in phrase and meanings[0].kind not in ("expansion", "passed_over")
            }
        )
        #: The clusters that have a value with this word in one of its names.
        self.value_words = Postings.of(self._value_words())

    @classmethod
    def of(cls, index: CatalogueIndex) -> Lexicon:
        """Return the lexicon of the values and synonyms of ``index``."""
        return cls(index)

    def of_index(self, index: CatalogueIndex) -> Lexicon:
        """Return the same words for a later index, of which nothing that they are made of changed."""
        other = copy(self)
        other._index = index
        return other

    def meanings(self, phrase: str) -> list[Meaning]:
        """Return what ``phrase`` means, as :func:`sort_key` folds it; the likeliest first."""
        return self._meanings.get(phrase, [])

    def _weighed(self, meanings: list[Meaning]) -> list[Meaning]:
        """Return the meanings of one phrase, the likeliest first.

        A region and a town of one name are one place: who is in the region, and who is placed in the town while only
        the country is known. Where nobody is in the region, it is the town.
        """
        meanings.sort(key=lambda meaning: meaning.order)
        region = next((meaning for meaning in meanings if meaning.filter == "region"), None)
        town = next((meaning for meaning in meanings if meaning.kind == "town"), None)
        if region is None or town is None:
            return meanings
        index = self._index
        if not index.having("region", *region.values).intersect(index.published()):
            others = [meaning for meaning in meanings if meaning not in (town, region)]
            return sorted(
                [*others, town, region],
                key=lambda meaning: (meaning.kind not in ("country", "group"), meaning is not town, meaning.order),
            )
        both = replace(region, values=(*region.values, *(f"{IN_TOWN}{place}" for place in town.values)))
        return [both if meaning is region else meaning for meaning in meanings]

    def beginning_with(self, parts: list[str]) -> Iterator[tuple[str, Meaning]]:
        """Yield phrases in whose words all ``parts`` are beginnings, with their first meaning."""
        found: set[int] | None = None
        for part in parts:
            holders = set(self._phrase_words.beginning(part))
            found = holders if found is None else found & holders
        for number in sorted(found or ()):
            phrase = self._phrases[number]
            yield phrase, self._meanings[phrase][0]

    def _add(self, text: str, meaning: Meaning) -> None:
        for phrase in spellings(text):
            if phrase and phrase not in SMALL_WORDS and (phrase not in TRADE_WORDS or meaning.kind == "passed_over"):
                self._meanings[phrase].append(meaning)

    def _add_values(self) -> None:
        shared, published = self._index.shared.values, self._index.published()
        nuts = {slug: value.nuts for slug, value in shared["region"].items() if value.nuts}
        for name, values in shared.items():
            kind = name if name in ("country", "region", "network") else "term"
            for slug, value in values.items():
                if kind == "region" and not value.nuts and not self._index.having("region", slug).intersect(published):
                    continue  # known for unpublished clusters alone: to understand it would give them away
                chosen: tuple[str, ...] = (slug,)
                if kind == "region" and value.nuts:
                    # A larger region has the clusters of those inside it.
                    chosen = (slug, *(other for other, codes in nuts.items() if _is_inside(codes, value.nuts)))
                meaning = Meaning(kind, value.label, name, chosen)
                if kind == "country" and slug != PAN_EUROPEAN:
                    self.codes[slug] = meaning
                if kind == "region":
                    self._regions[slug] = meaning
                for text in (value.label, *(value.other_names if slug != PAN_EUROPEAN else ())):
                    if kind != "term" or len(text) > 3 or text.isupper():
                        self._add(text, meaning)

    def _add_towns(self) -> None:
        """Add the towns of published clusters, and those that staff's synonyms name, each under all its names."""
        index = self._index
        places = {place for pk in index.published() for place in index.entries[pk].places}
        names: dict[str, list[str]] = defaultdict(list)
        for word, kind, means in index.shared.synonyms:
            if kind == "town":
                names[means].append(word)
        covered: set[str] = set()
        for town, others in names.items():
            known = [
                spelling for name in (town, *others) for spelling in spellings(name) if len(spelling) > SHORTEST_TOWN
            ]
            # "Garching bei München" is a place in Munich for whoever looks for one.
            inside = [place for place in sorted(places) if any(f" {name} " in f" {place} " for name in known)]
            covered.update(place for place in inside if place in known)
            meaning = Meaning("town", town, "town", tuple(dict.fromkeys([sort_key(town), *inside])))
            for name in (town, *others):
                self._add(name, meaning)
        for place in sorted(places - covered):
            self._add(place, Meaning("town", place.title(), "town", (place,)))

    def _add_synonyms(self) -> None:
        shared = self._index.shared.values
        regions = {slug: value.nuts for slug, value in shared["region"].items() if value.nuts}
        by_codes: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for slug, codes in regions.items():
            by_codes[codes].append(slug)
        labels: dict[str, str] = {}  # of a group: the first of its words
        for word, kind, means in self._index.shared.synonyms:
            parts = tuple(part.strip() for part in means.split(";") if part.strip())
            meaning: Meaning | None = None
            if kind == "country" and means == PAN_EUROPEAN:
                # "Europe" is where all are; the Union is its members.
                is_union = len(word) < len("Europe") or "uni" in sort_key(word)
                meaning = (
                    Meaning("group", "European Union", "country", EU_MEMBERS)
                    if is_union
                    else Meaning("passed_over", "")
                )
                if len(word.strip()) == 2:
                    self.codes[word.strip().upper()] = meaning
                    continue
            elif kind == "country" and means in shared["country"]:
                meaning = Meaning("country", shared["country"][means].label, "country", (means,))
                if len(word.strip()) == 2:
                    self.codes[word.strip().upper()] = meaning
                    continue
            elif kind == "group":
                label = labels.setdefault(means, word)
                codes = tuple(part for part in parts if len(part) == 2)
                prefixes = tuple(part for part in parts if len(part) > 2)
                if prefixes and len(by_codes.get(prefixes, ())) == 1:
                    meaning = self._regions.get(by_codes[prefixes][0])
                elif prefixes:
                    inside = tuple(
                        sorted(
                            slug for slug, codes in regions.items() if all(code.startswith(prefixes) for code in codes)
                        )
                    )
                    meaning = Meaning("group", label, "region", (*inside, *self._towns_of(inside)))
                else:
                    meaning = Meaning("group", label, "country", codes)
            elif kind == "region" and means in shared["region"]:
                meaning = self._regions.get(means)
            elif kind == "term":
                vocabulary, _colon, slug = means.partition(":")
                value = shared.get(vocabulary, {}).get(slug)
                meaning = Meaning("term", value.label, vocabulary, (slug,)) if value else None
            elif kind == "expansion" and words(means):
                meaning = Meaning("expansion", means, "", tuple(words(means)))
            elif kind == "passed_over":
                meaning = Meaning("passed_over", "")
            if meaning:
                self._add(word, meaning)

    def _towns_of(self, regions: tuple[str, ...]) -> list[str]:
        """Return the towns of published clusters of these regions, as values of the filter of regions.

        They find clusters of which only the country is known and that are placed in its capital.
        """
        index = self._index
        holders = index.having("region", *regions) & index.published()
        return sorted({f"{IN_TOWN}{place}" for pk in holders for place in index.entries[pk].places})

    def _value_words(self) -> Iterator[tuple[int, Iterable[str]]]:
        index = self._index
        known: dict[tuple[str, str], list[str]] = {}
        for name, values in index.shared.values.items():
            for slug, value in values.items():
                known[name, slug] = _words_of(value)
        for pk, entry in index.entries.items():
            pairs = [("country", entry.country), ("region", entry.region), *entry.terms]
            yield pk, {word for pair in pairs for word in known.get(pair, ())}


def _words_of(value: Value) -> list[str]:
    return [
        word for text in (value.label, *value.other_names) for spelling in spellings(text) for word in spelling.split()
    ]


def _is_inside(codes: tuple[str, ...], larger: tuple[str, ...]) -> bool:
    """Return whether a region with NUTS ``codes`` is a part of the one with the codes ``larger``."""
    return all(any(code != other and code.startswith(other) for other in larger) for code in codes)
