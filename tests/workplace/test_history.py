"""Differences between versions, as text."""

import pytest

from catalogue.models import Cluster
from tests.factories.catalogue import ClusterFactory, CountryFactory, TermFactory
from workplace.history import Versions, compare


def test_short_texts_are_shown_as_a_whole() -> None:
    assert compare("Bronze", "Gold") == (("gone", "Bronze"), ("new", "Gold"))


@pytest.mark.parametrize(
    ("old", "new", "pieces"), [("", "Gold", (("new", "Gold"),)), ("Gold", "", (("gone", "Gold"),))]
)
def test_empty_side_is_left_out(old: str, new: str, pieces: tuple) -> None:
    assert compare(old, new) == pieces


def test_long_texts_are_compared_word_by_word() -> None:
    start = "The cluster gathers companies and universities of the region "

    pieces = compare(f"{start}since 2001.", f"{start}since 2004.")

    assert pieces == (("same", f"{start}since "), ("gone", "2001."), ("new", "2004."))


def test_long_equal_parts_are_cut_but_no_change_is_lost() -> None:
    words = [f"word{number}" for number in range(200)]
    changed = [*words[:100], "CHANGED", *words[101:]]

    pieces = compare(" ".join(words), " ".join(changed))

    assert [piece for piece in pieces if piece[0] != "same"] == [("gone", "word100"), ("new", "CHANGED")]
    assert all("…" in text for kind, text in pieces if kind == "same")


def test_enormous_texts_are_shown_as_a_whole() -> None:
    old, new = "a " * 3000, "b " * 3000

    assert compare(old, new) == (("gone", old), ("new", new))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 6])
def test_queries_do_not_grow_with_the_versions(count: int, django_assert_num_queries) -> None:
    cluster = ClusterFactory()
    for number in range(count - 1):
        cluster.terms.add(TermFactory())
        cluster.country = CountryFactory()
        cluster.name = f"Name {number}"
        cluster.save()
    records = list(cluster.history.all())

    with django_assert_num_queries(4):  # countries, terms of all versions, their names, target markets
        versions = Versions(Cluster, records)
        found = versions.changes(records[0], records[1])

    assert {change.label for change in found} >= {"Name", "Country"}


@pytest.mark.django_db
def test_deleted_relations_are_named_as_such() -> None:
    term = TermFactory(name="Health")
    cluster = ClusterFactory()
    cluster.terms.add(term)
    key = term.pk
    term.delete()
    newest, oldest = list(cluster.history.all())

    changes = Versions(Cluster, [newest, oldest]).changes(newest, oldest)

    assert [(change.label, change.pieces) for change in changes] == [("Terms", (("new", f"deleted ({key})"),))]
