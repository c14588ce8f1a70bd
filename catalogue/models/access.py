"""Who may correct a profile, and the links and tokens that prove it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.models.cluster import Cluster
from catalogue.models.submission import Submission


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


class LinkToken(models.Model):
    """A link in somebody's mailbox. The address of the link is the signed id; the row says what it is for."""

    class Purpose(models.TextChoices):
        """What the link does. The first four are spent by use."""

        CONFIRM = "confirm", "confirm a submission"
        EDIT = "edit", "correct a profile"
        RESUME = "resume", "go on with a draft"
        FRESHNESS = "freshness", "answer whether a profile is still right"
        DRAFT = "draft", "fill in the form"
        STATUS = "status", "see how a submission stands"

    SINGLE_USE = (Purpose.CONFIRM, Purpose.EDIT, Purpose.RESUME, Purpose.FRESHNESS)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose)
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.CASCADE, related_name="links")
    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.CASCADE, related_name="links")
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["expires_at"], name="link_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["confirm", "edit", "resume", "freshness", "draft", "status"]),
                name="%(app_label)s_%(class)s_purpose_known",
            ),
            models.CheckConstraint(
                condition=Q(submission__isnull=False) | Q(cluster__isnull=False), name="%(app_label)s_%(class)s_about"
            ),
        ]

    def __str__(self) -> str:
        return f"link to {self.get_purpose_display()}"

    @property
    def is_single_use(self) -> bool:
        """Whether using it once spends it."""
        return self.purpose in self.SINGLE_USE

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= timezone.now()


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
