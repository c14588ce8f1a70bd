"""What is wrong with an address of the list: a text for programs, of which pages make a link."""

from __future__ import annotations

import difflib
from collections.abc import Mapping


class Message(str):
    """A message about one parameter, with what was probably meant.

    As a string it is complete, which is how programs get it. Pages write ``text`` and make a link of ``label`` to
    the address with ``meant`` in place of ``given``.
    """

    text: str
    given: str
    meant: str
    label: str

    def __new__(cls, text: str, *, given: str = "", meant: str = "", label: str = "") -> Message:
        """Return the message; ``given`` is the value or parameter as the address has it."""
        hint = f" Did you mean “{meant}”{f' ({label})' if label else ''}?" if meant else ""
        message = super().__new__(cls, text + hint)
        message.text, message.given, message.meant, message.label = text, given, meant, label or meant
        return message


def shortened(text: str) -> str:
    """Return a value of an address as messages name it: at most 40 characters of it."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def nearest(given: str, labels: Mapping[str, str]) -> str:
    """Return the value of ``labels`` (value to label) that is most like ``given``, by value or label; else nothing."""
    by_label = {label.lower(): value for value, label in labels.items()}
    lowered = {value.lower(): value for value in labels}
    for known in (lowered, by_label):
        if near := difflib.get_close_matches(given.lower(), known, n=1):
            return known[near[0]]
    return ""
