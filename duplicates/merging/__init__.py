"""Merging two clusters, and undoing it."""
