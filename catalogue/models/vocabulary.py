"""Controlled vocabularies."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from catalogue.models.naming import SortedByName


class Term(SortedByName):
    """An entry of a controlled vocabulary, such as the vertical "Health"."""

    class Vocabulary(models.TextChoices):
        """The vocabularies; the values are the names of filters and API fields."""

        VERTICAL = "vertical", "Vertical"
        SECTOR = "sector", "Sector"
        EMERGING_INDUSTRY = "emerging_industry", "Emerging industry"
        TECHNOLOGY_FIELD = "technology_field", "Technology field"
        S3_PRIORITY = "s3_priority", "S3 priority"

    vocabulary = models.CharField(max_length=20, choices=Vocabulary)
    name = models.CharField(max_length=150)
    slug = models.SlugField(max_length=150, help_text="Used in the address of filtered lists.")
    other_names = models.CharField(
        max_length=250, blank=True, help_text="Other words that people search for, separated by semicolons."
    )

    history = HistoricalRecords(excluded_fields=["sort_name"])

    class Meta:
        ordering = ["vocabulary", "sort_name", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["vocabulary", "slug"],
                name="%(app_label)s_%(class)s_unique_slug",
                violation_error_message="This vocabulary has a term with that slug already.",
            ),
            models.UniqueConstraint(
                fields=["vocabulary", "name"],
                name="%(app_label)s_%(class)s_unique_name",
                violation_error_message="This vocabulary has that term already.",
            ),
            models.CheckConstraint(
                condition=Q(
                    vocabulary__in=[
                        "vertical",
                        "sector",
                        "emerging_industry",
                        "technology_field",
                        "s3_priority",
                    ]
                ),
                name="%(app_label)s_%(class)s_vocabulary_known",
            ),
            models.CheckConstraint(condition=~Q(slug=""), name="%(app_label)s_%(class)s_slug_given"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the list of clusters with this term."""
        return f"{reverse('catalogue:cluster_list')}?{self.vocabulary}={self.slug}"
