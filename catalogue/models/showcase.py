"""What a cluster shows beside its profile: its showcase and its social links."""

from django.db import models
from django.db.models import Q

from catalogue.models.cluster import Cluster


class ShowcaseItem(models.Model):
    """An event, project or initiative that a cluster shows on its profile."""

    class Kind(models.TextChoices):
        """What is shown."""

        EVENT = "event", "Event"
        PROJECT = "project", "Project"
        INITIATIVE = "initiative", "Initiative"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="showcase_items")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=200)
    url = models.URLField("link", blank=True)
    date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["kind", models.F("date").desc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["event", "project", "initiative"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
            models.UniqueConstraint(fields=["cluster", "kind", "title"], name="%(app_label)s_%(class)s_unique_title"),
        ]

    def __str__(self) -> str:
        return self.title


class SocialLink(models.Model):
    """A cluster's page on a social network."""

    class Kind(models.TextChoices):
        """The social networks whose name is shown."""

        LINKEDIN = "linkedin", "LinkedIn"
        MASTODON = "mastodon", "Mastodon"
        BLUESKY = "bluesky", "Bluesky"
        X = "x", "X"
        YOUTUBE = "youtube", "YouTube"
        FACEBOOK = "facebook", "Facebook"
        INSTAGRAM = "instagram", "Instagram"
        OTHER = "other", "Other"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="social_links")
    kind = models.CharField(max_length=20, choices=Kind)
    url = models.URLField("address")

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "url"], name="%(app_label)s_%(class)s_unique_url"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "linkedin",
                        "mastodon",
                        "bluesky",
                        "x",
                        "youtube",
                        "facebook",
                        "instagram",
                        "other",
                    ]
                ),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.url
