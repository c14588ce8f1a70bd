"""The rules of search, each on rows made for it."""

import pytest

from catalogue.models import Cluster
from catalogue.search.text import index_words
from tests.catalogue.searching import reading, search
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.both_databases


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", ["Lodz", "łódź", "LÓDŹ", "lod"])
def test_city_with_strokes_and_accents(spelling: str) -> None:
    city = ClusterFactory(published=True, name="Klaster Łódź")
    ClusterFactory(published=True, name="Klaster Kraków")

    assert search(spelling) == [city]


@pytest.mark.django_db
def test_typo_is_not_forgiven_where_something_is_written_like_that() -> None:
    ClusterFactory(published=True, name="Photonics Hub")
    exact = ClusterFactory(published=True, name="Photonica")

    assert search("photonica") == [exact]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("word", "typed", "is_found"),
    [
        ("lasr", "lsar", False),  # four letters
        ("laser", "lsaer", True),  # one swapped pair in five
        ("laser", "lasr", True),  # one letter less
        ("laser", "lsear", False),  # two edits in five
        ("photonic", "photnoci", False),  # two edits in eight
        ("photonics", "photnocis", True),  # two edits in nine
        ("photonics", "phtnocsi", False),  # three
    ],
)
def test_edits_are_counted_on_the_word_that_is_found(word: str, typed: str, is_found: bool) -> None:
    ClusterFactory(published=True, name=f"Qx {word}")

    assert bool(search(typed)) == is_found


@pytest.mark.django_db
def test_word_of_an_unpublished_cluster_neither_corrects_nor_stops_a_correction() -> None:
    ClusterFactory(name="Secretive Kybernetix")
    shown = ClusterFactory(published=True, name="Open Kybernetic")

    # "kybernetix" is nearer, but only the unpublished one has it.
    assert reading("kybernetixx").corrections == [("kybernetixx", ("kybernetic",))]
    assert search("kybernetixx") == [shown]
    # Written exactly like the unpublished one, it still counts as misspelt.
    assert search("kybernetix") == [shown]
    assert search("secretve") == []


@pytest.mark.django_db
def test_search_covers_every_field_it_promises() -> None:
    country = CountryFactory(code="PL", name="Poland", other_names="Polska")
    region = RegionFactory(country=country, name="Mazovia", source_spelling="Mazowsze", other_names="Mazowieckie")
    term = TermFactory(name="Space", other_names="satellites")
    cluster = ClusterFactory(
        published=True,
        name="Alpha",
        acronym="AAX",
        former_names="Omega Club\nSigma Club",
        country=country,
        region=region,
        place="Warsaw",
        place_local_name="Warszawa",
        latitude="52.2298",
        longitude="21.0118",
        precision="seat",
        summary="Builds rockets.",
        description="Tests **engines**.",
        terms=[term],
    )
    ClusterFactory(published=True, name="Beta")

    for text in [
        "alpha",
        "aax",
        "omega",
        "sigma",
        "poland",
        "polska",
        "mazovia",
        "mazowsze",
        "mazowieckie",
        "warsaw",
        "warszawa",
        "rockets",
        "engines",
        "space",
        "satellites",
    ]:
        assert search(text) == [cluster], text


@pytest.mark.django_db
def test_cluster_of_which_only_the_country_is_known_comes_after_those_in_its_capital() -> None:
    where = {"place": "Zagreb", "latitude": "45.8", "longitude": "16.0"}
    vague = ClusterFactory(published=True, precision="country", name="A", **where)
    there = ClusterFactory(published=True, precision="seat", name="B", **where)

    assert search("zagreb") == [there, vague]


@pytest.mark.django_db
def test_name_comes_before_text() -> None:
    text = ClusterFactory(published=True, name="Aaa", summary="About robotics and robotics.")
    beginning = ClusterFactory(published=True, name="Zzz Robotics-Net")
    name = ClusterFactory(published=True, name="Robotics")

    assert search("robotics") == [name, beginning, text]


@pytest.mark.django_db
def test_search_knows_at_once_what_was_changed_past_the_services() -> None:
    term = TermFactory(name="Space")
    cluster = ClusterFactory(published=True, terms=[term])
    assert search("space") == [cluster]

    type(term).objects.filter(pk=term.pk).update(name="Agriculture")
    Cluster.objects.filter(pk=cluster.pk).update(summary="Grows wheat.")

    assert search("agriculture wheat") == [cluster]
    assert search("space") == []


def test_words_are_indexed_by_parts_whole_and_in_both_spellings() -> None:
    assert index_words(["Clust-ER", "B+R&I"]) == ["clust", "er", "cluster", "b", "r", "i", "bri"]
    assert index_words(["Köln"]) == ["koln", "koeln"]
