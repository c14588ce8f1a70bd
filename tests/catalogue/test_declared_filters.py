"""Filters of the list are declared once: page, API and counts agree on each of them."""

import pytest
from django.http import QueryDict
from django.test import Client

from catalogue.listing.declaration import ListFilter
from catalogue.listing.declared import FACETS, FILTERS, TABLES, TYPED
from catalogue.models import Cluster, Term

SHOWN_AS_CHIPS = [
    declared for declared in FILTERS if declared.name not in ("sort", "read") and declared.example is not None
]


@pytest.mark.parametrize("declared", SHOWN_AS_CHIPS, ids=lambda declared: declared.name)
def test_example_of_a_filter_gives_the_same_clusters_on_page_and_api(
    data: None, client: Client, declared: ListFilter
) -> None:
    values = declared.example if isinstance(declared.example, list) else [declared.example]
    query = QueryDict(mutable=True)
    query.setlist(declared.name, [str(value) for value in values])

    listing = client.get(f"/clusters/?{query.urlencode()}").context["listing"]
    answer = client.get(f"/api/v1/clusters/?{query.urlencode()}").json()

    assert listing.errors == {}
    if declared.name == "q":
        assert {chip.name for chip in listing.chips} == {
            part["parameter"] for part in answer["interpretation"]["read_as"]
        }
    else:
        assert [(chip.name, chip.label) for chip in listing.chips] == [(declared.name, declared.label)] * len(values)
    assert answer["count"] == listing.total


def test_page_shows_every_facet_with_values_and_every_input(data: None, client: Client) -> None:
    page = client.get("/clusters/")
    listing = page.context["listing"]
    options = listing.filterset.options

    shown = [name for name in FACETS if name not in TABLES or options[name]]
    assert [(facet.name, facet.label) for facet in listing.facets] == [(name, FACETS[name].label) for name in shown]
    assert list(client.get("/api/v1/clusters/facets/").json()["facets"]) == list(FACETS)
    text = page.content.decode()
    assert [
        declared.name for declared in TYPED if f'<input id="{declared.name}" name="{declared.name}"' not in text
    ] == []


def test_every_facet_with_a_table_has_its_name_among_suggestions(data: None, client: Client) -> None:
    options = client.get("/clusters/").context["listing"].filterset.options

    found = {}
    for name, facet in TABLES.items():
        for option in options[name][:1]:
            if name in Term.Vocabulary.values:
                Cluster.objects.get(slug="gaia").terms.add(Term.objects.get(vocabulary=name, slug=option.value))
            suggestions = client.get("/clusters/suggest/", {"q": option.label}).context["suggestions"]
            found[name] = facet.label in {item.kind for item in suggestions}
    assert found == {name: True for name in TABLES if options[name]}
