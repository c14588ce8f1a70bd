"""A mistake in a data file is named, and nothing is done."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.models import Cluster, Country, Term
from loading.files import LoadError
from loading.models import SourceRecord
from tests.loading.data_files import edit, history_counts, line_of, load

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def replace(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


BROKEN = [
    ("clusters.csv", "gaia", replace(",1983,", ",19x3,"), "founded: “19x3” is no whole number"),
    ("clusters.csv", "gaia", replace(",1983,", ",1483,"), "founded: 1483 is no plausible year"),
    (
        "clusters.csv",
        "gaia",
        replace(",A.1,true,", ",A.1,yes,"),
        "in_catalogue: “yes” is neither true nor false",
    ),
    ("clusters.csv", "gaia", replace(",ES,", ",XX,"), "country_code: “XX” is not in countries.csv"),
    (
        "clusters.csv",
        "gaia",
        replace("Basque Country,A.1", "Atlantis,A.1"),
        "region: “Atlantis” is not in regions.csv for ES",
    ),
    (
        "clusters.csv",
        "gaia",
        replace("Telecommunications", "Telephony"),
        "verticals: “Telephony” is not in terms.csv",
    ),
    ("clusters.csv", "gaia", replace(",exact,", ",roughly,"), "members_qualifier: “roughly” is not known"),
    ("clusters.csv", "gaia", replace(",exact,", ",,"), "members_qualifier: does not go with members"),
    ("websites.csv", "techuk", replace("https://www.techuk.org/", ""), "website: is empty"),
    ("websites.csv", "techuk", replace(",high", ",sure"), "confidence: “sure” is not known"),
    (
        "cluster_regions.csv",
        "techuk",
        replace(",London,", ",Londres,"),
        "region: “Londres” is not in regions.csv for GB",
    ),
    ("cluster_regions.csv", "techuk", replace(",town,", ",map,"), "basis: “map” is not known"),
    ("profiles.csv", "techuk", replace("techuk,", "techuk2,"), "slug: “techuk2” is not in clusters.csv"),
    ("showcase.csv", "gaia", replace(",2018-04,", ",2018-13,"), "date: Write a date as YYYY"),
    ("showcase.csv", "gaia", replace(",event,", ",fair,"), "kind: “fair” is not known"),
    ("figures.csv", "sba-research", replace("approximately", "roughly"), "qualifier: “roughly” is not known"),
    ("regions.csv", "DE,bavaria", replace("DE2", "Bayern"), "nuts: A code such as DE2 or DE21"),
    ("clusters.csv", "gaia", replace(",loyal,", ",faithful,"), "loyal: “faithful” is not known"),
    ("clusters.csv", "techuk", replace("techUK,", "techUK,,"), "note: the line has 20 cells, the heading 19"),
    ("places.csv", "gaia", replace("gaia,", "gaya,"), "slug: “gaya” is not in clusters.csv"),
    ("places.csv", "gaia", replace("43.3128", "north"), "latitude: “north” is no angle"),
    ("places.csv", "gaia", replace("43.3128", "90.0001"), "latitude: “90.0001” is no angle up to 90"),
    ("places.csv", "gaia", replace("43.3128", ""), "latitude: is empty"),
    ("places.csv", "gaia", replace(",seat,", ",house,"), "precision: “house” is not known"),
    ("countries.csv", "XK", replace("XK,", "xk,"), "code: Two capital letters"),
    ("countries.csv", "HR", replace("Croatia", ""), "name: is empty"),
    ("networks.csv", "conetic", replace(",gaia,", ",gaya,"), "clusters: “gaya” is not in clusters.csv"),
    (
        "partners.csv",
        "AEI",
        replace("aei@aei.example,", "aei@aei.example,UK"),
        "countries: “UK” is no ISO country code",
    ),
    (
        "partners.csv",
        "AEI",
        replace("aei@aei.example,", "aei@aei.example,es"),
        "countries: “es” is no ISO country code",
    ),
    ("partners.csv", "AON", replace("aon@aon.example", "aon"), "sender_email: Enter a valid email address"),
    (
        "partners.csv",
        "AEI",
        replace(",aei-ciberseguridad,", ",nobody,"),
        "cluster: “nobody” is not in clusters.csv",
    ),
    (
        "partners.csv",
        "AON",
        replace("false,,", "false,gaia,"),
        "cluster: “gaia” is no partner in clusters.csv",
    ),
    (
        "clusters.csv",
        "gaia",
        replace(",loyal,", ',"consortium member, shown beside the loyal ones",'),
        "loyal: no line",
    ),
    ("priority_rules.csv", "greece", replace(",GR", ",XX"), "countries: “XX” is not in countries.csv"),
]


@pytest.mark.parametrize(("name", "key", "change", "problem"), BROKEN)
def test_a_mistake_is_named_and_nothing_is_done(
    no_data: None, source: Path, name: str, key: str, change: Callable[[str], str], problem: str
) -> None:
    line = line_of(name, key, source)
    lines = (source / name).read_text(encoding="utf-8").splitlines(keepends=True)
    lines[line - 1] = change(lines[line - 1])
    (source / name).write_text("".join(lines), encoding="utf-8")
    with pytest.raises(LoadError) as caught:
        load(source)
    assert str(caught.value).startswith(f"{name}, line {line}, column {problem}")
    assert not Country.objects.exists()
    assert not SourceRecord.objects.exists()


def test_a_rule_that_only_the_database_checks_is_named_too(no_data: None, source: Path) -> None:
    edit(source, "priority_rules.csv", "large_ict", lambda row: row.update(more_than_members=""), column="kind")
    with pytest.raises(LoadError, match=r"priority_rules\.csv, line 3: The rule “large ICT” needs a number of members"):
        load(source)
    assert not Country.objects.exists()


def test_a_mistake_leaves_an_existing_catalogue_as_it_was(data: None, source: Path) -> None:
    edit(source, "countries.csv", "DE", lambda row: row.update(name="Allemagne"), column="code")
    edit(source, "clusters.csv", "gaia", lambda row: row.update(founded="1700"))
    before = (history_counts(), list(Cluster.objects.order_by("pk").values()), list(Country.objects.values()))
    with pytest.raises(LoadError, match=r"clusters\.csv, line 9, column founded"):
        load(source)
    assert (
        history_counts(),
        list(Cluster.objects.order_by("pk").values()),
        list(Country.objects.values()),
    ) == before


def test_a_refusal_of_the_database_is_put_into_words(data: None, source: Path) -> None:
    Term.objects.create(vocabulary="vertical", name="Quantum", slug="quantum-by-staff")
    with (source / "terms.csv").open("a", encoding="utf-8") as file:
        file.write("vertical,quantum,Quantum,\n")
    with pytest.raises(LoadError, match=r"terms\.csv, line 157.*has that term already"):
        load(source)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("terms.csv", None, r"terms\.csv: cannot be read"),
        (
            "terms.csv",
            b"vocabulary,slug,name\n",
            r"terms\.csv, line 1, column other_names: the heading lacks",
        ),
        ("terms.csv", b"", r"terms\.csv, line 1, column vocabulary: the heading lacks"),
        (
            "terms.csv",
            b"vocabulary,slug,name,other_names\nvertical,x,\xff,\n",
            r"terms\.csv, line 2: is not UTF-8",
        ),
        (
            "terms.csv",
            b'vocabulary,slug,name,other_names\nvertical,x,"X" y,\n',
            r"terms\.csv, line 2: is no valid CSV",
        ),
        (
            "terms.csv",
            b"vocabulary,slug,name,other_names\nvertical,x,X,\nvertical,x,Y,\n",
            r"line 3, column slug.*line 2 already",
        ),
        ("project.json", b'{"name": \n', r"project\.json, line 2: is no valid JSON"),
        ("project.json", b'{"name": 3}', r"project\.json, line 1, column name: must be a text"),
        ("pages/about.md", b"About\n", r"pages/about\.md, line 1: has no title"),
        ("pages/about.md", b"# About\n\n", r"pages/about\.md, line 2: has no text"),
    ],
)
def test_an_unreadable_file_is_named(
    no_data: None, source: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is None:
        (source / name).unlink()
    else:
        (source / name).write_bytes(content)
    with pytest.raises(LoadError, match=message):
        load(source)
    assert not SourceRecord.objects.exists()


def test_the_line_counts_also_after_cells_of_several_lines(source: Path) -> None:
    edit(
        source,
        "networks.csv",
        "cyber-wales-ecosystem",
        lambda row: row.update(note="one\ntwo\nthree\u2028four"),
    )
    edit(source, "networks.csv", "conetic", lambda row: row.update(stated_members="many"))
    with pytest.raises(LoadError) as caught:
        load(source)
    lines = (source / "networks.csv").read_bytes().decode().split("\n")
    assert caught.value.line == next(number for number, line in enumerate(lines, 1) if line.startswith("conetic,"))
