"""No line of the log holds a link of the public forms, which whoever has it can use, or what staff searched for."""

import logging
import re
from functools import cache

from publicforms import purposes

#: Doubled and encoded slashes lead nowhere, but the token behind them works elsewhere. White space before a token comes from mails that broke a link in two.
_SLASH = r"(?:/|%2F)"
#: What staff searches for is often somebody's address.
_SEARCH = re.compile(r"(/admin/search/?\?(?:[^\s\"'#]*?&)?q=)[^&\s\"'#\\<>]*", re.IGNORECASE)


@cache
def _pattern(paths: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the token behind one of ``paths``, such as ``submit/link``."""
    beginnings = "|".join(f"{_SLASH}+".join(map(re.escape, path.split("/"))) for path in paths)
    token = rf"({_SLASH}(?:{beginnings}){_SLASH}+)(?:\s*(?=[\w.%-]{{16}}))?(?!%2F)[^/\s\"'?#\\<>&]+"
    return re.compile(token, re.IGNORECASE)


def masked(text: str) -> str:
    """Return ``text`` with stars in place of the tokens in addresses of any registered purpose of links and of staff searches."""
    text = _SEARCH.sub(r"\1***", text)
    paths = purposes.paths()
    return _pattern(paths).sub(r"\1***", text) if paths else text


class MaskingHandler(logging.StreamHandler):
    """Writes finished lines, whatever put a token into them: message, fields or the text of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without tokens and search texts."""
        return masked(super().format(record))
