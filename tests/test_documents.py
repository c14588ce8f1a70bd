"""The documents are true: links lead somewhere, names exist, figures and examples fit the real data."""

import csv
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client

from catalogue.models import Cluster
from tests.catalogue.searching import search
from tests.project import PACKAGES, ROOT

FIXTURES = ROOT / "fixtures"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "fixtures").rglob("*.md")],
    key=str,
)
IDS = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
MAX_PICTURE = 150_000


def prose(path: Path) -> str:
    """Return a document without its blocks of code."""
    return re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def table(path: Path, heading: str) -> list[list[str]]:
    """Return the rows of all tables of a document whose first line begins with ``heading``."""
    return table_in(path.read_text(), heading)


def table_in(text: str, heading: str) -> list[list[str]]:
    """Return the rows of all tables in ``text`` whose first line begins with ``heading``."""
    rows: list[list[str]] = []
    for block in re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-|: ]+\|\n((?:\|.*\n)+)", text, re.M):
        rows += [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
    return rows


def links(path: Path) -> list[str]:
    """Return where the links and pictures of a document lead."""
    text = re.sub(r"`[^`]*`", "", prose(path))
    return [
        *re.findall(r"\]\(([^)\s]+)\)", text),
        *re.findall(r"(?:src|srcset|href)=\"([^\"]+)\"", text),
    ]


def anchors(path: Path) -> set[str]:
    """Return the names under which the headings of a document can be reached."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- Links and names ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_links_between_files_lead_somewhere(path: Path) -> None:
    dead = []
    for link in links(path):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link) or link.startswith("/"):
            continue  # other sites, and pages of the portal
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or ROOT not in file.parents or (anchor and anchor not in anchors(file)):
            dead.append(link)

    assert dead == []


@pytest.mark.parametrize("path", [p for p in DOCUMENTS if p.parent.name == "pages"], ids=lambda path: path.name)
def test_links_of_plain_pages_lead_to_pages_of_the_portal(data: None, client: Client, path: Path) -> None:
    inside = [link for link in links(path) if link.startswith("/")]

    assert {link: client.get(link).status_code for link in inside} == dict.fromkeys(inside, 200)


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_make_commands_exist(path: Path) -> None:
    targets = re.findall(r"^([a-z][a-z0-9_ -]*):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    known = {name for line in targets for name in line.split()}
    code = "\n".join(re.findall(r"`[^`\n]+`|^```.*?^```", path.read_text(), re.MULTILINE | re.DOTALL))

    assert "run" in known
    assert set(re.findall(r"(?<![\w-])make ([a-z][a-z0-9_-]*)", code)) - known == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_management_commands_exist(path: Path) -> None:
    own = {file.stem for file in ROOT.glob("*/management/commands/*.py")}
    of_packages = {"axes_reset", "createsuperuser", "makemigrations", "migrate", "shell", "collectstatic"}

    assert set(re.findall(r"manage\.py ([a-z][a-z_]+)", path.read_text())) - own - of_packages == set()


# A decision tells what was meant when it was made.
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.parent.name != "decisions"], ids=str)
def test_files_that_are_named_exist(path: Path) -> None:
    named = re.findall(
        rf"`((?:{'|'.join(PACKAGES)}|templates|static|tests|docs|fixtures|requirements)/[\w/.-]+)`",
        path.read_text(),
    )

    # A module may have become a package of the same name.
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / name).with_suffix("").is_dir()] == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    files = {path.name for path in folder.glob("[0-9]*.md")}

    assert {link for link in links(folder / "README.md") if link[:1].isdigit()} == files
    assert all(re.match(r"\d{4}-[a-z0-9-]+\.md$", name) for name in files)


def test_every_document_is_linked_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}

    assert [path.name for path in (ROOT / "docs").glob("*.md") if path not in linked] == []


def test_pictures_are_small_and_used() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    text = "\n".join(path.read_text() for path in DOCUMENTS)

    assert [path.name for path in pictures if path.stat().st_size > MAX_PICTURE] == []
    # A picture that only the other scheme shows has a twin that is linked.
    assert [path.name for path in pictures if path.name.replace("-dark", "-light") not in text] == []


# --- Data model --------------------------------------------------------------------------------


def our_models() -> list[type[Model]]:
    """Return our models, without the tables of their histories."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in PACKAGES
        and not hasattr(model, "history_type")
        and not model.__name__.startswith("Historical")
    ]


