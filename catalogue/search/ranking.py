"""The order of a search's results, and why a cluster is where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyroaring import BitMap

from catalogue.search.passed_over import TRADE_WORDS
from catalogue.search.reading import Reading
from catalogue.search.tokens import tokens_of

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex

#: A cluster with more verticals than this counts like one with this many.
MOST_VERTICALS = 6
Tier = tuple[str, BitMap]


def tiers(reading: Reading, index: CatalogueIndex) -> list[Tier]:
    """Return what counts, the most important first: each a reason with the clusters that it is true of.

    Two clusters are ordered by the first tier that only one of them is in; after the last, by name.
    """
    content = [token for token in tokens_of(reading.text) if not token.is_small and token.word not in TRADE_WORDS]
    line = " ".join(token.word for token in content)
    found: list[Tier] = [("It is called exactly that", reading.named)]
    if "town" in reading.filters or "region" in reading.filters:
        found.append(("Its place is known, not only its country", index.having("seat", "true")))
    if line:
        found.append(("Its name begins with it", index.keys["title"].beginning(line)))
        in_names = [_in_name(word, reading, index) for word in (token.word for token in content)]
        found.append(("All words are in its name", BitMap.intersection(*in_names)))
    chosen = [(name, value) for name, values in reading.filters.items() if name == "vertical" for value in values]
    if any(value == "cybersecurity" for _name, value in chosen):
        found.append(("Cybersecurity is its core activity", index.having("core", "true")))
    if len(chosen) > 1:
        every = BitMap.intersection(*(index.having(name, value) for name, value in chosen))
        found.append(("It has all of these topics", every))
    if reading.terms:
        found.append(("A word is in its name", BitMap.union(*(term.in_name for term in reading.terms))))
        found.append(
            ("A topic or place of it has these words", BitMap.intersection(*(term.in_value for term in reading.terms)))
        )
        found.append(("It has the whole words", BitMap.intersection(*(term.whole for term in reading.terms))))
    if chosen:
        few = BitMap()
        for number in range(1, MOST_VERTICALS + 1):
            few |= index.having("verticals", str(number))
            # Each a step: the fewer other topics, the earlier.
            found.append((f"It has {number} vertical{'s' if number > 1 else ''} at most", few.copy()))
    return [(reason, holders) for reason, holders in found if holders]


def in_order(found: BitMap, reading: Reading, index: CatalogueIndex) -> Iterator[int]:
    """Yield ``found`` by relevance."""
    buckets = [found]
    for _reason, holders in tiers(reading, index):
        split: list[BitMap] = []
        for bucket in buckets:
            inside = bucket & holders
            if not inside or len(inside) == len(bucket):
                split.append(bucket)
            else:
                split += [inside, bucket - inside]
        buckets = split
    for bucket in buckets:
        yield from index.in_order(bucket)


def reasons(pk: int, reading: Reading, counted: list[Tier]) -> list[str]:
    """Return as text why a cluster is found and where it is: what was read, its words, then the tiers it is in."""
    read = [
        f"“{phrase.text}” was read as {phrase.meaning.label}"
        for phrase in reading.phrases
        if phrase.meaning.filter and not phrase.is_excluded
    ]
    words = [f"“{term.word}” is in its texts" for term in reading.terms if pk in term.found and pk not in term.in_name]
    found = [reason for reason, holders in counted if pk in holders]
    few = [reason for reason in found if reason.endswith("at most")][:1]
    return [*read, *words, *(reason for reason in found if not reason.endswith("at most")), *few]


def _in_name(word: str, reading: Reading, index: CatalogueIndex) -> BitMap:
    for term in reading.terms:
        if term.word == word:
            return term.in_name
    return index.names.beginning(word)
