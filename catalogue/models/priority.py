"""The rules that explain which clusters should have priority."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from catalogue.models.geography import Country
from catalogue.models.vocabulary import Term


class PriorityRule(models.Model):
    """One rule for priority with the parameters that staff may change.

    The rules come from the D4.5 report (``fixtures/priority_rules.csv``). They explain, staff decides:
    nothing here ever changes ``Cluster.is_priority``.
    """

    class Kind(models.TextChoices):
        """What a rule examines."""

        CORE_ACTIVITY = "core_activity", "core activity"
        LARGE_ICT = "large_ict", "large ICT"
        COLLABORATOR = "collaborator", "collaborator"
        GREECE = "greece", "Greece"
        LOW_H2020 = "low_h2020", "low H2020 participation"

    kind = models.CharField(max_length=20, choices=Kind, unique=True, editable=False)
    description = models.TextField(help_text="The rule in the words of the source.")
    rationale = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    more_than_members = models.PositiveIntegerField(
        null=True, blank=True, help_text="“large ICT” only: the cluster must have more members than this."
    )
    terms = models.ManyToManyField(
        Term,
        blank=True,
        related_name="+",
        help_text="“large ICT” only: the cluster must have one of these terms.",
    )
    countries = models.ManyToManyField(
        Country,
        blank=True,
        related_name="+",
        help_text="Country rules only: the cluster must be in one of these countries.",
    )

    history = HistoricalRecords(m2m_fields=[terms, countries])

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["core_activity", "large_ict", "collaborator", "greece", "low_h2020"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind="large_ict") | Q(more_than_members__isnull=False),
                name="%(app_label)s_%(class)s_threshold_given",
                violation_error_message="The rule “large ICT” needs a number of members.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
