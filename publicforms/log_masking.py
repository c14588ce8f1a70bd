"""No line of the log holds a link of the public forms: whoever has one can use it."""

import logging
import re

#: Doubled and encoded slashes lead nowhere, but the token behind them works elsewhere. White space before a token comes from mails that broke a link in two.
_SLASH = r"(?:/|%2F)"
_TOKEN = re.compile(
    rf"({_SLASH}submit{_SLASH}+(?:form|sent|link|status){_SLASH}+)(?:\s*(?=[\w.%-]{{16}}))?(?!%2F)[^/\s\"'?#\\<>&]+",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """Return ``text`` with stars in place of the tokens of ``/submit/…/<token>/``."""
    return _TOKEN.sub(r"\1***", text)


class MaskingHandler(logging.StreamHandler):
    """Writes finished lines, whatever put a token into them: message, fields or the text of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without tokens."""
        return masked(super().format(record))
