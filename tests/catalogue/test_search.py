"""What a search finds, in which order; the same on both databases, on the page and in the API."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from catalogue.models import Cluster
from catalogue.search.query import allowed_edits, interpret, search_terms
from catalogue.search.text import fold, words

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
    ("cyber security germany", 2, ["cyberforum", "consumer-affairs-zdb"], False),
    ("photonics lasers", 1, ["alpha-rlh"], False),
    # typos, only where nothing is written like that
    ("cybersecuirty", 10, ["aei-ciberseguridad", "alpha-rlh", "consumer-affairs-zdb"], True),
    ("Barcelna", 2, ["cluster-digital-catalunya", "i2cat"], True),
    ("galicai", 2, ["cluster-tic-galicia", "ineo"], True),
    ("digtal leage", 1, ["digital-league"], True),
    ("telecomunicatons", 8, ["itl", "alpha-rlh", "gaia"], True),
    ("energy efficent", 1, ["cool-silicon"], True),
    # nothing
    ("zzzqqq", 0, [], False),
    ("xylophone orchestra", 0, [], False),
    ("gaai", 0, [], False),  # four letters are not forgiven
    ("!!!", 0, [], False),
    # unpublished ones are not found, by no name and no typo
    ("info security ireland", 0, [], False),
    ("oxford", 0, [], False),
    ("cheltenahm", 0, [], False),
    ("clusif", 0, [], False),
]


@pytest.mark.parametrize(("text", "count", "first", "fuzzy"), TABLE, ids=[row[0] for row in TABLE])
def test_search_table(data: None, client: Client, text: str, count: int, first: list[str], fuzzy: bool) -> None:
    published = Cluster.objects.published()
    meaning = interpret(text, published)
    found = published.matching(meaning).sorted_by("relevance", meaning)

    assert [cluster.slug for cluster in found[:3]] == first
    assert found.count() == count
    assert meaning.is_fuzzy == fuzzy

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
    published = Cluster.objects.published()
    lines = list(published.values_list("slug", "search_text"))
    vocabulary = sorted({word for _slug, line in lines for word in line.split() if len(word) >= 5 and word.isalpha()})
    word = data.draw(st.sampled_from(vocabulary))
    number = data.draw(st.integers(1, allowed_edits(word)))

    typed = edits(data.draw, word, number)

    found = {cluster.slug for cluster in published.search(typed)}
    exact = {slug for slug, line in lines if f" {typed}" in line}
    if exact or not words(typed) or len(search_terms(typed)) != 1:
        assert found == exact
    else:
        meant = {w for w in vocabulary if DamerauLevenshtein.distance(typed, w) <= allowed_edits(w)}
        assert word in meant
        assert found >= {slug for slug, line in lines if word in line.split()}
        assert found == {slug for slug, line in lines if meant & set(line.split())}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_no_text_breaks_the_search(data_once: None, db: None, text: str) -> None:
    published = Cluster.objects.published()

    found = set(published.search(text).values_list("pk", flat=True))

    assert found <= set(published.values_list("pk", flat=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_accents_never_matter(data_once: None, db: None, data: st.DataObject) -> None:
    names = sorted(Cluster.objects.published().values_list("name", flat=True))
    name = data.draw(st.sampled_from(names))

    plain = Cluster.objects.published().search(fold(name))
    written = Cluster.objects.published().search(name.upper())

    assert {c.pk for c in plain} == {c.pk for c in written}
    assert name in {c.name for c in plain}
