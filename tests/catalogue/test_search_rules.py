"""The rules of search, each on rows made for it."""

import pytest

from catalogue.models import Cluster, SearchWord
from catalogue.search.index import rebuild_words, refresh_search
from catalogue.search.query import interpret
from catalogue.search.text import index_line
from tests.factories.catalogue import ClusterFactory, CountryFactory, RegionFactory, TermFactory

pytestmark = pytest.mark.both_databases


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", ["Lodz", "łódź", "LÓDŹ", "lod"])
def test_city_with_strokes_and_accents(spelling: str) -> None:
    city = ClusterFactory(published=True, name="Klaster Łódź")
    ClusterFactory(published=True, name="Klaster Kraków")

    assert list(Cluster.objects.published().search(spelling)) == [city]


@pytest.mark.django_db
def test_typo_is_not_forgiven_where_something_is_written_like_that() -> None:
    ClusterFactory(published=True, name="Photonics Hub")
    exact = ClusterFactory(published=True, name="Photonica")

    assert list(Cluster.objects.published().search("photonica")) == [exact]


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

    assert Cluster.objects.published().search(typed).exists() == is_found


@pytest.mark.django_db
def test_word_of_an_unpublished_cluster_neither_corrects_nor_stops_a_correction() -> None:
    ClusterFactory(name="Secretive Kybernetix")
    shown = ClusterFactory(published=True, name="Open Kybernetic")
    published = Cluster.objects.published()

    meaning = interpret("kybernetixx", published)

    # "kybernetix" is nearer, but only the unpublished one has it.
    assert meaning.corrections == [("kybernetixx", ("kybernetic",))]
    assert list(published.matching(meaning)) == [shown]
    # Written exactly like the unpublished one, it still counts as misspelt.
    assert list(published.search("kybernetix")) == [shown]
    assert not published.search("secretve").exists()


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
        assert list(Cluster.objects.published().search(text)) == [cluster], text


@pytest.mark.django_db
def test_place_that_only_represents_a_country_is_not_searched() -> None:
    ClusterFactory(
        published=True,
        place="Zagreb",
        latitude="45.8",
        longitude="16.0",
        precision="country",
        name="Somewhere",
    )

    assert not Cluster.objects.published().search("zagreb").exists()


@pytest.mark.django_db
def test_name_comes_before_text() -> None:
    text = ClusterFactory(published=True, name="Aaa", summary="About robotics and robotics.")
    beginning = ClusterFactory(published=True, name="Zzz Robotics-Net")
    name = ClusterFactory(published=True, name="Robotics")

    assert list(Cluster.objects.published().search("robotics")) != []
    meaning = interpret("robotics", Cluster.objects.published())
    order = Cluster.objects.published().matching(meaning).sorted_by("relevance", meaning)
    assert list(order) == [name, beginning, text]


@pytest.mark.django_db
def test_rebuild_sets_right_what_was_changed_past_the_services() -> None:
    term = TermFactory(name="Space")
    cluster = ClusterFactory(published=True, terms=[term])
    type(term).objects.filter(pk=term.pk).update(name="Agriculture")
    Cluster.objects.filter(pk=cluster.pk).update(summary="Grows wheat.")
    SearchWord.objects.create(word="leftover", length=8)

    changed = refresh_search(clusters=Cluster.objects.all())
    rebuild_words()

    assert changed == 1
    assert list(Cluster.objects.published().search("agriculture wheat")) == [cluster]
    assert not Cluster.objects.published().search("space").exists()
    assert not SearchWord.objects.filter(word="leftover").exists()
    assert refresh_search(clusters=Cluster.objects.all()) == 0


def test_index_line_has_parts_and_whole() -> None:
    assert index_line(["Clust-ER", "B+R&I"]) == " clust er cluster b r i bri "
