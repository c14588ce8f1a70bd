"""The staff's pages of the catalogue, by topic."""

from catalogue.admin import cluster, embed, geography, network, proposals, rules, synonyms, vocabulary

__all__ = ["cluster", "embed", "geography", "network", "proposals", "rules", "synonyms", "vocabulary"]
