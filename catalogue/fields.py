"""Model fields of the catalogue."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class _BinaryCollationMixin:
    """Compares and sorts by code point on every database.

    SQLite does so by default. PostgreSQL follows the locale of the database unless the column says
    otherwise, which would put "cap digital" and "capdigital" in another order.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Return the column's parameters, with collation ``C`` on PostgreSQL."""
        parameters = super().db_parameters(connection)  # type: ignore[misc]
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class BinaryCharField(_BinaryCollationMixin, models.CharField):
    """A short ASCII text that sorts alike on PostgreSQL and SQLite."""


class BinaryTextField(_BinaryCollationMixin, models.TextField):
    """A long ASCII text that compares alike on PostgreSQL and SQLite."""
