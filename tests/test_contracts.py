"""What docstrings and documents promise about who writes what, checked against the source."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.project import PACKAGES, ROOT

#: Where the status of each model is set. Loading publishes too, field by field: catalogue/loading/kinds.py.
STATUS_IS_SET_IN = {
    "Cluster": (
        "catalogue/services/clusters.py", "duplicates/merging/services.py",
        "submissions/services/review.py",
    ),
    "Submission": ("submissions/services/",),
    "SpreadsheetImport": ("imports/services/",),
    "Message": ("outbox/services/",),
}  # fmt: skip
#: What django-simple-history reads from a record, and who sets it: loading is a leaf app like workplace.
VERSION_ATTRIBUTES = {"_change_reason", "_history_user", "_history_date", "skip_history_when_saving"}
SETS_VERSION_ATTRIBUTES = {"workplace/versions.py", "loading/merge.py"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Return the modules of all apps but for migrations, by path."""
    for app in PACKAGES:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def written_statuses(node: ast.AST) -> Iterator[ast.Attribute]:
    """Return the members of a ``Status`` that ``node`` assigns to an attribute ``status`` or updates rows with."""
    values: list[ast.AST] = []
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in ast.walk(target)]
        if any(isinstance(part, ast.Attribute) and part.attr == "status" for part in targets):
            values = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        values = [keyword.value for keyword in node.keywords if keyword.arg == "status"]
    for part in (part for value in values for part in ast.walk(value)):
        if isinstance(part, ast.Attribute) and "Status" in (
            getattr(part.value, "id", ""),
            getattr(part.value, "attr", ""),
        ):
            yield part


def model_of(status: ast.Attribute, tree: ast.Module) -> str:
    """Return the name of the model of ``Cluster.Status.X``, or of ``Status.X`` by what the module calls ``Status``."""
    if isinstance(status.value, ast.Attribute):
        return str(getattr(status.value.value, "id", ""))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "Status":
            return str(getattr(getattr(node.value, "value", None), "id", ""))
    return "Submission"  # imported from its state machine


def test_a_status_is_set_by_the_services_of_its_record_alone() -> None:
    found = {
        (model_of(status, tree), path)
        for path, tree in sources()
        for node in ast.walk(tree)
        for status in written_statuses(node)
    }

    assert {model for model, _path in found} == set(STATUS_IS_SET_IN)
    assert {path for model, path in found if model == "Cluster"} == set(STATUS_IS_SET_IN["Cluster"])
    assert [entry for entry in sorted(found) if not entry[1].startswith(STATUS_IS_SET_IN[entry[0]])] == []


def test_no_page_opens_a_transaction() -> None:
    found = set()
    for path, tree in sources():
        if {*Path(path).parts, *Path(path).stem.split("_")} & {"views", "admin", "api", "forms", "form"}:
            found |= {path for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "atomic"}

    assert found <= {"submissions/views/links.py"}, "links are spent together with what they do"


def test_contracts_of_imports_name_every_app() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contracts = {contract["name"]: contract for contract in linter["contracts"]}
    layers = contracts["An app imports only apps below it"]["layers"]
    left_out = {
        name: {*PACKAGES} - {*contract["source_modules"]}
        for name, contract in contracts.items()
        if contract["type"] == "forbidden"
    }

    assert sorted(linter["root_packages"]) == sorted(PACKAGES)
    assert sorted(app.strip() for layer in layers for app in layer.split("|")) == sorted(PACKAGES)
    assert left_out == {
        "Only webcheck asks websites and name servers": {"webcheck"},
        "Only outbox speaks SMTP": {"outbox"},
        "No app imports tests, benchmarks or documents": set(),
    }


def test_a_version_is_described_by_one_helper() -> None:
    found = {
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in VERSION_ATTRIBUTES
        and isinstance(node.ctx, (ast.Store, ast.Del))
    }

    assert found == SETS_VERSION_ATTRIBUTES
