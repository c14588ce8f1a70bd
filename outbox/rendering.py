"""From a kind of mail and values to subject, text and HTML, with marks in place of secret values."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations

import nh3
from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.html import escape, strip_tags
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_variables

from outbox.addresses import CLOSE, OPEN, one_line, plain
from outbox.engine import Text, TextMistake, in_html, read
from outbox.kinds import MailKind
from outbox.models import NOT_SHOWN, Wording

logger = logging.getLogger(__name__)

MAX_SUBJECT = 200
#: Up to so many placeholders that may be empty are tried in every combination.
MAX_COMBINED = 6
_MARK = re.compile(f"{OPEN}([a-z][a-z0-9_]*){CLOSE}")
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")


class MailNotRenderable(ValueError):
    """A mail that cannot be written; says which text or placeholder is wrong."""


@dataclass(frozen=True)
class Source:
    """The texts that a mail is made from, as they were written; ``html`` may be empty."""

    subject: str
    text: str
    html: str
    is_of_staff: bool = False


@dataclass(frozen=True)
class Rendered:
    """A mail with its values filled in and marks for the secret ones; ``html`` is empty if made from the text."""

    subject: str
    text: str
    html: str


def default_source(kind: MailKind) -> Source:
    """Return the texts of the kind's own files.

    Raises MailNotRenderable when one that is needed is missing.
    """
    found = {}
    for name in ("subject.txt", "body.txt", "body.html"):
        try:
            found[name] = _file(f"{kind.folder}/{name}")
        except TemplateDoesNotExist as error:
            if name != "body.html":
                raise MailNotRenderable(f"{kind.name}: the file {kind.folder}/{name} is missing.") from error
            found[name] = ""
    return Source(found["subject.txt"].strip(), found["body.txt"], found["body.html"])


def _file(name: str) -> str:
    return _cached_file(name) if not settings.DEBUG else _read_file(name)


def _read_file(name: str) -> str:
    from django.template import engines

    # The text as it was written: Django's loaders find the file, its language is not used.
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        for inner in getattr(loader, "loaders", [loader]):
            for origin in inner.get_template_sources(name):
                try:
                    return str(inner.get_contents(origin))
                except TemplateDoesNotExist:
                    continue
    raise TemplateDoesNotExist(name)


_cached_file = cache(_read_file)
_cached_read = lru_cache(maxsize=256)(read)  # staff types texts: most are tried once


def source_of(kind: MailKind) -> Source:
    """Return staff's own wording of the kind if there is one, else its files.

    A wording that fits the kind no longer (a placeholder went away) must not stop mail: the files are used and
    the log says so.
    """
    row = Wording.objects.filter(kind=kind.name).first()
    if row is not None:
        own = Source(row.subject, row.body_text, row.body_html, is_of_staff=True)
        mistakes = mistakes_in(kind, own)
        if not mistakes:
            return own
        logger.error(
            "The wording of %s cannot be used, its default is sent: %s", kind.name, "; ".join(mistakes.values())
        )
    return default_source(kind)


def mistakes_in(kind: MailKind, source: Source) -> dict[str, str]:
    """Return what is wrong with a text, by part ("subject", "text", "html"); empty if nothing is."""
    names = {placeholder.name for placeholder in kind.placeholders}
    found: dict[str, str] = {}
    parts = {"subject": source.subject, "text": source.text, "html": source.html}
    used: dict[str, Text] = {}
    for part, text in parts.items():
        if not text.strip():
            if part != "html":
                found[part] = f"The {part} is empty."
            continue
        try:
            used[part] = read(text)
        except TextMistake as mistake:
            found[part] = str(mistake)
            continue
        if OPEN in text or CLOSE in text:
            found[part] = "The text holds a character that is reserved for marks."
        elif unknown := sorted(used[part].names - names):
            listed = ", ".join(f"{{{{ {name} }}}}" for name in sorted(names)) or "none"
            found[part] = f"{{{{ {unknown[0]} }}}} is not known here. This kind of mail has: {listed}."
        elif part == "subject" and (secret := sorted(used[part].names & kind.secrets)):
            found[part] = f"{{{{ {secret[0]} }}}} is secret and must not be in a subject: mail servers log subjects."
    if source.is_of_staff and not found:
        needed = _printed_secrets(kind)
        for part in ("text", "html"):
            if part in used and (missing := sorted(needed - used[part].values)):
                found[part] = f"{{{{ {missing[0]} }}}} is missing: without it the mail is of no use to its reader."
    if source.is_of_staff and not found:
        found = dict(_holes(kind, source, needed))
    return found


@lru_cache(maxsize=256)
def _holes(kind: MailKind, source: Source, needed: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return by part what a readable text of staff lacks once values are filled in or left out."""
    found: dict[str, str] = {}
    for empty in _cases(kind, source):
        values = {name: "" if name in empty else sample for name, sample in kind.samples.items()}
        for part, lack in _lacks(_filled(kind, values, source), values, source, needed):
            found.setdefault(part, f"{_case_text(empty)}, {lack}")
    return tuple(found.items())


