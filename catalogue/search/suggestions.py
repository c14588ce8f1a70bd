"""What the search box offers while somebody types: clusters, and filters of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode

from catalogue.listing.declared import BY_NAME, IN_TOWN, TABLES
from catalogue.listing.filters import ClusterFilter
from catalogue.listing.nothing import NothingFound
from catalogue.models import Cluster
from catalogue.search.text import MAX_LENGTH, words

if TYPE_CHECKING:
    from catalogue.index.catalogue_index import CatalogueIndex
    from catalogue.search.lexicon import Meaning

MIN_LETTERS = 2
MAX_CLUSTERS = 6
MAX_FILTERS = 4


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box: where it leads, what it is called and what it is."""

    url: str
    label: str
    kind: str


def suggest(text: str) -> list[Suggestion]:
    """Return filters and published clusters whose words begin with those typed, at most ten.

    Nothing is offered below two letters. Filters come first: whoever types "ger" more often means all clusters of
    Germany than one of them; they are found under all names that a search understands. Where nothing begins so, the
    clusters are those that the search finds.
    """
    text = text.replace("\0", " ")[:MAX_LENGTH]
    typed = words(text)
    if sum(map(len, typed)) < MIN_LETTERS:
        return []
    search = ClusterFilter({"q": text})
    index = search.index
    clusters = _beginning(typed, index)
    if len(clusters) < MAX_CLUSTERS and not (clusters and search.interpretation and search.interpretation.is_fuzzy):
        clusters += [pk for pk in search.in_order() if pk not in clusters][: MAX_CLUSTERS - len(clusters)]
    rows = (
        Cluster.objects.published()
        .select_related("country")
        .only("slug", "name", "country__name")
        .in_order_of(clusters)
    )
    found = _filters(typed, index) + [
        Suggestion(cluster.get_absolute_url(), cluster.name, f"Cluster in {cluster.country.name}") for cluster in rows
    ]
    return found or _nothing(text, search)


def _nothing(text: str, search: ClusterFilter) -> list[Suggestion]:
    """Return the one line that says what the list will say, and leads there."""
    url = f"{reverse('catalogue:cluster_list')}?{urlencode({'q': text})}"
    place = NothingFound(search).place
    label = f"No published cluster in {place} yet" if place else "Nothing is called like that"
    return [Suggestion(url, label, "see what is near" if place else "see the ways on")]


def _beginning(typed: list[str], index: CatalogueIndex) -> list[int]:
    """Return published clusters whose name begins with the words typed, then those that have the words in their name."""
    published, line = index.published(), " ".join(typed)
    begun = index.keys["title"].beginning(line) & published
    # The name itself before acronyms and former names.
    found = sorted(index.in_order(begun), key=lambda pk: not index.entries[pk].sort_name.startswith(line))[
        :MAX_CLUSTERS
    ]
    in_name = published - begun
    for word in typed:
        in_name &= index.names.beginning(word)
    whole = in_name.copy()
    for word in typed:
        whole &= index.names.whole(word)
    found += [*index.page(whole, "name", 0, MAX_CLUSTERS), *index.page(in_name - whole, "name", 0, MAX_CLUSTERS)]
    return found[:MAX_CLUSTERS]


def _filters(typed: list[str], index: CatalogueIndex) -> list[Suggestion]:
    """Return the places, topics and networks with published clusters in one of whose names each word typed begins one."""
    published = index.published()
    found: dict[tuple[str, tuple[str, ...]], tuple[int, str, Meaning]] = {}
    for phrase, meaning in index.lexicon.beginning_with(typed):
        declared = BY_NAME.get(meaning.filter)
        if declared is None or not declared.found(index, list(meaning.values)).intersect(published):
            continue
        place = list(BY_NAME).index(meaning.filter) if meaning.filter in TABLES else len(BY_NAME)
        found.setdefault((meaning.filter, meaning.values), (place, phrase, meaning))
    chosen = sorted(found.values(), key=lambda item: (item[0], item[2].kind == "group", item[2].label))[:MAX_FILTERS]
    return [
        Suggestion(_address(phrase, meaning, index), meaning.label, BY_NAME[meaning.filter].label)
        for _place, phrase, meaning in chosen
    ]


def _address(phrase: str, meaning: Meaning, index: CatalogueIndex) -> str:
    """Return the page of the value, the list with the values that it knows, or the search for the phrase."""
    facet = TABLES.get(meaning.filter)
    if facet and facet.page:
        return facet.page(meaning.values[0])
    published = index.published()
    values = [value for value in meaning.values if index.having(meaning.filter, value) & published] if facet else []
    is_whole = facet is not None and not any(value.startswith(IN_TOWN) for value in meaning.values)
    query = [(meaning.filter, value) for value in values] if is_whole else [("q", phrase)]
    return f"{reverse('catalogue:cluster_list')}?{urlencode(query)}"
