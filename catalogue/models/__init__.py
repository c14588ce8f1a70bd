"""Models of the catalogue, by topic."""

from catalogue.models.cluster import Cluster
from catalogue.models.embed import EmbedOrigin
from catalogue.models.geography import Country, Region
from catalogue.models.lookup import OldSlug, SearchWord
from catalogue.models.network import Network
from catalogue.models.priority import PriorityRule
from catalogue.models.showcase import ShowcaseItem, SocialLink
from catalogue.models.vocabulary import Term

__all__ = [
    "Cluster", "Country", "EmbedOrigin", "Network", "OldSlug", "PriorityRule", "Region", "SearchWord", "ShowcaseItem",
    "SocialLink", "Term",
]  # fmt: skip
