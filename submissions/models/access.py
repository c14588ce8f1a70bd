"""Who may correct a profile, and the tokens of partners."""

from django.db import models
from django.utils import timezone

from catalogue.models.cluster import Cluster


class ClusterEditor(models.Model):
    """A person known to speak for a cluster."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="editors")
    email = models.EmailField(help_text="In lower case.")
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, help_text="How we know.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "email"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This address is an editor of the cluster already.",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class PartnerToken(models.Model):
    """The key of a partner's site for sending submissions through the API. Only its hash is stored."""

    partner = models.ForeignKey("consortium.Partner", on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100, help_text="Where it is used, such as the name of the site.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField("begins with", max_length=8, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["partner", "label"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "label"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This partner has a token of that label already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.label}"
