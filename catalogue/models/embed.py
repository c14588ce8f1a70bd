"""Which other sites may show the catalogue in a frame."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?")


def validate_origin(value: str) -> None:
    """Refuse what is no origin: scheme and host, without a path."""
    if not _ORIGIN.fullmatch(value):
        raise ValidationError(
            "Give only scheme and host in small letters, such as https://partner.example.", code="origin"
        )


class EmbedOrigin(models.Model):
    """A site that may show filtered lists in a frame."""

    origin = models.CharField(
        max_length=200,
        unique=True,
        validators=[validate_origin],
        help_text="Scheme and host, such as https://partner.example.",
    )
    note = models.CharField(max_length=200, blank=True, help_text="Whose site it is, and who asked.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["origin"]
        verbose_name = "site allowed to embed"
        verbose_name_plural = "sites allowed to embed"

    def __str__(self) -> str:
        return self.origin
