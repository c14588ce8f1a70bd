"""Text as search and sorting see it: ASCII letters and digits, lower case, single spaces."""

import re
import unicodedata
from collections.abc import Iterable

from anyascii import anyascii

_SEPARATOR = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Return ``text`` in lower-case ASCII, accents and other scripts transliterated.

    >>> fold("Łódź, ØRESUND")
    'lodz, oresund'
    """
    return anyascii(unicodedata.normalize("NFC", text)).lower()


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order.

    >>> words("Pôle d'excellence cyber")
    ['pole', 'd', 'excellence', 'cyber']
    """
    return [word for word in _SEPARATOR.split(fold(text)) if word]


def index_words(texts: Iterable[str]) -> list[str]:
    """Return the distinct words under which ``texts`` can be found, in order of appearance.

    A chunk with punctuation inside is found by its parts and as a whole: "Clust-ER" by "clust", "er"
    and "cluster"; "TICE.PT" by "tice", "pt" and "ticept".
    """
    found: dict[str, None] = {}
    for text in texts:
        for chunk in fold(text).split():
            parts = [part for part in _SEPARATOR.split(chunk) if part]
            found.update(dict.fromkeys(parts))
            if len(parts) > 1:
                found["".join(parts)] = None
    return list(found)


def index_line(texts: Iterable[str]) -> str:
    """Return :func:`index_words` as one line with a space at both ends, ready for ``LIKE '% word%'``."""
    found = index_words(texts)
    return f" {' '.join(found)} " if found else ""


def sort_key(text: str) -> str:
    """Return ``text`` for sorting: folded words with single spaces, at most 200 characters."""
    return " ".join(words(text))[:200]
