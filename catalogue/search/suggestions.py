"""What the search box offers while somebody types: clusters, and filters of the same name."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from catalogue.listing.declared import TABLES
from catalogue.listing.options import filter_options
from catalogue.managers import ClusterQuerySet
from catalogue.models import Cluster
from catalogue.search.query import MAX_LENGTH, Interpretation, interpret, search_terms
from catalogue.search.text import words

MIN_LETTERS = 2
MAX_CLUSTERS = 6
MAX_RANKED = 50  # clusters of one kind of hit that are compared with each other
MAX_FILTERS = 4


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box: where it leads, what it is called and what it is."""

    url: str
    label: str
    kind: str


def suggest(text: str) -> list[Suggestion]:
    """Return filters and published clusters whose words begin with those typed, at most ten.

    Nothing is offered below two letters. Filters come first: whoever types "ger" more often means all
    clusters of Germany than one of them.
    """
    typed = words(text[:MAX_LENGTH])
    if sum(map(len, typed)) < MIN_LETTERS:
        return []
    list_url = reverse("catalogue:cluster_list")
    found = []
    options = filter_options()
    for name, facet in TABLES.items():
        for option in options[name]:
            known = option.sort_name.split()
            if all(any(word.startswith(part) for word in known) for part in typed):
                url = facet.page(option.value) if facet.page else f"{list_url}?{name}={option.value}"
                found.append(Suggestion(url, option.label, facet.label))
    clusters = _clusters(text[:MAX_LENGTH])
    return found[:MAX_FILTERS] + [
        Suggestion(cluster.get_absolute_url(), cluster.name, f"Cluster in {cluster.country.name}")
        for cluster in clusters
    ]


def _clusters(text: str) -> list[Cluster]:
    """Return the six published clusters that ``text`` most likely begins to name.

    Looked for in the order of their rank, and no further than six are found: names that begin with the text (an
    index knows them in order), then names with these words, then texts, then words spelt differently. To
    rank everything that two letters find would read most of a large catalogue.
    """
    published = Cluster.objects.published()
    exact = Interpretation(text, search_terms(text))
    if not exact.terms:
        return []
    line = " ".join(term.word for term in exact.terms)
    in_name, anywhere = Q(), exact.condition()
    for term in exact.terms:
        in_name &= term.condition("search_name")
    found: list[Cluster] = []
    # The column has ASCII letters, digits and spaces, in the order of their codes; "{" is the next code.
    for condition in (Q(sort_name__gte=line, sort_name__lt=f"{line}{{"), in_name, anywhere):
        found += _ranked(published.filter(condition), exact, {cluster.pk for cluster in found})
        if len(found) >= MAX_CLUSTERS:
            return found[:MAX_CLUSTERS]
    if found:
        return found
    meant = interpret(text, published)
    return _ranked(published.matching(meant), meant, set())[:MAX_CLUSTERS] if meant.is_fuzzy else []


def _ranked(clusters: ClusterQuerySet, interpretation: Interpretation, known: set[int]) -> list[Cluster]:
    """Return ``clusters`` but for the ``known`` ones, best first; of very many, the first ones by name."""
    rows = clusters.annotate(rank=interpretation.rank()).order_by("sort_name", "slug").select_related("country")
    rows = rows.only("slug", "name", "country__name")[:MAX_RANKED]
    return sorted((cluster for cluster in rows if cluster.pk not in known), key=lambda cluster: -cluster.rank)
