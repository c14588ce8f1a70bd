"""Title, language and text of a strange web page. Everything here takes time in proportion to the page's length."""

import codecs
import html
import re
from dataclasses import dataclass

MAX_TITLE = 200
MAX_TEXT = 2000
_LOOKED_AT = 200_000
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: Other codecs of Python are no character sets of web pages, and some are slow on purpose-made input.
_KNOWN_CHARSET = re.compile(
    r"(utf-?8|utf-?16(-?[lb]e)?|us-ascii|ascii|latin-?1|iso-?8859-\d{1,2}|windows-\d{3,4}|koi8-[ru])$", re.IGNORECASE
)
_HTML_TAG = re.compile(r"<html\b([^<>]{0,1000})", re.IGNORECASE)
_LANGUAGE = re.compile(r"\b(?:xml:)?lang\s*=\s*[\"']?([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3})\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")
_UNSEEN = ("script", "style", "noscript", "template", "svg", "title")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Page:
    """What a page says of itself."""

    title: str
    language: str
    text: str


def read_page(content: bytes, content_type_parameters: str = "") -> Page:
    """Return title, language and the beginning of the visible text; the text is plain, not HTML."""
    text = _decode(content[:_LOOKED_AT], content_type_parameters)
    return Page(title=_title(text), language=_language(text), text=_plain(_visible(text), MAX_TEXT))


def _decode(content: bytes, parameters: str) -> str:
    named = _CHARSET.search(parameters) or _CHARSET.search(content[:2048].decode("latin-1"))
    names = [named[1]] if named and _KNOWN_CHARSET.match(named[1]) else []
    if content.startswith(codecs.BOM_UTF8):
        names = ["utf-8-sig"]
    for name in [*names, "utf-8"]:
        try:
            return content.decode(name)
        except UnicodeDecodeError as error:
            if error.start > len(content) - 8:  # cut in the middle of a letter
                return content.decode(name, "ignore")
        except LookupError:
            continue
    return content.decode("windows-1252", "replace")


def _title(text: str) -> str:
    opened = _TITLE.search(text)
    if not opened:
        return ""
    inside = text[opened.end() : opened.end() + 4 * MAX_TITLE]
    return _plain(inside.partition("<")[0], MAX_TITLE)


def _language(text: str) -> str:
    for number, tag in enumerate(_HTML_TAG.finditer(text)):
        if found := _LANGUAGE.search(tag[1]):
            return found[1].replace("_", "-")
        if number == 4:  # comments for old browsers hold some more
            break
    return ""


def _visible(text: str) -> str:
    """Return ``text`` without tags, comments, scripts and styles."""
    lower = text.lower() if len(text.lower()) == len(text) else text
    kept: list[str] = []
    size = position = 0
    while position < len(text) and size < 8 * MAX_TEXT:
        start = text.find("<", position)
        start = len(text) if start < 0 else start
        if start > position:
            kept.append(text[position:start])
            size += len(kept[-1].strip())
        if start == len(text):
            break
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            position = len(text) if end < 0 else end + 3
            continue
        name = next((name for name in _UNSEEN if lower.startswith(f"<{name}", start)), "")
        if name:
            end = lower.find(f"</{name}", start)
            if end < 0:
                break
            start = end
        tag = _TAG.match(text, start)
        # A lone sign is text.
        position = tag.end() if tag else start + 1
        kept.append(" ")
    return "".join(kept)


def _plain(text: str, limit: int) -> str:
    cleaned = _CONTROL.sub("", html.unescape(text))
    return _SPACE.sub(" ", cleaned).strip()[:limit].strip()
