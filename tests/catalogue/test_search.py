"""What a search finds, in which order; the same on both databases, on the page and in the API."""

import csv
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from rapidfuzz.distance import DamerauLevenshtein

from catalogue.index.catalogue_index import current_index
from catalogue.index.postings import allowed_edits
from catalogue.models import Cluster
from catalogue.search.text import fold, sort_key
from tests.catalogue.searching import reading, search

pytestmark = pytest.mark.both_databases

#: (text, how many are found, the first three in order, whether a typo was forgiven), on the real data.
#: The suite runs on SQLite and on PostgreSQL, so that one table holds both to the same answer.
TABLE: list[tuple[str, int, list[str], bool]] = [
    # accents, case and punctuation
    ("munchen", 2, ["biccnet", "consumer-affairs-zdb"], False),
    ("MÜNCHEN", 2, ["biccnet", "consumer-affairs-zdb"], False),
    ("Cataluna", 2, ["cluster-digital-catalunya", "i2cat"], False),
    ("kosice", 1, ["kosice-it-valley"], False),
    ("Skåne", 1, ["mobile-heights"], False),
    ("skelleftea", 1, ["dataforeningen-norr"], False),
    ("TICE.PT", 1, ["tice-pt"], False),
    ("ticept", 1, ["tice-pt"], False),
    ("b+r&i", 1, ["klaster-bri"], False),
    # places, regions and countries under their other names
    ("bayern", 2, ["biccnet", "consumer-affairs-zdb"], False),
    ("holland", 3, ["brainport-high-tech-software", "high-tech-nl", "hsd"], False),
    ("euskadi", 1, ["gaia"], False),
    ("the hague", 1, ["hsd"], False),
    # names before text, whole words before beginnings
    ("gaia", 1, ["gaia"], False),
    ("silicon", 3, ["silicon-alps", "silicon-saxony", "cool-silicon"], False),
    ("it cluster serbia", 3, ["it-cluster-serbia", "nicat", "voict"], False),
    ("cyber wales", 1, ["south-wales-cyber"], False),
    ("bki", 1, ["bydgoszcz-it"], False),
    # beginnings, while typing
    ("barcel", 2, ["cluster-digital-catalunya", "i2cat"], False),
    ("silicon sax", 2, ["silicon-saxony", "cool-silicon"], False),
    # several words: all of them, in any field; small words are passed over
    ("cybersecurity germany", 2, ["consumer-affairs-zdb", "cyberforum"], False),
    ("Who works on cybersecurity in Germany", 2, ["consumer-affairs-zdb", "cyberforum"], False),
    ("cyber security germany", 2, ["consumer-affairs-zdb", "cyberforum"], False),
    ("photonics lasers", 1, ["alpha-rlh"], False),
    # typos, only where nothing is written like that
    ("cybersecuirty", 10, ["aei-ciberseguridad", "hsd", "international-security"], True),
    ("Barcelna", 2, ["cluster-digital-catalunya", "i2cat"], True),
    ("galicai", 2, ["cluster-tic-galicia", "ineo"], True),
    ("digtal leage", 1, ["digital-league"], True),
    ("telecomunicatons", 8, ["mazovia-ict", "mobile-heights", "silesia-ict"], True),
    ("energy efficent", 2, ["alliance-cluster", "cool-silicon"], True),
    # nothing
    ("zzzqqq", 0, [], False),
    ("xylophone orchestra", 0, [], False),
    ("gaai", 0, [], False),  # four letters are not forgiven
    ("!!!", 0, [], False),
    # unpublished ones are not found, by no name and no typo
    ("info security ireland", 0, [], False),
    ("oxford", 0, [], False),
    ("cheltenahm", 0, [], True),
    ("clusif", 0, [], False),
]


@pytest.mark.parametrize(("text", "count", "first", "fuzzy"), TABLE, ids=[row[0] for row in TABLE])
def test_search_table(data: None, client: Client, text: str, count: int, first: list[str], fuzzy: bool) -> None:
    found = search(text)

    assert [cluster.slug for cluster in found[:3]] == first
    assert len(found) == count
    assert reading(text).is_fuzzy == fuzzy

    answer = client.get("/api/v1/clusters/", {"q": text}).json()
    assert (answer["count"], [row["slug"] for row in answer["results"][:3]]) == (count, first)

    page = client.get("/clusters/", {"q": text})
    shown = [cluster.slug for cluster in page.context["listing"].page]
    assert (page.context["listing"].total, shown[:3]) == (count, first)
    assert ("Nothing is written exactly like that" in page.content.decode()) == fuzzy


