"""What records with a name have in common."""

from typing import Any

from django.db import models

from catalogue.fields import BinaryCharField
from catalogue.search.text import sort_key


class SortedByName(models.Model):
    """A record with a ``name`` that sorts alike on every database."""

    sort_name = BinaryCharField(max_length=200, editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the record with its sort key."""
        self.sort_name = sort_key(str(self.name))  # type: ignore[attr-defined]
        super().save(*args, **kwargs)
