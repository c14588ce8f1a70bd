"""Facet counts of random filters on the real data."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.listing.declared import FACETS
from catalogue.listing.facets import facet_counts
from catalogue.listing.filters import ClusterFilter
from tests.catalogue.recount import queries, recount
from tests.effort import examples

pytestmark = pytest.mark.both_databases


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_facets_equal_a_naive_recount_on_the_real_data(data_once: None, db: None, data: st.DataObject) -> None:
    chosen = data.draw(queries())

    filterset = ClusterFilter(chosen)
    counts = facet_counts(filterset)

    assert filterset.errors == {}
    by_hand = recount(chosen)
    assert {name: Counter(counts[name]) for name in FACETS} == {name: by_hand[name] for name in FACETS}
    assert counts["total"][""] == by_hand["total"]["x"] == filterset.qs.count() == len(set(filterset.qs))
