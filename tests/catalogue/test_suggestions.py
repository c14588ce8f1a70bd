"""What the search box offers: the best clusters first, and without ranking a whole catalogue."""

from typing import Any

import pytest

from catalogue.search.suggestions import MAX_CLUSTERS, suggest
from tests.factories.catalogue import ClusterFactory, CountryFactory

pytestmark = pytest.mark.both_databases


def offered(text: str) -> list[str]:
    """Return the names of the clusters offered."""
    return [item.label for item in suggest(text) if item.kind.startswith("Cluster in ")]


@pytest.fixture
def clusters(db: None) -> None:
    country = CountryFactory(code="NO", name="Norway")
    for name, acronym, summary in (
        ("Oslo Medtech", "", "Firms for health."),
        ("Nordic Oslo Hub", "", "Firms."),
        ("Alpha", "OSLO", "Firms."),
        ("Beta", "", "Firms in Oslo."),
        ("Gamma Oslofjord", "", "Firms."),
        ("Delta", "", "Firms around the Oslofjord."),
        ("Oslo, hidden", "", ""),
    ):
        ClusterFactory(
            name=name,
            acronym=acronym,
            country=country,
            published=bool(summary),
            **({"summary": summary} if summary else {}),
        )


def test_beginning_of_a_name_counts_most_then_words_of_names_then_texts(clusters: None) -> None:
    assert offered("oslo") == ["Oslo Medtech", "Alpha", "Nordic Oslo Hub", "Gamma Oslofjord", "Beta", "Delta"]
    assert offered("oslof") == ["Gamma Oslofjord", "Delta"]
    assert offered("hub nordic") == ["Nordic Oslo Hub"], "in any order"
    assert offered("firms oslo") == ["Alpha", "Oslo Medtech", "Nordic Oslo Hub", "Gamma Oslofjord", "Beta", "Delta"]
    assert offered("oslofjrod") == ["Gamma Oslofjord", "Delta"], "misspelt"
    assert offered("the of") == []
    assert offered("...") == []


@pytest.mark.parametrize("text", ["zz", "z9", "zz{", "z"])
def test_names_at_the_end_of_the_alphabet(db: None, text: str) -> None:
    ClusterFactory(published=True, name="ZZ top")
    ClusterFactory(published=True, name="Z9")

    assert offered(text) == {"zz": ["ZZ top"], "zz{": ["ZZ top"], "z9": ["Z9"], "z": []}[text]


def test_enough_names_that_begin_so_end_the_search(db: None, django_assert_num_queries: Any) -> None:
    country = CountryFactory(code="NO", name="Norway")
    for number in range(MAX_CLUSTERS + 5):
        ClusterFactory(published=True, name=f"Fjord {number:02}", country=country)
    ClusterFactory(published=True, name="Beside the Fjord", country=country)

    offered("fj")  # which reads the index
    with django_assert_num_queries(2):  # the version, the names
        assert offered("fj") == [f"Fjord {number:02}" for number in range(MAX_CLUSTERS)]
