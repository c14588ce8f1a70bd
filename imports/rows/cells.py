"""What single cells say: numbers, dates, yes and no, lists, as people write them all over Europe."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from catalogue.models import Cluster
from imports.exceptions import CellProblem, UnknownNames
from imports.rows.vocabulary import Vocabulary, name_key
from submissions.fields.choices import Choices
from submissions.fields.definitions import Kind, SubmissionField
from submissions.fields.values import Value

#: What people write where they have nothing to say, in lower case.
_PLACEHOLDERS = frozenset(
    {
        "-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "…", "/", "n/a", "n.a.", "n. a.", "n.a", "na", "#n/a",
        "#na", "k. a.", "k.a.", "k/a", "null", "none", "nil", "unknown", "not known", "not available", "not applicable",
        "no data", "no information", "tbd", "tbc", "t.b.d.", "unbekannt", "inconnu", "desconocido", "sconosciuto", "nieznany",
    }
)  # fmt: skip
#: Placeholders that a name or an acronym may be.
_NAMES = frozenset({"na", "nil", "null", "none"})
_EXCEL_ERRORS = frozenset({"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
#: Beginnings that our own export guards with an apostrophe, which comes off again.
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "oui", "si", "wahr", "vrai", "tak", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "0", "nein", "non", "falsch", "faux", "nie", "✗"})
_AT_LEAST = re.compile(r"^(?:at least|min\.?|minimum|more than|over|above|mindestens|über|plus de|>=|≥|>)\s*", re.I)
_ABOUT = re.compile(
    r"^(?:ca\.?|c\.|circa|approx\.?|approximately|about|around|roughly|some|etwa|rund|env\.?|environ|~|≈|±)\s*", re.I
)
_PLUS = ("+", "＋")
_MEMBERS_WORD = re.compile(r"(?<!\s)\s*+(?:members|member|companies|firms|organisations|mitglieder|membres)\s*+$", re.I)
_SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
_GROUPED = re.compile(r"^[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*$")
_SPACED = re.compile(r"^[+-]?\d{1,3}(?:[\s\u00a0\u202f'’]\d{3})+(?:[.,]\d+)?$")
_MIXED = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})+,\d+$|^[+-]?\d{1,3}(?:,\d{3})+\.\d+$")
_PLAIN = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?$")
_DOTTED = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_MONTH = (
    "(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|mär(?:z)?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    "sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_DAY_AND_MONTH = re.compile(rf"^(?:\d{{1,2}}[-. /]{{0,2}}{_MONTH}|{_MONTH}[-. /]{{0,2}}\d{{1,4}})\.?$", re.I)
_QUALIFIERS = {
    "exact": "exact", "exactly": "exact", "at least": "at_least", "at_least": "at_least", "minimum": "at_least",
    "min": "at_least", "more than": "at_least", "approximately": "approximately", "approx": "approximately",
    "about": "approximately", "circa": "approximately", "ca": "approximately",
}  # fmt: skip


def text_of(raw: Any) -> str:
    """Return a cell as text, without the space around it; numbers without a needless decimal point."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(sep=" ")
    if isinstance(raw, date):
        return raw.isoformat()
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n").strip().strip("\u00a0\ufeff").strip()
    return text.replace("\x00", "")


