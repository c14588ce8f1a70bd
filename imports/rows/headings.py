"""What the columns of a spreadsheet mean, guessed from their headings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from rapidfuzz import fuzz, process

from catalogue.profile.fields import FIELDS as PROFILE_FIELDS
from catalogue.search.text import words
from imports.models import ColumnMapping
from submissions.fields.definitions import FIELDS, Kind

IGNORE, ID, SLUG = "", "id", "slug"
#: What a column may mean, in the order in which staff chooses.
TARGETS: dict[str, str] = {
    IGNORE: "– ignore –",
    ID: "Public id of the cluster",
    SLUG: "Slug of the cluster (address of its profile)",
    **{spec.name: spec.label for spec in FIELDS if spec.kind != Kind.LOGO},
}
#: Two columns may say the same thing in two ways: code and name of a country, name and slug of a region.
SEVERAL = frozenset({"country", "region"})
_FUZZY = 88

#: Headings beside the field's own name and label: of our export, the consortium's and ECCP's lists, and usual words.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    ID: ("public id", "uuid", "cluster id", "portal id"),
    SLUG: ("cluster slug",),
    **{field.name: field.headings for field in PROFILE_FIELDS},
}
#: Headings that mean something of ours which no import may change, or nothing at all.
_NOT_MEANT = (
    "priority",
    "confirmed on",
    "credit",
    "annex",
    "in catalogue",
    "contacted",
    "loyal",
    "note",
    "number",
    "no",
    "nr",
)
#: Meant only where nothing else says it: in our own export it is the address of the profile.
_WEAK = {"url": "website", "link": "website"}


def heading_key(heading: Any) -> str:
    """Return a heading as it is compared: its words, lower case, without accents."""
    return " ".join(words(str(heading or "")))


_KNOWN: dict[str, str] = {heading_key(name): IGNORE for name in _NOT_MEANT}
for _target, _label in TARGETS.items():
    if _target:
        for _word in (_target, _label, *_SYNONYMS.get(_target, ())):
            _KNOWN.setdefault(heading_key(_word), _target)


_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
#: A year or day at the end, with the words before it: "in 2025", "as of 31.12.2024", "2024/25".
_WHEN = re.compile(
    r"(?<![\s,;:/–—-])[\s,;:/–—-]*+\b"
    r"(?:(?:as\s+of|as\s+at|state|status|stand|per|in|at|on|the\s+end\s+of|end\s+of|end|year|fy)\b[\s:]*+){0,6}"
    r"(?:\d{1,2}[./-]){0,2}\b((?:19|20)\d\d)\b(?:[/-]\d{2,4}){0,3}\s*+$",
    re.I,
)
#: Words in brackets that say in what a value is written, not what it is.
_UNITS = frozenset(
    words(
        "number numbers no nr count total sum all fte fulltime heads headcount persons people companies firms organisations "
        "organizations year years yyyy mm dd text list url link http https www official public optional required mandatory "
        "please if any known available in of the and or as at end ca approx approximately estimated estimate about iso code codes "
        "alpha 2 3 3166 1 nuts nuts2 degrees decimal wgs84 english en eng e g name names level separated by comma semicolon "
        "commas semicolons max characters latest current today"
    )
)


def _meaning(heading: Any) -> tuple[str | None, int]:
    """Return what a heading means and the year that it names (0 if none); ``None`` where nobody knows.

    Brackets with a unit or year, and a year at the end, say nothing of the meaning: "Members (2025)" are members.
    Anything else in brackets may: "Members (SMEs)", "Name (contact person)".
    """
    key = heading_key(heading)
    if not key or key in _KNOWN:
        return _KNOWN.get(key, IGNORE), 0
    text, year, more = str(heading), 0, list[str]()
    for inside in _BRACKETS.findall(text):
        if dated := _WHEN.search(inside):
            year, inside = int(dated[1]), inside[: dated.start()]
        left = heading_key(inside)
        if set(left.split()) - _UNITS:
            more.append(left)
    text = _BRACKETS.sub(" ", text).strip()
    if dated := _WHEN.search(text):
        year, text = int(dated[1]), text[: dated.start()]
    bare = _KNOWN.get(heading_key(text))
    if not more:
        return bare, year
    if len(more) > 1:
        return (IGNORE if bare else None), year
    narrower = _KNOWN.get(more[0])
    # "Members (SMEs)", and "Contact (e-mail)".
    fits = narrower and (not bare or narrower == bare or narrower.startswith(f"{bare}_"))
    return (narrower if fits else IGNORE if bare else None), year


def guess_columns(headings: Sequence[Any]) -> list[str]:
    """Return what each column means; a field is given to one column only, save those of ``SEVERAL``.

    A year in the heading is no day, so it does not become the date of the number of members.
    """
    keys = [heading_key(heading) for heading in headings]
    meanings = [_meaning(heading) for heading in headings]
    found = [target for target, _year in meanings]
    taken = {target for target in found if target}
    for target in taken - SEVERAL:
        places = [place for place, other in enumerate(found) if other == target]
        # Of "Members (2024)" and "Members (2025)", the later year; else the first column.
        chosen = max(places, key=lambda place: (meanings[place][1], -place))
        for place in places:
            found[place] = target if place == chosen else IGNORE
    for place, key in enumerate(keys):
        if found[place] is None:
            target = _WEAK.get(key) or _nearest(key)
            found[place] = target if target and target not in taken else IGNORE
            taken.add(found[place] or "")
    return [target or IGNORE for target in found]


def _nearest(key: str) -> str:
    hit = process.extractOne(key, _KNOWN.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY) if len(key) > 3 else None
    return _KNOWN[hit[0]] if hit else IGNORE


def guess_header_line(rows: Sequence[tuple[int, list[Any]]]) -> int:
    """Return the number of the row that looks most like headings; lines of title and notes may be above it."""
    best, most = rows[0][0] if rows else 1, (-1, -1)
    for number, cells in rows:
        texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
        known = sum(1 for text in texts if len(text) <= 60 and heading_key(text) and _meaning(text)[0] is not None)
        mark = (known, len(texts) if known else -number)
        if mark > most and len(texts) > (1 if known < 2 else 0):
            best, most = number, mark
    return best


def signature(headings: Sequence[Any]) -> str:
    """Return the mark of a kind of spreadsheet: its headings, whatever their case and accents."""
    text = "\n".join(heading_key(heading) for heading in headings)
    return hashlib.sha256(text.encode()).hexdigest()


def remembered_columns(headings: Sequence[Any]) -> list[str] | None:
    """Return what staff said last time about exactly these headings."""
    row = ColumnMapping.objects.filter(signature=signature(headings)).first()
    columns = row.mapping.get("columns") if row else None
    if not isinstance(columns, list) or len(columns) != len(headings):
        return None
    return [target if target in TARGETS else IGNORE for target in columns]


def column_names(headings: Sequence[Any]) -> list[str]:
    """Return how each column is called in messages: its heading, else its letter."""
    return [
        str(heading).strip() if heading_key(heading) else f"column {letter_of(place)}"
        for place, heading in enumerate(headings)
    ]


def letter_of(place: int) -> str:
    """Return the letter of a column (0 is A) as spreadsheet programs count.

    >>> letter_of(0), letter_of(27)
    ('A', 'AB')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
