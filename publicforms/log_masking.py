"""No line of the log holds a link of the public forms: whoever has one can use it."""

import logging
import re
from functools import cache

from publicforms import purposes

#: Doubled and encoded slashes lead nowhere, but the token behind them works elsewhere. White space before a token comes from mails that broke a link in two.
_SLASH = r"(?:/|%2F)"


@cache
def _pattern(paths: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the token behind one of ``paths``, such as ``submit/link``."""
    beginnings = "|".join(f"{_SLASH}+".join(map(re.escape, path.split("/"))) for path in paths)
    return re.compile(
        rf"({_SLASH}(?:{beginnings}){_SLASH}+)(?:\s*(?=[\w.%-]{{16}}))?(?!%2F)[^/\s\"'?#\\<>&]+", re.IGNORECASE
    )


def masked(text: str) -> str:
    """Return ``text`` with stars in place of the tokens in addresses of any registered purpose of links."""
    paths = purposes.paths()
    return _pattern(paths).sub(r"\1***", text) if paths else text


class MaskingHandler(logging.StreamHandler):
    """Writes finished lines, whatever put a token into them: message, fields or the text of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without tokens."""
        return masked(super().format(record))