def test_data_model_names_exactly_our_models_under_their_app() -> None:
    sections = re.split(r"^## ", (ROOT / "docs" / "data-model.md").read_text(), flags=re.MULTILINE)
    named = {
        (match[1], row[0].strip("`"))
        for section in sections
        if (match := re.match(r"`(\w+)`", section))
        for row in table_in(section, "Model")
        if all(row)
    }

    assert named == {(model._meta.app_label, model.__name__) for model in our_models()}


def test_data_model_names_exactly_the_models_with_history() -> None:
    text = (ROOT / "docs" / "data-model.md").read_text().partition("## History\n")[2]
    sentence = text.partition(" in a table of its own")[0]

    assert set(re.findall(r"`(\w+)`", sentence)) == {
        model.__name__ for model in our_models() if hasattr(model, "history")
    }


# --- Figures and examples, on the real data ----------------------------------------------------

EXAMPLES = table(ROOT / "docs" / "search.md", "You type")


def test_examples_of_search_are_found() -> None:
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize(("typed", "found", "first", "_because"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_example_of_search_is_true(data: None, typed: str, found: str, first: str, _because: str) -> None:
    shown = search(typed.strip("`"))
    beginnings = [name.strip().casefold() for name in first.split(";") if name.strip()]

    assert len(shown) == int(found)
    assert bool(beginnings) == bool(shown)
    names = [cluster.name.casefold() for cluster in shown[: len(beginnings)]]
    assert [name[: len(part)] for name, part in zip(names, beginnings, strict=True)] == beginnings


def test_figures_of_the_documents_are_true(data: None) -> None:
    published = Cluster.objects.published()
    countries = published.values("country").distinct().count()
    readme, changes = (ROOT / "README.md").read_text(), (ROOT / "CHANGELOG.md").read_text()
    # The tests' data leaves the platform's clusters out, since importing them takes its time.
    with (FIXTURES / "eccp_decisions.csv").open(encoding="utf-8") as file:
        known = sum(row["decision"] == "update" for row in csv.DictReader(file))
    with (FIXTURES / "eccp_medical_devices_clusters.csv").open(encoding="utf-8") as file:
        further = sum(1 for _row in csv.DictReader(file)) - known

    assert (
        f"{Cluster.objects.count() + further} real clusters, {published.count()} of them published, from {countries} "
        in readme
    )
    assert f"{published.count()} clusters from {countries} countries" in changes


def test_addresses_of_the_readme_answer(data: None, client: Client) -> None:
    rows = table(ROOT / "README.md", "Address")
    paths = [path for row in rows for path in re.findall(r"`(/[^`]*)`", " ".join(row))]

    assert {"/", "/clusters/", "/api/docs/", "/admin/"} <= set(paths)
    answers = {path: client.get(path).status_code for path in paths}
    assert answers == {path: 302 if path == "/admin/" else 200 for path in paths}


def test_what_the_readme_says_is_not_there_yet_is_not_there(data: None, client: Client) -> None:
    rows = table(ROOT / "README.md", "To come")
    answers = {row[0]: client.get(path[0]).status_code for row in rows if (path := re.findall(r"`(/[^`]*)`", row[1]))}

    there = [name for name, status in answers.items() if status != 404]
    assert there == [], "README.md says that this is to come: move it to what works today"


def test_licence_is_named_where_people_look() -> None:
    assert "SPDX-License-Identifier: EUPL-1.2" in (ROOT / "README.md").read_text()
    assert 'license = "EUPL-1.2"' in (ROOT / "pyproject.toml").read_text()
    assert "SPDX-License-Identifier: EUPL-1.2" in (ROOT / "LICENSE").read_text()
    assert "Place coordinates © GeoNames (geonames.org), CC BY 4.0" in (ROOT / "README.md").read_text()