def unguarded(text: str) -> str:
    """Return ``text`` without the apostrophe with which exports keep spreadsheets from running it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text


def is_empty(raw: Any) -> bool:
    """Return whether there is nothing in a cell but space."""
    return text_of(raw) == ""


def is_placeholder(raw: Any, target: str = "") -> bool:
    """Return whether a cell says that there is nothing to say, such as "n/a" or "?".

    In a column of names ``target`` an "NA" is a name.
    """
    word = text_of(raw).lower()
    return word in _PLACEHOLDERS and not (target in ("name", "acronym", "former_names") and word in _NAMES)


def is_nothing(raw: Any) -> bool:
    """Return whether a cell says nothing."""
    return is_empty(raw) or is_placeholder(raw)


def read_cell(spec: SubmissionField, raw: Any, vocabulary: Vocabulary, *, country: str = "") -> Value:
    """Return what a cell that is not empty says about ``spec``, as a payload stores it.

    ``None`` if staff said of all names in it that they are left out. ``country`` is that of the row, for regions.
    Raises :class:`CellProblem`.
    """
    text = unguarded(text_of(raw))
    if text in _EXCEL_ERRORS:
        raise CellProblem(f"The cell holds the error {text} of the spreadsheet program. Write the value itself.")
    if spec.kind == Kind.WHOLE and isinstance(raw, float) and not raw.is_integer():
        raise CellProblem(f"{raw} is no whole number. Write it without decimals.")
    if spec.kind == Kind.WHOLE and spec.name == "founded":
        return _year(raw, text)
    if spec.kind in (Kind.WHOLE, Kind.DECIMAL):
        _check_date(raw, text)
    if spec.kind == Kind.WHOLE:
        return read_whole(text)
    if spec.kind == Kind.DECIMAL:
        return _decimal(spec, raw, text)
    if spec.kind == Kind.DATE:
        return read_date(raw, text).isoformat()
    if spec.kind == Kind.FLAG:
        return read_flag(text)
    if spec.kind == Kind.CHOICE:
        return _choice(spec, text, vocabulary.choices)
    if spec.kind in (Kind.COUNTRY, Kind.REGION):
        return vocabulary.find(spec, text, country) or None
    if spec.is_list:
        return _list(spec, text, vocabulary) or None
    if spec.name == "former_names":
        return "\n".join(part.strip() for part in re.split(r"[;\n]", text) if part.strip())
    return text


def read_members(raw: Any) -> tuple[int, str]:
    """Return a number of members and what it is; the second is empty where the cell does not say.

    >>> read_members("500+"), read_members("ca. 1 200"), read_members(80)
    ((500, 'at_least'), (1200, 'approximately'), (80, ''))
    >>> read_members("+500")  # as people write it in Spain and Italy
    (500, 'at_least')
    """
    text = _MEMBERS_WORD.sub("", unguarded(text_of(raw)))
    qualifier = ""
    if isinstance(raw, float) and not raw.is_integer():
        raise CellProblem(f"{raw} is no whole number. Write it without decimals.")
    _check_date(raw, text)
    if text.startswith(_PLUS) or text.endswith(_PLUS):
        text, qualifier = text.strip("+＋ "), "at_least"
    elif at_least := _AT_LEAST.match(text):
        text, qualifier = text[at_least.end() :], "at_least"
    elif about := _ABOUT.match(text):
        text, qualifier = text[about.end() :], "approximately"
    if re.match(r"^(?:<|≤|up to|less than|max)", text, re.I) or re.match(
        r"^\d[\d., ]*+\s*+(?:-|–|—|to|bis)\s*\d", text
    ):
        raise CellProblem(f"“{text_of(raw)}” is no single number. Write “at least 100” or “about 120”, for instance.")
    return read_whole(text), qualifier


def read_whole(text: str) -> int:
    """Return a whole number; groups of three may be parted by a point, comma, space or apostrophe.

    >>> read_whole("1.200"), read_whole("1 200"), read_whole("1,200,000"), read_whole("12.0")
    (1200, 1200, 1200000, 12)
    """
    _check_length(text)
    if _GROUPED.match(text) or (_SPACED.match(text) and not re.search(r"[.,]", text)):
        return int(re.sub(r"[^\d+-]", "", text))
    number = read_number(text)
    if number != number.to_integral_value():
        raise CellProblem(f"“{text}” is no whole number. Write it without decimals.")
    return int(number)


def read_number(text: str) -> Decimal:
    """Return a number with decimals, if it is clear which sign parts them.

    Raises :class:`CellProblem` for "1.200", which may be 1200 or 1.2.
    """
    _check_length(text)
    if _GROUPED.match(text):
        if len(re.findall(r"[.,]", text)) > 1:
            return Decimal(re.sub(r"[.,]", "", text))
        plain = re.sub(r"[.,]", "", text)
        short = text.replace(",", ".").rstrip("0").rstrip(".")
        raise CellProblem(f"“{text}” may be {plain} or {short}. Write it without a sign between the thousands.")
    if _MIXED.match(text):
        last = max(text.rfind("."), text.rfind(","))
        text = re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :]
    elif _SPACED.match(text):
        text = _SPACES.sub("", text).replace(",", ".")
    elif not _PLAIN.match(text):
        raise CellProblem(f"“{text}” is no number. Write digits only.")
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as error:  # pragma: no cover - the patterns leave nothing else
        raise CellProblem(f"“{text}” is no number. Write digits only.") from error


def _check_date(raw: Any, text: str) -> None:
    if isinstance(raw, (datetime, date)) or _DAY_AND_MONTH.match(text):
        raise CellProblem(
            f"“{text[:40]}” is a date: spreadsheet programs make one of “12-3” or “5/2019”. Write the number itself, as text."
        )


def _check_length(text: str) -> None:
    if len(text) > 40:
        raise CellProblem(f"“{text[:39]}…” is no number. Write digits only.")


def read_date(raw: Any, text: str) -> date:
    """Return a day: a date cell, 2019-05-31, 31.5.2019, or 31/5/2019 where day and month cannot be mixed up."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        if found := _ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DOTTED.match(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _SLASHED.match(text):
            first, second, year = int(found[1]), int(found[2]), int(found[3])
            if first != second and first <= 12 and second <= 12:
                raise CellProblem(
                    f"“{text}” may be day/month or month/day. Write {year}-{second:02}-{first:02}, if that is meant."
                )
            return date(year, second, first) if second <= 12 else date(year, first, second)
    except ValueError as error:
        raise CellProblem(f"“{text}” is no day of the calendar. Write year-month-day, such as 2019-05-31.") from error
    if re.match(r"^\d{4}$", text):
        raise CellProblem(f"“{text}” is a year; the day is needed. Write {text}-12-31, if that is meant.")
    raise CellProblem(f"“{text[:40]}” is no date that we can read. Write year-month-day, such as 2019-05-31.")


