"""The staff's pages of findings and freshness."""

from quality.admin import findings, freshness

__all__ = ["findings", "freshness"]
