"""Networks of clusters."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from catalogue.managers import NetworkQuerySet
from catalogue.models.naming import SortedByName
from catalogue.validators import validate_slug_not_reserved


class Network(SortedByName):
    """An umbrella of clusters, with one of them as facilitator towards the consortium."""

    name = models.CharField(max_length=150, unique=True)
    slug = models.SlugField(max_length=150, unique=True, validators=[validate_slug_not_reserved])
    description = models.TextField(
        blank=True,
        help_text="Markdown. It may name organisations that are not published; pages never link or count them.",
    )
    website = models.URLField(blank=True)
    stated_members = models.PositiveIntegerField(
        "members by its own statement",
        null=True,
        blank=True,
        help_text="How many clusters the network says it has.",
    )
    clusters = models.ManyToManyField("catalogue.Cluster", blank=True, related_name="networks")
    facilitator = models.ForeignKey(
        "catalogue.Cluster",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="facilitated_networks",
        help_text="The cluster through which the consortium reaches the network.",
    )
    note = models.TextField(blank=True, help_text="For staff only, for example what the sources contradict.")

    history = HistoricalRecords(excluded_fields=["sort_name"], m2m_fields=[clusters])
    objects = NetworkQuerySet.as_manager()

    class Meta:
        ordering = ["sort_name", "slug"]
        constraints = [models.CheckConstraint(condition=~Q(slug=""), name="%(app_label)s_%(class)s_slug_given")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the network's page."""
        return reverse("catalogue:network_detail", args=[self.slug])
