"""The results of nightly jobs."""

from django.db import models
from django.db.models import Q


class NightlyRun(models.Model):
    """The last run of a nightly job: one row a job."""

    name = models.CharField("job", max_length=60, unique=True)
    finished_at = models.DateTimeField("last run")
    count = models.PositiveIntegerField("rows finished")
    failed = models.PositiveIntegerField("rows failed")
    problem = models.TextField(
        blank=True, help_text="The first rows that failed, with the kind of error; the log says more about each."
    )

    class Meta:
        ordering = ["-failed", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(failed=0, problem="") | (Q(failed__gt=0) & ~Q(problem="")),
                name="%(app_label)s_%(class)s_problem_named",
            ),
        ]

    def __str__(self) -> str:
        return self.name
