"""The log of merged clusters."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.models import Cluster


class ClusterMerge(models.Model):
    """Two clusters that became one, with all that was moved, so that it can be undone.

    ``before`` holds the target under :data:`~duplicates.merging.snapshots.TARGET`, the source under ``SOURCE``, and both afterwards under "after".
    """

    target = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="merges")
    source = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="merged_into")
    moved = models.JSONField(default=list, help_text="What moved: provider, record and former owner.")
    before = models.JSONField(default=dict, help_text="State of both clusters before.")
    after = models.CharField(
        max_length=64, blank=True, help_text="Fingerprint of the result; a changed one cannot be undone."
    )
    reason = models.TextField(blank=True)
    merged_by = models.ForeignKey("auth.User", null=True, on_delete=models.SET_NULL, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "merge"
        ordering = ["-merged_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(target=models.F("source")), name="%(app_label)s_%(class)s_two_clusters"
            ),
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at=None), name="%(app_label)s_%(class)s_source_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} into {self.target}"
