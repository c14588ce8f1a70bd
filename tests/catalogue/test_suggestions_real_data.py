"""What the search box offers among the real clusters, against the search itself."""

import pytest

from catalogue.models import Cluster
from catalogue.search.query import interpret
from catalogue.search.suggestions import MAX_CLUSTERS
from tests.catalogue.test_suggestions import offered

pytestmark = pytest.mark.both_databases


def searched(text: str) -> list[str]:
    """Return the first names that the search itself finds, by relevance."""
    published = Cluster.objects.published()
    meaning = interpret(text, published)
    found = published.matching(meaning).sorted_by("relevance", meaning)[:MAX_CLUSTERS]
    return list(found.values_list("name", flat=True))


def test_beginnings_of_all_words_offer_what_the_search_finds_first(data: None) -> None:
    words = {
        word for text in Cluster.objects.published().values_list("search_text", flat=True) for word in text.split()
    }
    beginnings = sorted({word[:length] for word in words for length in (2, 3, 5) if len(word) >= length})
    assert len(beginnings) > 1000

    for text in beginnings[::7]:
        assert offered(text) == searched(text), text