def read_flag(text: str) -> bool:
    """Return whether ``text`` means yes."""
    word = text.lower()
    if word in _YES or name_key(text) in _YES:
        return True
    if word in _NO or name_key(text) in _NO:
        return False
    raise CellProblem(f"“{text[:40]}” is neither yes nor no. Write yes or no.")


def split_list(spec: SubmissionField, text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the items of a list: parted by ";", "|" or lines; by "," only where a part is known and the whole is not.

    Names of terms hold commas themselves.
    """
    if vocabulary.knows(spec, text):
        return [text]
    items = [item.strip() for item in re.split(r"[;|\n]", text) if item.strip()]
    found: list[str] = []
    for item in items:
        parts = [part.strip() for part in item.split(",") if part.strip()]
        is_list = len(parts) > 1 and not vocabulary.knows(spec, item)
        found += parts if is_list and any(vocabulary.knows(spec, part) for part in parts) else [item]
    return found


def _list(spec: SubmissionField, text: str, vocabulary: Vocabulary) -> list[str]:
    """Return what the names in ``text`` mean, without those that are left out."""
    found, problems = set(), list[UnknownNames]()
    for item in split_list(spec, text, vocabulary):
        try:
            found.add(vocabulary.find(spec, item))
        except UnknownNames as problem:
            problems.append(problem)
    if problems:
        message = " ".join(dict.fromkeys(str(problem) for problem in problems))
        raise UnknownNames(message, [pair for problem in problems for pair in problem.unknown])
    return sorted(found - {""})


def _year(raw: Any, text: str) -> int:
    if isinstance(raw, (datetime, date)):
        return raw.year
    if re.match(r"^\d{4}$", text):
        return int(text)
    for pattern, group in ((_ISO, 1), (_DOTTED, 3), (_SLASHED, 3)):
        if found := pattern.match(text):
            return int(found[group])
    if found := re.match(r"^(\d{4})[.,]0+$", text):
        return int(found[1])
    raise CellProblem(f"“{text[:40]}” is no year. Write four digits, such as 2009.")


def _decimal(spec: SubmissionField, raw: Any, text: str) -> str:
    if spec.name in ("latitude", "longitude"):
        # 48.137 cannot be forty-eight thousand here.
        if len(text) > 40 or not _PLAIN.match(text):
            raise CellProblem(f"“{text[:40]}” is no number of degrees. Write it as 48.1374.")
        places = Cluster._meta.get_field(spec.name).decimal_places  # type: ignore[union-attr]
        number = round(Decimal(text.replace(",", ".")), places)
    elif isinstance(raw, float):
        number = Decimal(text)  # a number of a spreadsheet program: no sign in it parts thousands
    else:
        number = read_number(text)
    # Zero has no sign, and "4.50" is 4.5.
    return f"{number.normalize() + 0:f}"


def _choice(spec: SubmissionField, text: str, choices: Choices) -> str:
    offered = choices.of(spec)
    word = text.strip().lower()
    if word in offered:
        return word
    by_label = {name_key(label): value for value, label in offered.items()}
    if name_key(text) in by_label:
        return by_label[name_key(text)]
    if spec.name == "members_qualifier" and name_key(text) in _QUALIFIERS:
        return _QUALIFIERS[name_key(text)]
    raise CellProblem(f"“{text[:40]}” is not in the list. Write one of: {', '.join(offered)}.")
