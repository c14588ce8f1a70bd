"""What the search box offers among the real clusters, against the search itself."""

import pytest

from catalogue.index.catalogue_index import current_index
from catalogue.models import Cluster
from catalogue.search.suggestions import MAX_CLUSTERS
from tests.catalogue.searching import search
from tests.catalogue.test_suggestions import offered

pytestmark = pytest.mark.both_databases


def test_every_beginning_of_a_word_offers_clusters_with_it_or_what_the_search_finds(data: None) -> None:
    _version, index = current_index()
    published = index.published()
    words = [word for word in index.texts.completions("") if index.texts.whole(word) & published]
    beginnings = sorted({word[:length] for word in words for length in (2, 3, 5) if len(word) >= length})
    assert len(beginnings) > 1000

    for text in beginnings[::17]:
        holders = index.names.beginning(text) & published
        named = set(Cluster.objects.filter(pk__in=holders).values_list("name", flat=True))
        shown = offered(text)
        assert set(shown[: len(named)]) <= named, text
        assert shown or not search(text), text
        assert len(shown) <= MAX_CLUSTERS
