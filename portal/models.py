"""When scheduled work was done last."""

from django.db import models
from django.utils import timezone


class TaskRun(models.Model):
    """The last runs of one task of ``CELERY_BEAT_SCHEDULE``, by which the portal sees what is late.

    A table and not the cache: without Redis every process has a cache of its own.
    """

    task = models.CharField(max_length=200, unique=True)
    watched_since = models.DateTimeField(default=timezone.now)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["task"]
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~models.Q(task=""), name="%(app_label)s_%(class)s_task_given")]

    def __str__(self) -> str:
        return self.task
