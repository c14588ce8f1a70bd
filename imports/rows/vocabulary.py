"""Finding countries, regions, terms and networks by what people write for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz import fuzz, process

from catalogue.models import Country, Network, Region, Term
from catalogue.search.text import words
from imports.exceptions import CellProblem, UnknownNames
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, Kind, SubmissionField

_CLOSE = 70
_PLURAL = {
    Kind.TERMS: "term",
    Kind.NETWORKS: "network",
    Kind.COUNTRIES: "country",
    Kind.COUNTRY: "country",
    Kind.REGION: "region",
}


def name_key(text: str) -> str:
    """Return ``text`` as names are compared: its words without accents, lower case, "&" and "and" alike."""
    return " ".join(word for word in words(text) if word != "and")


#: Field, name as names are compared, and for regions the country: what is said about one name counts for all like it.
NameKey = tuple[str, str, str]


def lookup_key(spec: SubmissionField, text: str, country: str) -> NameKey:
    """Return under what staff's word about the unknown name ``text`` is found."""
    return spec.name, name_key(text) or text.strip().lower(), country if spec.kind == Kind.REGION else ""


class Vocabulary:
    """All names under which the values of lists are known; read once for many rows."""

    def __init__(self, choices: Choices, answers: Iterable[Mapping[str, Any]] = ()) -> None:
        """Read the other names: four queries. ``answers`` is what staff said about names that nobody knows."""
        self.choices = choices
        #: Notes about the names to which staff's word was applied, since the last time they were taken.
        self._notes: dict[str, None] = {}
        self._answers: dict[NameKey, str] = {}
        for word in answers:
            spec = BY_NAME[word["field"]]
            if not word["value"] or word["value"] in choices.of(spec):
                self._answers[lookup_key(spec, word["text"], word["country"])] = word["value"]
        self._countries: dict[str, str] = {}
        self._regions: dict[str, list[tuple[str, str]]] = defaultdict(list)  # key: slug, country
        self._terms: dict[str, dict[str, str]] = {value: {} for value in Term.Vocabulary.values}
        self._networks: dict[str, str] = {}
        self._found: dict[tuple[str, str, str], str] = {}
        others: dict[str, Iterable[str]] = {}
        for code, name, more in Country.objects.values_list("code", "name", "other_names"):
            self._countries[name_key(name)] = code
            others[code] = more.split(";")
        for code, names in others.items():
            for name in names:
                self._countries.setdefault(name_key(name), code)
        for slug, country, *names in Region.objects.values_list(
            "slug", "country", "name", "local_name", "source_spelling", "other_names"
        ):
            for key in {name_key(part) for name in names for part in name.replace("/", ";").split(";")} - {""}:
                self._regions[key].append((slug, country))
        terms = list(Term.objects.values_list("vocabulary", "slug", "name", "other_names"))
        for vocabulary, slug, name, _more in terms:
            self._terms[vocabulary][name_key(name)] = slug
        for vocabulary, slug, _name, more in terms:
            for name in more.split(";"):
                self._terms[vocabulary].setdefault(name_key(name), slug)
        for slug, name in Network.objects.values_list("slug", "name"):
            self._networks[name_key(name)] = slug

    def find(self, spec: SubmissionField, text: str, country: str = "") -> str:
        """Return code or slug of what ``text`` names; ``country`` says where a region must lie.

        Empty if staff said that it is left out. Raises :class:`CellProblem` that names the closest ones.
        """
        if self._answers and (word := self._answers.get(lookup_key(spec, text, country))) is not None:
            label = self.choices.of(spec).get(word, word)
            done = f"read as “{label}”" if word else "left out"
            self._notes[f"“{text}” is {done}, as chosen for this import."] = None
            return word
        asked = (spec.name, text, country if spec.kind == Kind.REGION else "")
        known = self._found.get(asked)
        if known is None:
            known = self._find(spec, text, country)
            if not known:
                raise UnknownNames(self._unknown(spec, text, country), [(text, country)])
            self._found[asked] = known
        return known

    def knows(self, spec: SubmissionField, text: str) -> bool:
        """Return whether ``text`` names something, or staff said what becomes of it."""
        return bool(self._find(spec, text, "")) or lookup_key(spec, text, "") in self._answers

    def pop_notes(self) -> list[str]:
        """Return which names were read as staff said, since the last time."""
        notes, self._notes = list(self._notes), {}
        return notes

    def suggestions(self, spec: SubmissionField, text: str, country: str) -> dict[str, str]:
        """Return value and name of what ``text`` may be, the closest first."""
        known = self._names(spec, country)
        names: dict[Any, str] = {value: name_key(name) for value, name in known.items()}
        if spec.kind in (Kind.COUNTRY, Kind.COUNTRIES):
            # In their other languages too: "Deutchland".
            names = {(code, name): name for name, code in self._countries.items() if code in known}
        key, found = name_key(text), dict[str, str]()
        for _name, _score, value in process.extract(key, names, scorer=fuzz.WRatio, score_cutoff=_CLOSE, limit=6):
            value = value[0] if isinstance(value, tuple) else value
            found.setdefault(value, known[value])
        return dict(list(found.items())[:3])

    def _find(self, spec: SubmissionField, text: str, country: str) -> str:
        key = name_key(text)
        if spec.kind in (Kind.COUNTRY, Kind.COUNTRIES):
            code = text.strip().upper()
            return code if code in self.choices.countries else self._countries.get(key, "") if key else ""
        if spec.kind == Kind.REGION:
            return self._region(text, key, country)
        slug = text.strip().lower()
        if spec.kind == Kind.NETWORKS:
            return slug if slug in self.choices.networks else self._networks.get(key, "")
        return slug if slug in self.choices.terms[spec.vocabulary] else self._terms[spec.vocabulary].get(key, "")

    def _region(self, text: str, key: str, country: str) -> str:
        if text.strip() in self.choices.regions:
            return text.strip()
        found = self._regions.get(key, [])
        inside = [slug for slug, home in found if home == country or not country]
        if len(inside) > 1:
            # Another name may mean two; the one whose own name it is wins.
            named = [slug for slug in inside if name_key(self.choices.regions[slug][0]) == key]
            inside = named or inside
        if len(set(inside)) > 1:
            raise CellProblem(
                f"“{text}” may be {_listed([self.choices.regions[slug][0] for slug in inside])}. Write one of them."
            )
        # A region elsewhere is found too: the rule about region and country then says what is wrong.
        return inside[0] if inside else found[0][0] if found else ""

    def _unknown(self, spec: SubmissionField, text: str, country: str) -> str:
        close = list(self.suggestions(spec, text, country).values())
        what = _PLURAL[spec.kind]
        shown = text if len(text) <= 80 else f"{text[:79]}…"
        if spec.kind == Kind.COUNTRY:
            remedy = f"Is it {_listed(close)}? Correct the cell." if close else "Correct it, or ask for it to be added."
            return f"“{shown}” is no country that we know. {remedy}"
        if close:
            return f"“{shown}” is no {what} that we know. Is it {_listed(close)}?"
        if not self._names(spec, country):
            where = f" of {self.choices.countries[country]}" if country in self.choices.countries else ""
            return f"“{shown}” is no {what} that we know: we have none{where}. Leave the cell empty, or ask for it to be added."
        return f"“{shown}” is no {what} that we know. Correct the spelling, leave the cell empty, or ask for it to be added."

    def _names(self, spec: SubmissionField, country: str) -> dict[str, str]:
        if spec.kind == Kind.REGION and country:
            return {slug: name for slug, (name, home, _local) in self.choices.regions.items() if home == country}
        return self.choices.of(spec)


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
