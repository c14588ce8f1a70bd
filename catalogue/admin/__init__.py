"""The staff's pages of the catalogue, by topic."""

from catalogue.admin.cluster import ClusterAdmin
from catalogue.admin.embed import EmbedOriginAdmin
from catalogue.admin.geography import CountryAdmin, RegionAdmin
from catalogue.admin.network import NetworkAdmin
from catalogue.admin.rules import PriorityRuleAdmin
from catalogue.admin.vocabulary import TermAdmin

__all__ = [
    "ClusterAdmin",
    "CountryAdmin",
    "EmbedOriginAdmin",
    "NetworkAdmin",
    "PriorityRuleAdmin",
    "RegionAdmin",
    "TermAdmin",
]
