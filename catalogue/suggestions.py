"""What the search box offers while somebody types: clusters, and filters of the same name."""

from dataclasses import dataclass

from django.urls import reverse

from catalogue.models import Cluster
from catalogue.options import filter_options
from catalogue.search import MAX_LENGTH, interpret
from catalogue.text import words

MIN_LETTERS = 2
MAX_CLUSTERS = 6
MAX_FILTERS = 4
_KINDS = {
    "country": "Country",
    "vertical": "Vertical",
    "region": "Region",
    "network": "Network",
    "sector": "Sector",
    "emerging_industry": "Emerging industry",
    "technology_field": "Technology field",
    "s3_priority": "S3 priority",
}


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
    for name, kind in _KINDS.items():
        for option in options[name]:
            known = option.sort_name.split()
            if all(any(word.startswith(part) for word in known) for part in typed):
                url = (
                    reverse("catalogue:network_detail", args=[option.value])
                    if name == "network"
                    else f"{list_url}?{name}={option.value}"
                )
                found.append(Suggestion(url, option.label, kind))
    published = Cluster.objects.published()
    interpretation = interpret(text[:MAX_LENGTH], published)
    clusters = (
        published.matching(interpretation)
        .sorted_by("relevance", interpretation)
        .select_related("country")[:MAX_CLUSTERS]
    )
    return found[:MAX_FILTERS] + [
        Suggestion(cluster.get_absolute_url(), cluster.name, f"Cluster in {cluster.country.name}")
        for cluster in clusters
    ]