def _cases(kind: MailKind, source: Source) -> list[tuple[str, ...]]:
    """Return which values to leave empty at once: nothing first, then few, then many."""
    used = frozenset[str]().union(*(_cached_read(text).names for text in (source.subject, source.text, source.html)))
    names = sorted(used & kind.optional)
    sizes = range(len(names) + 1) if len(names) <= MAX_COMBINED else (0, 1, len(names) - 1, len(names))
    return [case for size in sizes for case in combinations(names, size)]


def _case_text(empty: tuple[str, ...]) -> str:
    if not empty:
        return "Where every value is given"
    listed = " and ".join(f"{{{{ {name} }}}}" for name in empty)
    return f"Where {listed} {'is' if len(empty) == 1 else 'are'} empty"


def _lacks(
    rendered: Rendered, values: Mapping[str, str], source: Source, needed: frozenset[str]
) -> list[tuple[str, str]]:
    """Return by part what is missing in a mail that was made from ``values``."""
    lacks = []
    if not rendered.subject:
        lacks.append(("subject", "the subject is empty."))
    for part, text in (("text", rendered.text), ("html", rendered.html)):
        if part == "html" and not source.html.strip():
            continue
        if not (strip_tags(text) if part == "html" else text).strip():
            lacks.append((part, f"the {part} is empty."))
            continue
        missing = [name for name in sorted(needed) if values[name].strip() and f"{OPEN}{name}{CLOSE}" not in text]
        if missing:
            lacks.append((part, f"{{{{ {missing[0]} }}}} is missing: the mail is of no use to its reader."))
    return lacks


def _printed_secrets(kind: MailKind) -> frozenset[str]:
    return read(default_source(kind).text).values & kind.secrets


@sensitive_variables("values")
def render(kind: MailKind, values: Mapping[str, str], source: Source | None = None) -> Rendered:
    """Return the mail of ``kind`` with ``values``: all of the kind's placeholders, and no others.

    Raises MailNotRenderable naming the placeholder or the text that is wrong.
    """
    names = {placeholder.name for placeholder in kind.placeholders}
    if missing := sorted(names - set(values)):
        raise MailNotRenderable(f"{kind.name}: the value of {missing[0]} is missing.")
    if unknown := sorted(set(values) - names):
        raise MailNotRenderable(f"{kind.name}: there is no placeholder {unknown[0]}; add it to the kind.")
    if source is not None:
        return _mail(kind, values, source)
    source = source_of(kind)
    if source.is_of_staff:
        try:
            return _mail(kind, values, source)
        except Exception:
            # Whatever staff wrote, it must not stop what the mail is about.
            logger.exception("The wording of %s cannot be used for this mail, its default is sent.", kind.name)
            source = default_source(kind)
    return _mail(kind, values, source)


@sensitive_variables("values")
def _mail(kind: MailKind, values: Mapping[str, str], source: Source) -> Rendered:
    if mistakes := mistakes_in(kind, source):
        part, mistake = next(iter(mistakes.items()))
        raise MailNotRenderable(f"{kind.name}, {part}: {mistake}")
    rendered = _filled(kind, values, source)
    needed = _printed_secrets(kind) if source.is_of_staff else frozenset[str]()
    if lacks := _lacks(rendered, values, source, needed):
        raise MailNotRenderable(f"{kind.name}: with these values {lacks[0][1]}")
    return rendered


@sensitive_variables("values", "filled")
def _filled(kind: MailKind, values: Mapping[str, str], source: Source) -> Rendered:
    # An empty secret stays empty, so that a condition on it works.
    filled = {
        name: f"{OPEN}{name}{CLOSE}" if name in kind.secrets and value else plain(str(value))
        for name, value in values.items()
    }
    subject = one_line(_cached_read(source.subject).render(filled), MAX_SUBJECT)
    text = _tidy(_cached_read(source.text).render(filled))
    html = _tidy(_cached_read(source.html).render(filled, is_html=True)) if source.html.strip() else ""
    if html and source.is_of_staff:
        html = nh3.clean(html)
    return Rendered(subject, text, html)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


# --- From marks to what is sent or shown -------------------------------------------------------


def holds_marks(text: str) -> bool:
    """Return whether ``text`` has a mark of a secret value."""
    return bool(_MARK.search(text))


@sensitive_variables("secrets")
def with_secrets(text: str, secrets: Mapping[str, str], *, is_html: bool = False) -> str:
    """Return ``text`` with the secret values in place of their marks.

    Raises KeyError with the name of one that was erased.
    """
    return _MARK.sub(lambda mark: in_html(secrets[mark[1]]) if is_html else secrets[mark[1]], text)


def without_secrets(text: str) -> str:
    """Return ``text`` as people may see it: a remark in place of secret values."""
    return _MARK.sub(NOT_SHOWN, text)


def html_of_text(text: str) -> str:
    """Return paragraphs with links that say the same as ``text``."""
    paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
    return "\n".join(f"<p>{_linked(part.strip())}</p>" for part in paragraphs)


def _linked(text: str) -> str:
    pieces, end = [], 0
    for match in _URL.finditer(text):
        address = escape(match[0])
        pieces += [escape(text[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    return "".join([*pieces, escape(text[end:])]).replace("\n", "<br>\n")


def html_page(subject: str, html: str) -> str:
    """Return the whole HTML part of a mail around its content ``html``."""
    page = get_template("outbox/email/layout.html").render({"subject": subject, "body": mark_safe(html)})
    return page.strip() + "\n"
