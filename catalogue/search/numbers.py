"""Numbers in a search text: "more than 500 members", "founded before 2000", in several languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from catalogue.search.text import fold

#: What was read: the filter, the words as they were typed, the value of the filter.
Number = tuple[str, str, Any]

_NUMBER = r"(\d{1,3}(?:[.,' ]\d{3}){1,2}|\d{1,7})(?:\s?(k)\b)?"
_YEAR = r"((?:18|19|20|21)\d\d)(?!\d)"


def _any(text: str) -> str:
    phrases = sorted(
        (phrase.strip() for phrase in text.replace("\n", ";").split(";") if phrase.strip()), key=len, reverse=True
    )
    return "(?:" + "|".join(re.escape(fold(phrase)).replace(r"\ ", r"\s+") for phrase in phrases) + ")"


_MORE = _any("""more than;over;above;greater than;larger than;bigger than;exceeding;mehr als;uber;ueber;groesser als;grosser als;plus de;plus que;superieur a;
mas de;superior a;piu di;oltre;superiore a;wiecej niz;ponad;powyzej;meer dan;boven;mais de;acima de;peste;mai mult de;mai multi de;fler an;over;mere end;flere end;mer enn;vice nez;viac ako;tobb mint;>""")
_AT_LEAST = _any("""at least;minimum;min;min.;no fewer than;no less than;from;mindestens;wenigstens;ab;au moins;minimum de;au minimum;al menos;como minimo;minimo;desde;
almeno;co najmniej;minimum;przynajmniej;minstens;ten minste;minimaal;vanaf;pelo menos;no minimo;cel putin;minst;mindst;alespon;aspon;legalabb;>=;≥""")
_LESS = _any("""less than;fewer than;under;below;smaller than;weniger als;unter;kleiner als;moins de;inferieur a;menos de;inferior a;meno di;sotto;inferiore a;mniej niz;ponizej;
minder dan;onder;abaixo de;sub;mai putin de;mai putini de;farre an;faerre end;mindre enn;faerre enn;mene nez;menej ako;kevesebb mint;<""")
_AT_MOST = _any("""at most;up to;maximum;max;max.;no more than;hochstens;hoechstens;maximal;bis zu;bis;au plus;au maximum;jusqu a;jusqu'a;como maximo;hasta;al massimo;fino a;
co najwyzej;do;maksymalnie;hoogstens;ten hoogste;maximaal;tot;no maximo;ate;cel mult;hogst;hojst;<=;≤""")
_BETWEEN = _any(
    "between;from;zwischen;von;entre;de;tra;fra;da;miedzy;pomiedzy;od;tussen;van;intre;mellan;mellem;mellom;"
)
_AND = _any("and;to;und;bis;et;a;y;e;i;do;en;tot;si;och;og;-;–")
_MEMBERS = (
    r"(?:"
    + _any("""members;member;member companies;member organisations;companies;firms;organisations;organizations;mitglieder;mitgliedern;mitgliedsunternehmen;unternehmen;firmen;
