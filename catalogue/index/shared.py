"""What clusters share: countries, regions, terms and networks under all their names, and the synonyms of staff."""

from __future__ import annotations

from typing import NamedTuple

from catalogue.models import Country, Network, Region, Synonym, Term


class Value(NamedTuple):
    """One country, region, term or network: its text in addresses, what people read, its order, its other names.

    ``parent`` is the country code of a region, ``nuts`` its codes.
    """

    value: str
    label: str
    sort_name: str
    parent: str = ""
    other_names: tuple[str, ...] = ()
    nuts: tuple[str, ...] = ()


class SynonymRow(NamedTuple):
    """One synonym as the table has it."""

    word: str
    kind: str
    means: str


class Shared(NamedTuple):
    """Values by facet and slug or code, and synonyms."""

    values: dict[str, dict[str, Value]]
    synonyms: tuple[SynonymRow, ...]

    @property
    def slugs(self) -> dict[str, set[str]]:
        """The slugs and codes by facet."""
        return {name: set(values) for name, values in self.values.items()}

    @classmethod
    def read(cls) -> Shared:
        """Read all; five queries."""
        values: dict[str, dict[str, Value]] = {vocabulary: {} for vocabulary in Term.Vocabulary.values}
        values["country"] = {
            code: Value(code, name, sort_name, other_names=_names(others))
            for code, name, sort_name, others in Country.objects.values_list("code", "name", "sort_name", "other_names")
        }
        values["region"] = {
            slug: Value(slug, name, sort_name, country, _names(f"{local};{spelling};{others}"), _names(nuts))
            for slug, name, sort_name, country, local, spelling, others, nuts in Region.objects.values_list(
                "slug", "name", "sort_name", "country_id", "local_name", "source_spelling", "other_names", "nuts"
            )
        }
        values["network"] = {
            slug: Value(slug, name, sort_name)
            for slug, name, sort_name in Network.objects.values_list("slug", "name", "sort_name")
        }
        for vocabulary, slug, name, sort_name, others in Term.objects.values_list(
            "vocabulary", "slug", "name", "sort_name", "other_names"
        ):
            values[vocabulary][slug] = Value(slug, name, sort_name, other_names=_names(others))
        for name, known in values.items():
            values[name] = dict(sorted(known.items(), key=lambda pair: (pair[1].sort_name, pair[0])))
        synonyms = Synonym.objects.order_by("pk").values_list("word", "kind", "means")
        return cls(values, tuple(SynonymRow(*row) for row in synonyms))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";") if name.strip())
