"""The words of a search text, with what only its writing shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.search.passed_over import FILLERS, SMALL_WORDS
from catalogue.search.text import MAX_LENGTH, spellings

MAX_WORDS = 24  # words of a search text that are looked at
_MARKS = re.compile(r"[\"'“”„«»#?!]+")


@dataclass(frozen=True)
class Token:
    """One word of the text: folded in its spellings, and whether it was written in capitals."""

    word: str
    others: tuple[str, ...] = ()
    is_upper: bool = False
    is_small: bool = False
    is_filler: bool = False


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


def without_marks(text: str) -> str:
    """Return the part of ``text`` that is looked at, without marks, and addresses as the names within them."""
    chunks = text[:MAX_LENGTH].split()
    return _MARKS.sub(" ", " ".join(_host(chunk) if _is_address(chunk) else chunk for chunk in chunks))


def _is_address(chunk: str) -> bool:
    return "@" in chunk or chunk.lower().startswith(("http://", "https://", "www."))


def lines_of(tokens: list[Token]) -> Iterator[str]:
    """Yield the words as one line: as typed, then in their other spelling."""
    yield " ".join(token.word for token in tokens)
    if any(token.others for token in tokens):
        yield " ".join(token.others[0] if token.others else token.word for token in tokens)


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


def _host(address: str) -> str:
    """Return the name within a web or mail address: what stays of it without ``www`` and the last label."""
    host = (address.partition("//")[2] or address).rpartition("@")[2].partition("/")[0].lower().removeprefix("www.")
    return host.rpartition(".")[0] or host