membres;adherents;entreprises;societes;miembros;socios;empresas;membri;soci;aderenti;imprese;aziende;czlonkow;czlonkami;czlonkowie;firm;przedsiebiorstw;leden;bedrijven;
membros;associados;membrii;medlemmar;medlemmer;clenu;clenov;tag;taggal;chleniv;chlenov;meli""")
    + r")\b"
)
_FOUNDED = _any("""founded;established;created;started;set up;existing;active;gegrundet;gegruendet;gegrundete;entstanden;fondes;fonde;fondee;fondees;crees;cree;creee;creees;etablis;existant;
fundados;fundado;fundada;fundadas;creados;creado;fondati;fondato;fondata;fondate;creati;nati;zalozone;zalozony;zalozonych;powstale;powstaly;utworzone;opgericht;opgerichte;
criados;fondate;infiintate;infiintat;grundade;grundlagt;stiftet;grunnlagt;zalozene;zalozeny;alapitott;alapitva;osnovani;zasnovani""")
_BEFORE = _any(
    "before;prior to;until;earlier than;vor;bis;avant;antes de;antes del;prima del;prima di;przed;voor;inainte de;fore;for;pred;elott;do"
)
_AFTER = _any(
    "after;later than;nach;apres;despues de;despues del;dopo il;dopo;po;na;dupa;efter;etter;depois de;utan;posle;apos"
)
_SINCE = _any(
    "since;from;as of;seit;ab;depuis;a partir de;desde;dal;a partire dal;od;sinds;vanaf;din;sedan;siden;siden"
)
_IN = _any("in;im jahr;im jahre;en;nel;w;w roku;in het jaar;em;in anul;ar;i;v;v roce")


def _members(low: int | None, high: int | None) -> list[tuple[str, int]]:
    return [
        *([("members_min", low)] if low is not None else []),
        *([("members_max", high)] if high is not None else []),
    ]


def _years(low: int | None, high: int | None) -> list[tuple[str, int]]:
    return [
        *([("founded_min", low)] if low is not None else []),
        *([("founded_max", high)] if high is not None else []),
    ]


Rule = tuple[re.Pattern[str], Callable[[list[int]], list[tuple[str, int]]]]


def _rule(pattern: str, meaning: Callable[[list[int]], list[tuple[str, int]]]) -> Rule:
    whole = rf"(?<![\w]){pattern}"
    return re.compile(whole), meaning


_RULES: tuple[Rule, ...] = (
    _rule(rf"{_BETWEEN}\s+{_NUMBER}\s*{_AND}\s*{_NUMBER}\s+{_MEMBERS}", lambda n: _members(min(n), max(n))),
    _rule(rf"{_NUMBER}\s*(?:-|–|to|bis|a|do|tot)\s*{_NUMBER}\s+{_MEMBERS}", lambda n: _members(min(n), max(n))),
    _rule(rf"{_MORE}\s*{_NUMBER}\s+{_MEMBERS}", lambda n: _members(n[0] + 1, None)),
    _rule(rf"{_AT_LEAST}\s*{_NUMBER}\s+{_MEMBERS}", lambda n: _members(n[0], None)),
    _rule(rf"{_NUMBER}\s*(?:\+|or more|and more|oder mehr|und mehr|ou plus|et plus|o mas|y mas|o piu|lub wiecej|i wiecej|of meer|ou mais)\s*{_MEMBERS}", lambda n: _members(n[0], None)),
    _rule(rf"{_LESS}\s*{_NUMBER}\s+{_MEMBERS}", lambda n: _members(None, n[0] - 1)),
    _rule(rf"{_AT_MOST}\s*{_NUMBER}\s+{_MEMBERS}", lambda n: _members(None, n[0])),
    _rule(rf"{_MEMBERS}\s*[:=]?\s*{_MORE}\s*{_NUMBER}", lambda n: _members(n[0] + 1, None)),
    _rule(rf"{_MEMBERS}\s*[:=]?\s*{_LESS}\s*{_NUMBER}", lambda n: _members(None, n[0] - 1)),
    _rule(rf"(?:{_FOUNDED}\s+)?{_BETWEEN}\s+{_YEAR}\s*{_AND}\s*{_YEAR}(?:\s+{_FOUNDED})?", lambda n: _years(min(n), max(n))),
    _rule(rf"{_FOUNDED}\s+{_BEFORE}\s+{_YEAR}", lambda n: _years(None, n[0] - 1)),
    _rule(rf"{_BEFORE}\s+{_YEAR}\s+{_FOUNDED}", lambda n: _years(None, n[0] - 1)),
    _rule(rf"{_FOUNDED}\s+{_SINCE}\s+{_YEAR}", lambda n: _years(n[0], None)),
    _rule(rf"{_SINCE}\s+{_YEAR}\s+{_FOUNDED}", lambda n: _years(n[0], None)),
    _rule(rf"{_FOUNDED}\s+{_AFTER}\s+{_YEAR}", lambda n: _years(n[0] + 1, None)),
    _rule(rf"{_AFTER}\s+{_YEAR}\s+{_FOUNDED}", lambda n: _years(n[0] + 1, None)),
    _rule(rf"{_FOUNDED}\s+(?:{_IN}\s+)?{_YEAR}", lambda n: _years(n[0], n[0])),
    _rule(rf"(?:{_IN}\s+)?{_YEAR}\s+{_FOUNDED}", lambda n: _years(n[0], n[0])),
    _rule(rf"{_NUMBER}\s+{_MEMBERS}", lambda n: _members(n[0], n[0])),
)  # fmt: skip


def read_numbers(text: str) -> tuple[str, list[Number]]:
    """Return ``text`` without what says numbers of members and years of foundation, and the filters that these mean.

    A text without digits comes back as it is. "More than 500" is from 501 on, "before 2000" until 1999.
    """
    if not any(letter.isdigit() for letter in text):
        return text, []
    found: list[Number] = []
    for pattern, meaning in _RULES:
        folded = fold(text)
        match = pattern.search(folded)
        if match is None:
            continue
        typed = " ".join(match[0].split())
        found += [(name, typed, value) for name, value in meaning(_values(match))]
        # Only the rest counts as words; it is folded then, but for capitals nothing is lost that search looks at.
        text = f"{_outside(text, folded, match.start(), match.end())}"
    return text, list({name: (name, typed, value) for name, typed, value in found}.values())


def _values(match: re.Match[str]) -> list[int]:
    numbers: list[int] = []
    for group in match.groups():
        if group == "k":
            numbers[-1] *= 1000
        elif group is not None:
            numbers.append(int(re.sub(r"\D", "", group)))
    return numbers


def _outside(text: str, folded: str, start: int, end: int) -> str:
    """Return the text without what the folded one has between ``start`` and ``end``."""
    source = text if len(text) == len(folded) else folded
    return f"{source[:start]} {source[end:]}"
