"""The search as tests ask it."""

from catalogue.listing.filters import ClusterFilter
from catalogue.managers import ClusterQuerySet
from catalogue.models import Cluster
from catalogue.search.reading import Reading


def search(text: str, clusters: ClusterQuerySet | None = None) -> list[Cluster]:
    """Return what ``text`` finds among ``clusters``, without them among the published ones, by relevance."""
    return ClusterFilter({"q": text}, clusters).rows(Cluster.objects.all())


def slugs(**parameters: str | list[str]) -> list[str]:
    """Return the slugs of published clusters that these parameters of an address find, in order."""
    return [cluster.slug for cluster in ClusterFilter(parameters).rows(Cluster.objects.all())]


def reading(text: str) -> Reading:
    """Return what ``text`` means among the published clusters."""
    found = ClusterFilter({"q": text}).interpretation
    assert found is not None
    return found