def edits(draw: Any, word: str, number: int) -> str:
    """Return ``word`` after ``number`` random edits: a letter more, less, other, or a swapped pair."""
    for _ in range(number):
        place = draw(st.integers(0, len(word) - 2))
        letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
        word = draw(
            st.sampled_from(
                [
                    word[:place] + letter + word[place:],
                    word[:place] + word[place + 1 :],
                    word[:place] + letter + word[place + 1 :],
                    word[:place] + word[place + 1] + word[place] + word[place + 2 :],
                ]
            )
        )
    return word


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_forgiven_typo_finds_every_cluster_that_has_the_word(data_once: None, db: None, data: st.DataObject) -> None:
    _version, index = current_index()
    published = index.published()
    every = [word for word in index.texts.completions("") if index.texts.whole(word) & published]
    vocabulary = [word for word in every if len(word) >= 5 and word.isalpha()]
    word = data.draw(st.sampled_from(vocabulary))
    typed = edits(data.draw, word, data.draw(st.integers(1, allowed_edits(word))))

    meant = reading(typed)
    found = {cluster.pk for cluster in search(typed)}

    near = [other for other in vocabulary if DamerauLevenshtein.distance(typed, other) <= allowed_edits(other)]
    assert word in near
    if any(term.corrections for term in meant.terms):
        assert found >= set(index.texts.whole(word) & published)
        assert found <= set(BitMap.union(*(index.texts.whole(other) for other in near)))
    else:
        # Something is written like that, or a place or topic is at least as near.
        assert found or meant.phrases or meant.near or not meant.terms


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_no_text_breaks_the_search(data_once: None, db: None, text: str) -> None:
    found = {cluster.pk for cluster in search(text)}

    assert found <= set(Cluster.objects.published().values_list("pk", flat=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_name_finds_its_cluster_first_however_it_is_written(
    data_once: None, db: None, data: st.DataObject
) -> None:
    def names(cluster: Cluster) -> list[str]:
        return [name for name in (cluster.name, cluster.acronym, *cluster.former_name_list) if name]

    cluster = data.draw(st.sampled_from(list(Cluster.objects.published())))
    name = data.draw(st.sampled_from(names(cluster)))

    for written in (name, fold(name), name.upper(), f"“{name}” e.V.", f"  {name.lower()} ?"):
        found = search(written)
        namesakes = [other for other in found if sort_key(name) in map(sort_key, names(other))]
        assert cluster in found[: len(namesakes)], written


def judged() -> list[Any]:
    with (django_settings.FIXTURE_DATA_DIR / "search_judgements.csv").open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["query"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("row", judged())
def test_judged_question_is_answered(data: None, row: dict[str, str]) -> None:
    found = [cluster.slug for cluster in search(row["query"])]
    expected = set(filter(None, row["slugs"].split(";")))
    first = set(found[: int(row["n"] or 0)])

    assert {
        "set": set(found) == expected, "within": expected <= first, "first": first == expected, "none": not found,
    }[row["mode"]]  # fmt: skip


#: What people of other countries type, and what the first clusters are (or how many there are).
QUESTIONS: list[tuple[str, list[str]]] = [
    ("Guten Tag, welche Cluster gibt es in Österreich?", ["silicon-alps"]),
    (
        "Gostaria de saber quais são os clusters da Roménia",
        ["cluj-it", "control-it", "different-angle", "lower-danube"],
    ),
    ("κυβερνοασφάλεια Βέλγιο", ["lsec", "infopole"]),
    ("website of Infopole", ["infopole"]),
    ("AI in Munich", ["biccnet"]),
    ("clusters outside the EU", ["aita"]),
    ("Cap Digital Paris", ["cap-digital"]),
    ("CapDigital", ["cap-digital"]),
    ("klaster.info", ["klaster-info"]),
    ("cybersecurity in Poland", []),
    ("near Copenhagen", ["mobile-heights"]),
    ("zwischen 300 und 400 Mitglieder", ["scs", "silicon-saxony"]),
    ("photonique sans la France", []),
    ("sans la France santé", ["alliance-cluster"]),
    ("not in Germany or Spain, cybersecurity", ["hsd", "international-security", "lsec", "south-wales-cyber"]),
]


@pytest.mark.parametrize(("text", "first"), QUESTIONS, ids=[row[0] for row in QUESTIONS])
def test_question_in_other_words(data: None, text: str, first: list[str]) -> None:
    found = [cluster.slug for cluster in search(text)]

    assert found[: len(first)] == first
    assert bool(found) == bool(first)
