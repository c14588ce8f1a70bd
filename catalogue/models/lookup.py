"""How clusters are found again: their earlier addresses, and the words of their search texts."""

from django.db import models
from django.db.models import Q

from catalogue.fields import BinaryCharField


class OldSlug(models.Model):
    """A former address of a cluster, which leads to its present one for ever."""

    slug = models.SlugField(max_length=120, unique=True)
    cluster = models.ForeignKey("catalogue.Cluster", on_delete=models.CASCADE, related_name="old_slugs")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class SearchWord(models.Model):
    """A word of some cluster's search text, for finding what a misspelt word may mean.

    A word may outlive the last cluster that had it; search checks each candidate against the clusters
    that the reader may see, so neither old words nor those of unpublished clusters are ever shown.
    """

    MIN_LENGTH = 5
    MAX_LENGTH = 60

    word = BinaryCharField(max_length=MAX_LENGTH, primary_key=True)
    length = models.PositiveSmallIntegerField(db_index=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(length__gte=5), name="%(app_label)s_%(class)s_long_enough")]

    def __str__(self) -> str:
        return self.word

    @classmethod
    def remember(cls, *lines: str) -> None:
        """Store the words of search texts that are long enough to be forgiven a typo."""
        new = {word for line in lines for word in line.split() if cls.MIN_LENGTH <= len(word) <= cls.MAX_LENGTH}
        SearchWord.objects.bulk_create(
            [SearchWord(word=word, length=len(word)) for word in sorted(new)], ignore_conflicts=True, batch_size=400
        )
