"""The list of invariants fits the code and the tests of today; `python -m bench.mutations` breaks each of them."""

import ast
import shlex

import pytest

from bench.mutations import DOCUMENT, Mutation, document, found_in, mutations
from tests.project import PACKAGES, ROOT

MUTATIONS = mutations()
#: Nothing is in them yet.
EMPTY = {"engagement", "scoring"}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_line_of_an_invariant_occurs_once_and_can_be_broken(mutation: Mutation) -> None:
    broken = mutation.applied_to((ROOT / mutation.file).read_text())

    assert mutation.old != mutation.new
    ast.parse(broken)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_tests_of_an_invariant_are_in_files_that_exist(mutation: Mutation) -> None:
    paths = [part.partition("::")[0] for part in shlex.split(mutation.tests) if part.startswith("tests/")]

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_names_of_invariants_are_used_once_and_every_app_has_some() -> None:
    names = [mutation.name for mutation in MUTATIONS]

    assert len(set(names)) == len(names)
    assert {mutation.app for mutation in MUTATIONS} == set(PACKAGES) - EMPTY


def test_document_is_made_of_the_list() -> None:
    text = DOCUMENT.read_text()

    assert document(MUTATIONS, found_in(text)) == text, "run python -m bench.mutations --write --only NAME"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_tests_that_the_document_names_exist(mutation: Mutation) -> None:
    named = [name.strip("`") for name in found_in(DOCUMENT.read_text()).get(mutation.name, "").split("<br>")]

    assert named != [""], f"run python -m bench.mutations --write --only {mutation.name}"
    for name in named:
        module, *classes, function = name.split("::")
        source = (ROOT / "tests" / f"{module}.py").read_text()
        assert all(f"class {part}" in source for part in classes)
        assert f"def {function}(" in source, name
