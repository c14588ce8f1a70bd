"""Finding countries, regions, terms and networks by what people write for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from catalogue.imports.problems import CellProblem
from catalogue.models import Country, Network, Region, Term
from catalogue.payload.choices import Choices
from catalogue.payload.fields import Kind, PayloadField
from catalogue.text import words

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


class Vocabulary:
    """All names under which the values of lists are known; read once for many rows."""

    def __init__(self, choices: Choices) -> None:
        """Read the other names: four queries."""
        self.choices = choices
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
            "slug", "country", "name", "source_spelling", "other_names"
        ):
            for key in {name_key(part) for name in names for part in name.split(";")} - {""}:
                self._regions[key].append((slug, country))
        for vocabulary, slug, name in Term.objects.values_list("vocabulary", "slug", "name"):
            self._terms[vocabulary][name_key(name)] = slug
        for vocabulary, slug, more in Term.objects.values_list("vocabulary", "slug", "other_names"):
            for name in more.split(";"):
                self._terms[vocabulary].setdefault(name_key(name), slug)
        for slug, name in Network.objects.values_list("slug", "name"):
            self._networks[name_key(name)] = slug

    def find(self, spec: PayloadField, text: str, country: str = "") -> str:
        """Return code or slug of what ``text`` names; ``country`` says where a region must lie.

        Raises :class:`CellProblem` that names the closest ones.
        """
        asked = (spec.name, text, country if spec.kind == Kind.REGION else "")
        known = self._found.get(asked)
        if known is None:
            known = self._find(spec, text, country)
            if not known:
                raise CellProblem(self._unknown(spec, text, country))
            self._found[asked] = known
        return known

    def knows(self, spec: PayloadField, text: str) -> bool:
        """Return whether ``text`` names something."""
        return bool(self._find(spec, text, ""))

    def _find(self, spec: PayloadField, text: str, country: str) -> str:
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
            # Another name may stand for two; the one whose own name it is wins.
            named = [slug for slug in inside if name_key(self.choices.regions[slug][0]) == key]
            inside = named or inside
        if len(set(inside)) > 1:
            raise CellProblem(
                f"“{text}” may be {_listed([self.choices.regions[slug][0] for slug in inside])}. Write one of them."
            )
        # A region elsewhere is found too: the rule about region and country then says what is wrong.
        return inside[0] if inside else found[0][0] if found else ""

    def _unknown(self, spec: PayloadField, text: str, country: str) -> str:
        names = self._names(spec, country)
        hits = process.extract(
            name_key(text), {name: name_key(name) for name in names}, scorer=fuzz.WRatio, score_cutoff=_CLOSE, limit=3
        )
        close = [hit[2] for hit in hits]
        what = _PLURAL[spec.kind]
        shown = text if len(text) <= 80 else f"{text[:79]}…"
        if close:
            return f"“{shown}” is no {what} that we know. Is it {_listed(close)}?"
        if not names:
            where = f" of {self.choices.countries[country]}" if country in self.choices.countries else ""
            return f"“{shown}” is no {what} that we know: we have none{where}. Leave the cell empty, or ask for it to be added."
        return f"“{shown}” is no {what} that we know. Correct the spelling, leave the cell empty, or ask for it to be added."

    def _names(self, spec: PayloadField, country: str) -> list[str]:
        if spec.kind == Kind.REGION and country:
            return [name for name, home in self.choices.regions.values() if home == country]
        return list(self.choices.of(spec).values())


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
