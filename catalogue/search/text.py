"""Text as search and sorting see it: ASCII letters and digits, lower case, single spaces."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii

MAX_LENGTH = 200  # characters of a search text
_SEPARATOR = re.compile(r"[^a-z0-9]+")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
#: Control characters but tab and line feed, marks that turn the order of letters around, halves of letters.
_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
#: Letters and symbols by their category that show nothing: fillers of Hangul, and the blank of Braille.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5")
#: Categories that draw nothing by themselves: controls, formats, unassigned, spaces, and marks upon other letters.
_UNSEEN = ("C", "Z", "Mn", "Me")


def fold(text: str) -> str:
    """Return ``text`` in lower-case ASCII, accents and other scripts transliterated.

    >>> fold("Łódź, ØRESUND")
    'lodz, oresund'
    """
    if text.isascii():
        return text.lower()
    return anyascii(unicodedata.normalize("NFC", text)).lower()


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order.

    >>> words("Pôle d'excellence cyber")
    ['pole', 'd', 'excellence', 'cyber']
    """
    return [word for word in _SEPARATOR.split(fold(text)) if word]


#: How other alphabets and typewriters write letters that :func:`fold` shortens to one.
_LONG = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe",
})  # fmt: skip


@lru_cache(maxsize=50_000)
def spellings(text: str) -> tuple[str, ...]:
    """Return the ways in which ``text`` is written in ASCII, as :func:`sort_key` folds them, the shorter first.

    >>> spellings("Württemberg")
    ('wurttemberg', 'wuerttemberg')
    """
    if text.isascii():
        return (sort_key(text),)
    text = unicodedata.normalize("NFC", text)
    return tuple(dict.fromkeys([sort_key(text), sort_key(text.translate(_LONG))]))


def index_words(texts: Iterable[str]) -> list[str]:
    """Return the distinct words under which ``texts`` can be found, in order of appearance.

    A chunk with punctuation inside is found by its parts and as a whole: "Clust-ER" by "clust", "er"
    and "cluster"; "TICE.PT" by "tice", "pt" and "ticept". Both spellings of a letter count: "Köln" by "koln" and "koeln".
    """
    found: dict[str, None] = {}
    for text in texts:
        long = "" if text.isascii() else unicodedata.normalize("NFC", text).translate(_LONG)
        for chunk in (*fold(text).split(), *(fold(long).split() if long != text else ())):
            parts = [part for part in _SEPARATOR.split(chunk) if part]
            found.update(dict.fromkeys(parts))
            if len(parts) > 1:
                found["".join(parts)] = None
    return list(found)


def sort_key(text: str) -> str:
    """Return ``text`` for sorting: folded words with single spaces, at most 200 characters."""
    return " ".join(words(text))[:200]


def is_seen(letter: str) -> bool:
    """Return whether ``letter`` draws something by itself."""
    return letter not in _BLANKS and not unicodedata.category(letter).startswith(_UNSEEN)


def tidy(text: str) -> str:
    """Return ``text`` as it is stored: line ends as line feeds, nothing invisible at its ends.

    Control characters and marks that turn the order of letters around are taken out everywhere; a joiner between
    two letters stays, and so does an accent at the end.

    >>> tidy("\\u200b Alpine\\r\\nPhotonics \\ufeff")
    'Alpine\\nPhotonics'
    """
    text = _HARMFUL.sub("", _LINE_ENDS.sub("\n", text)).strip()
    start, end = 0, len(text)
    while start < end and _is_loose(text[start]):
        start += 1
    while end > start and _is_loose(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_loose(letter: str) -> bool:
    """Return whether ``letter`` at an end of a text is only in the way; marks are part of the letter before them."""
    if letter == "\u200d" or "\ufe00" <= letter <= "\ufe0f" or "\U000e0020" <= letter <= "\U000e007f":
        return False  # part of an emoji
    return letter.isspace() or letter in _BLANKS or unicodedata.category(letter) in ("Cc", "Cf", "Zs", "Zl", "Zp")
