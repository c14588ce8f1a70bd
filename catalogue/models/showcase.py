"""What a cluster shows beside its profile: its showcase and its social links."""

from django.db import models
from django.db.models import Q

from catalogue.models.cluster import Cluster
from catalogue.partial_dates import DATE_OR_SPAN, partial_date_text, validate_date_or_span


class ShowcaseItem(models.Model):
    """An event, project, initiative, label or further network that a cluster shows on its profile."""

    class Kind(models.TextChoices):
        """What is shown."""

        EVENT = "event", "Event"
        PROJECT = "project", "Project"
        INITIATIVE = "initiative", "Initiative"
        LABEL = "label", "Label"
        NETWORK = "network", "Other network"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="showcase_items")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=200)
    url = models.URLField("link", blank=True)
    date = models.CharField(
        max_length=21, blank=True, default="", validators=[validate_date_or_span],
        help_text="As exact as it is known: 2019, 2019-06, 2019-06-21, or a span 2017-05/2021-04.",
    )  # fmt: skip
    note = models.CharField(max_length=200, blank=True, help_text="Its part in it, such as “Speaker”. Public.")

    class Meta:
        # Without a date last: the empty text is the smallest.
        ordering = ["kind", "-date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["event", "project", "initiative", "label", "network"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(date="") | Q(date__regex=DATE_OR_SPAN), name="%(app_label)s_%(class)s_date_known"
            ),
            models.UniqueConstraint(fields=["cluster", "kind", "title"], name="%(app_label)s_%(class)s_unique_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def date_text(self) -> str:
        """The date as it is read, no more exact than it is known."""
        return partial_date_text(self.date)


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
