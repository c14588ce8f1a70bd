"""Kinds of data files that an app registers: order, loading again, staff's changes, mistakes, imports and checks."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from catalogue.models import Country, Region
from loading import registry
from loading.fields import Field, Reference
from loading.files import LoadError, read_csv
from loading.load import load_all
from loading.models import SourceRecord
from loading.registry import Entry, Kind, Source, add_entry, known, primary_keys_by
from loading.report import Difference, Report

pytestmark = pytest.mark.django_db

LANDS = "code,name\nXA,Alland\nXB,Belland\n"
PARTS = "slug,name,land\nnorth,North,XA\nsouth,South,XB\n"


def read_lands(source: Source) -> list[Entry]:
    entries: list[Entry] = []
    for row in read_csv(source.folder, "lands.csv", ["code", "name"]):
        code = row.text("code", required=True)
        add_entry(entries, Entry(code, row, {"code": code}, {"name": row.text("name", required=True)}), "code")
    return entries


def read_parts(source: Source) -> list[Entry]:
    entries: list[Entry] = []
    for row in read_csv(source.folder, "parts.csv", ["slug", "name", "land"]):
        slug, lands = row.text("slug", required=True), source.keys("lands")
        values = {"name": row.text("name"), "country": known(row, "land", row.text("land"), lands, "lands.csv")}
        add_entry(entries, Entry(slug, row, {"slug": slug}, values), "slug")
    return entries


def lands(**options: Any) -> Kind:
    by_key = primary_keys_by(Country, "code")
    return Kind("lands", Country, [Field("name")], Country.objects.all, by_key, read_lands, **options)


def parts(**options: Any) -> Kind:
    fields = [Field("name"), Reference("country", "land", model=Country, natural="code")]
    by_key = primary_keys_by(Region, "slug")
    return Kind("parts", Region, fields, Region.objects.all, by_key, read_parts, after=("lands",), **options)


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register two kinds only, the one that refers to the other first."""
    for name in ("_kinds", "_imports", "_checks"):
        monkeypatch.setattr(registry, name, {})
    registry.register("parts", parts)
    registry.register("lands", lands)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lands.csv").write_text(LANDS)
    (tmp_path / "parts.csv").write_text(PARTS)
    return tmp_path


def stored() -> tuple[list[Any], ...]:
    """Return all that loading writes, with the versions of the histories."""
    models = (Country, Country.history, Region, Region.history, SourceRecord)
    return tuple(list(getattr(model, "objects", model).order_by("pk").values()) for model in models)


def test_kind_is_loaded_after_those_that_it_refers_to(folder: Path) -> None:
    steps: list[tuple[str, int, int]] = []

    report = load_all(folder=folder, progress=lambda *step: steps.append(step))

    assert [kind for kind, _done, _total in steps] == ["lands", "lands", "parts", "parts"]
    assert steps[-1] == ("parts", 4, 4)
    assert list(Region.objects.order_by("slug").values_list("slug", "country")) == [("north", "XA"), ("south", "XB")]
    assert {kind: row["created"] for kind, row in report.counts.items()} == {"lands": 2, "parts": 2}


def test_loading_again_writes_nothing(folder: Path) -> None:
    load_all(folder=folder)
    before = stored()

    report = load_all(folder=folder)

    assert stored() == before
    assert report.total("unchanged") == 4


def test_a_change_of_staff_stays_and_is_reported_and_the_rest_follows_the_file(folder: Path) -> None:
    load_all(folder=folder)
    Region.objects.filter(slug="north").update(name="Far North")
    (folder / "parts.csv").write_text("slug,name,land\nnorth,New North,XB\nsouth,New South,XB\n")

    report = load_all(folder=folder)

    assert list(Region.objects.order_by("slug").values_list("name", "country")) == [
        ("Far North", "XB"),
        ("New South", "XB"),
    ]
    assert report.differences == [Difference("parts north", "name", "Far North", "New North")]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("parts.csv", f"{PARTS}west,West,XC\n", "parts.csv, line 4, column land: “XC” is not in lands.csv."),
        ("parts.csv", f"{PARTS}north,Again,XA\n", "parts.csv, line 4, column slug: “north” is in line 2 already."),
        ("lands.csv", f"{LANDS}XC,\n", "lands.csv, line 4, column name: is empty."),
        ("lands.csv", f"{LANDS}XC,{'x' * 300}\n", "lands.csv, line 4, column name: Ensure this value has at most"),
        ("lands.csv", "code\nXA\n", "lands.csv, line 1, column name: the heading lacks this column."),
    ],
)
def test_a_mistake_is_named_with_file_line_and_column_and_nothing_is_written(
    folder: Path, name: str, text: str, problem: str
) -> None:
    (folder / name).write_text(text)
    before = stored()

    with pytest.raises(LoadError) as caught:
        load_all(folder=folder)

    assert str(caught.value).startswith(problem)
    assert stored() == before


def test_kind_finishes_after_its_records_and_at_the_end_with_what_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Any] = []

    def count(report: Report) -> None:
        done.append((Country.objects.count(), Region.objects.count()))

    monkeypatch.setattr(
        registry, "_kinds", {"parts": parts, "lands": lambda: lands(finish=count, finish_all=done.append)}
    )
    had = Country.objects.count(), Region.objects.count()
    load_all(folder=folder)
    assert done == [(had[0] + 2, had[1]), {"lands": [], "parts": []}]

    (folder / "lands.csv").write_text(LANDS.replace("Alland", "Newland"))
    load_all(folder=folder)
    assert done[-1] == {"lands": ["XA"], "parts": []}


def test_two_kinds_with_one_label_are_refused_and_the_same_one_is_not() -> None:
    registry.register("lands", lands)

    with pytest.raises(ValueError, match="Two things of loading are named lands"):
        registry.register("lands", parts)


@pytest.mark.parametrize(("after", "way"), [("seas", "lands → seas"), ("parts", "lands → parts → lands")])
def test_kinds_that_cannot_be_ordered_are_refused(after: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {"lands": lambda: lands(after=(after,)), "parts": parts})

    with pytest.raises(ImproperlyConfigured, match=f"cannot be ordered: {way}"):
        registry.kinds()


def test_command_runs_imports_within_the_load_and_checks_after_it(folder: Path) -> None:
    registry.register_import("islands", lambda given: f"Islands: {Region.objects.filter(slug='north').count()} near")
    registry.register_import("nothing", lambda given: None)
    registry.register_check("figures", lambda: f"Figures: {Region.objects.filter(slug='south').count()} looked at")
    output = StringIO()

    call_command("load_data", source=folder, stdout=output)

    assert output.getvalue().splitlines()[-2:] == ["Islands: 1 near", "Figures: 1 looked at"]


def test_command_takes_everything_back_when_an_import_finds_a_mistake(folder: Path) -> None:
    def fail(given: Path) -> None:
        raise LoadError("islands.csv", "is wrong.", line=7)

    registry.register_import("islands", fail)
    before = stored()

    with pytest.raises(CommandError, match=r"islands\.csv, line 7: is wrong\.\nNothing was loaded\."):
        call_command("load_data", source=folder)

    assert stored() == before
