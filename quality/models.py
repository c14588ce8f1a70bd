"""Findings about clusters' data, and asking clusters whether their profile is still right."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from catalogue.models.cluster import Cluster
from submissions.models.submission import Submission


class QualityFinding(models.Model):
    """Something that is not well with a cluster's data. A nightly job opens and closes findings."""

    class Kind(models.TextChoices):
        """What is the matter."""

        DEAD_WEBSITE = "dead_website", "Website does not answer"
        MISSING_MEMBERS = "missing_members", "Number of members missing"
        NO_CONTACT = "no_contact", "No contact"
        OLD_CONFIRMATION = "old_confirmation", "Not confirmed within a year"
        MISSING_PLACE = "missing_place", "Place missing"
        LABEL_EXPIRED = "label_expired", "Quality label expired"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When the job last found it.")
    closed_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=1, help_text="How many runs in a row found it.")

    class Meta:
        verbose_name = "finding"
        ordering = ["cluster", "kind", "-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "kind"], condition=Q(closed_at=None), name="%(app_label)s_%(class)s_open_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "dead_website", "missing_members", "no_contact", "old_confirmation", "missing_place",
                        "label_expired",
                    ]
                ),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.cluster}: {self.get_kind_display()}"


class FindingsRun(models.Model):
    """When the data of all published clusters was last checked for findings: one row, missing before the first run."""

    finished_at = models.DateTimeField()

    class Meta:
        verbose_name = "findings run"
        verbose_name_plural = "findings runs"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="%(app_label)s_%(class)s_single")]

    def __str__(self) -> str:
        return f"{self.finished_at:%Y-%m-%d %H:%M}"


class WebsiteCheck(models.Model):
    """What came of asking for a cluster's website, day by day; findings are made of several days."""

    class Outcome(models.TextChoices):
        """What the last attempt gave."""

        UP = "up", "answers"
        ERROR = "error", "answers with an error"
        DOWN = "down", "does not answer"
        UNCHECKED = "unchecked", "cannot be checked"

    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="website_check")
    url = models.URLField("website that was asked")
    checked_on = models.DateField(help_text="The day of the last attempt.")
    outcome = models.CharField(max_length=10, choices=Outcome)
    error = models.CharField(max_length=200, blank=True)
    is_counted = models.BooleanField(default=False, help_text="Whether this day counts already.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="On how many days in a row it failed.")

    class Meta:
        ordering = ["cluster"]
        indexes = [models.Index(fields=["checked_on", "is_counted"], name="website_check_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["up", "error", "down", "unchecked"]),
                name="%(app_label)s_%(class)s_outcome_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.url} {self.get_outcome_display()}"


class FreshnessPlan(models.Model):
    """How the portal asks whether profiles are still right: one row that staff changes."""

    is_on = models.BooleanField("ask clusters by mail", default=True)
    cap = models.PositiveSmallIntegerField(
        "mails per day", default=20, help_text="At most so many by the scheduled job; the oldest profiles first."
    )
    ask_after_days = models.PositiveSmallIntegerField(
        "ask after (days)", default=365, help_text="Since the profile was last confirmed."
    )
    again_after_days = models.PositiveSmallIntegerField(
        "ask again after (days)", default=60, help_text="If nobody answered."
    )
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_run_sent = models.PositiveIntegerField(default=0, editable=False)

    history = HistoricalRecords(excluded_fields=["last_run_at", "last_run_sent"])

    class Meta:
        verbose_name = "freshness plan"
        verbose_name_plural = "freshness plan"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="%(app_label)s_%(class)s_single")]

    def __str__(self) -> str:
        return "Freshness plan"

    @classmethod
    def current(cls) -> "FreshnessPlan":
        """Return the plan, or one with default values before it was first saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class FreshnessRequest(models.Model):
    """One time that a cluster was asked."""

    class Answer(models.TextChoices):
        """What came back."""

        NONE = "", "No answer yet"
        CORRECT = "correct", "Still correct"
        EDIT = "edit", "Wants to correct it"
        CLOSED = "closed", "No longer exists"

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="freshness_requests")
    email = models.EmailField()
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    link = models.OneToOneField(
        "publicforms.LinkToken", null=True, blank=True, on_delete=models.SET_NULL, related_name="freshness"
    )
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.ForeignKey(
        "auth.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Who asked by hand; empty for the scheduled job.",
    )  # fmt: skip

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["cluster", "asked_at"], name="freshness_last_asked")]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | Q(answer__in=["correct", "edit", "closed"], answered_at__isnull=False),
                name="%(app_label)s_%(class)s_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster} {self.asked_at:%Y-%m-%d}"
