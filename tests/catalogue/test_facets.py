"""Facet counts against a naive recount."""

from collections import Counter
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from catalogue.index.catalogue_index import current_index
from catalogue.listing.declared import FACETS
from catalogue.listing.facets import facet_counts, loosened
from catalogue.listing.filters import ClusterFilter
from catalogue.models import Term
from tests.catalogue.recount import recount
from tests.factories.catalogue import (
    ClusterFactory,
    CountryFactory,
    NetworkFactory,
    RegionFactory,
    TermFactory,
)

pytestmark = pytest.mark.both_databases


@pytest.mark.django_db
def test_facets_equal_a_naive_recount_with_all_vocabularies_and_unpublished_neighbours() -> None:
    countries = [CountryFactory(code=code) for code in ("AA", "BB", "CC")]
    region = RegionFactory(country=countries[0])
    network = NetworkFactory()
    terms = [TermFactory(vocabulary=vocabulary) for vocabulary in Term.Vocabulary.values for _ in range(2)]
    for number in range(40):
        ClusterFactory(
            published=number % 3 != 0,
            country=countries[number % 3] if number % 2 else countries[0],
            region=region if number % 2 == 0 else None,
            is_priority=number % 5 == 0,
            terms=[term for position, term in enumerate(terms) if (number + position) % 4 == 0],
            networks=[network] if number % 7 == 0 else [],
            confirmed_on=date(2026, 1, 1 + number // 2) if number % 4 else None,
        )
    chosen_sets: list[dict[str, Any]] = [
        {},
        {"sector": [terms[2].slug]},
        {"sector": [terms[2].slug, terms[3].slug], "s3_priority": [terms[8].slug]},
        {"country": ["AA"], "emerging_industry": [terms[4].slug], "technology_field": [terms[6].slug]},
        {"priority": "true", "network": network.slug},
        {"vertical": [terms[0].slug], "region": [region.slug], "priority": "false"},
        {"vertical": [terms[0].slug], "confirmed_since": date(2026, 1, 9)},
    ]

    for chosen in chosen_sets:
        counts = facet_counts(ClusterFilter(chosen))
        by_hand = recount(chosen)
        assert {name: Counter(counts[name]) for name in FACETS} == {name: by_hand[name] for name in FACETS}, chosen
        assert counts["total"].get("", 0) == by_hand["total"]["x"]


@pytest.mark.django_db
@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_list_page_has_a_constant_number_of_queries(
    client: Client, django_assert_num_queries: Any, item_count: int, chosen: int
) -> None:
    country, term, network = CountryFactory(code="AA"), TermFactory(), NetworkFactory()
    other = CountryFactory(code="BB")
    for number in range(item_count):
        ClusterFactory(
            published=True,
            country=country if number else other,
            region=RegionFactory(country=country if number else other),
            terms=[term, TermFactory()],
            networks=[network],
        )
    query = [{}, {"country": "BB"}, {"country": ["AA", "BB"], "vertical": term.slug, "priority": "false"}][chosen]

    current_index()
    # project settings, version, rows, verticals
    with django_assert_num_queries(4):
        response = client.get(f"/clusters/?{urlencode(query, doseq=True)}")

    assert response.context["listing"].total == (1 if chosen == 1 else item_count)


@pytest.mark.django_db
def test_empty_result_offers_filters_to_leave_away() -> None:
    country = CountryFactory(code="AA")
    ClusterFactory.create_batch(2, published=True, country=country)
    ClusterFactory(published=True, is_priority=True, name="Elsewhere")

    filterset = ClusterFilter({"country": ["AA"], "priority": "true"})

    assert filterset.qs.count() == 0
    assert loosened(filterset) == {"country": 1, "priority": 2}
