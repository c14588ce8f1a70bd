"""The staff's pages of imports."""

from imports.admin import imports

__all__ = ["imports"]
