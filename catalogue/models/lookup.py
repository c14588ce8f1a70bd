"""How clusters are found again under their earlier addresses."""

from django.db import models


class OldSlug(models.Model):
    """A former address of a cluster, which leads to its present one for ever."""

    slug = models.SlugField(max_length=120, unique=True)
    cluster = models.ForeignKey("catalogue.Cluster", on_delete=models.CASCADE, related_name="old_slugs")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
