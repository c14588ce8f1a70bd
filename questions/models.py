"""Questions that wait for their confirmation, and that there were some."""

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.models import Cluster


class Question(models.Model):
    """What a visitor asks about a cluster. Once it is passed on, nothing of the visitor is left in it."""

    class To(models.TextChoices):
        """Who gets it."""

        CONSORTIUM = "consortium", "the consortium"
        CLUSTER = "cluster", "the cluster"

    reference = models.UUIDField(unique=True, editable=False)
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="questions")
    to = models.CharField(max_length=10, choices=To)
    text = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    links = GenericRelation("publicforms.LinkToken")

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(to__in=["consortium", "cluster"]), name="%(app_label)s_%(class)s_recipient_known"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) & ~Q(text="") & ~Q(email="")
                | Q(sent_at__isnull=False, text="", email="", name=""),
                name="%(app_label)s_%(class)s_emptied_when_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"question about {self.cluster}"

    @property
    def about(self) -> str:
        """How mails to its sender refer to it."""
        return f"questions.question:{self.reference}"
