"""Models of the catalogue, by topic."""

from catalogue.models.cluster import Cluster
from catalogue.models.embed import EmbedOrigin
from catalogue.models.facts import ClusterFigure, FactProposal, FactSource
from catalogue.models.geography import Country, Region
from catalogue.models.lookup import OldSlug
from catalogue.models.network import Network
from catalogue.models.priority import PriorityRule
from catalogue.models.search import CatalogueChange, Synonym, Town, TownName, UnansweredWord
from catalogue.models.showcase import ShowcaseItem, SocialLink
from catalogue.models.vocabulary import Term

__all__ = [
    "CatalogueChange", "Cluster", "ClusterFigure", "Country", "EmbedOrigin", "FactProposal", "FactSource", "Network",
    "OldSlug", "PriorityRule", "Region", "ShowcaseItem", "SocialLink", "Synonym", "Term", "Town", "TownName",
    "UnansweredWord",
]  # fmt: skip
