"""What staff writes for the public form and for answers."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords


class SubmissionPolicy(models.Model):
    """How the portal takes submissions: one row that staff changes."""

    is_open = models.BooleanField("take submissions", default=True)
    closed_text = models.TextField(blank=True, help_text="Shown instead of the form while it is closed.")
    needs_challenge = models.BooleanField(
        "ask browsers for a proof of work",
        default=False,
        help_text="Against floods of spam; takes visitors some seconds.",
    )
    minimum_seconds = models.PositiveSmallIntegerField(
        "minimum time (seconds)", default=3, help_text="A form filled in faster than this was filled in by a program."
    )
    keep_rejected_days = models.PositiveSmallIntegerField("keep personal data of rejected ones (days)", default=180)
    keep_approved_days = models.PositiveSmallIntegerField(
        "keep personal data of approved ones (days)", default=730,
        help_text="Since the decision. The submitter's page ends with it.",
    )  # fmt: skip
    keep_links_days = models.PositiveSmallIntegerField(
        "keep links that do not work any more (days)", default=30,
        help_text="Used or too old, with the mails that hold them. As long as they are kept, they offer a new one.",
    )  # fmt: skip
    keep_files_days = models.PositiveSmallIntegerField(
        "keep spreadsheets (days)", default=90,
        help_text="After the last step of their import: then the file and the contents of its rows are deleted.",
    )  # fmt: skip
    review_days = models.PositiveSmallIntegerField(
        "usual review time (days)", default=10, help_text="Shown to submitters until there are figures of our own."
    )
    sends_digest = models.BooleanField("daily digest to reviewers", default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "submission settings"
        verbose_name_plural = "submission settings"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="%(app_label)s_%(class)s_single")]

    def __str__(self) -> str:
        return "Submission settings"

    @classmethod
    def current(cls) -> "SubmissionPolicy":
        """Return the settings, or default ones before they were first saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def lock(cls) -> None:
        """Let one transaction at a time go on from here, until it ends."""
        if cls.objects.select_for_update().filter(pk=1).first() is None:
            cls.objects.get_or_create(pk=1)
            cls.objects.select_for_update().get(pk=1)


class FieldHelp(models.Model):
    """Staff's own help text for a field of the form."""

    field = models.CharField(max_length=40, unique=True)
    help = models.TextField(blank=True, max_length=500)
    example = models.CharField(max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["field"]
        verbose_name = "help text of the form"
        verbose_name_plural = "help texts of the form"
        constraints = [models.CheckConstraint(condition=~Q(field=""), name="%(app_label)s_%(class)s_field_given")]

    def __str__(self) -> str:
        return self.field


class CannedReason(models.Model):
    """A reason that reviewers give often."""

    class Use(models.TextChoices):
        """Where it is offered."""

        REJECT = "reject", "Reject a submission"
        REFUSE = "refuse", "Refuse a field"
        CHANGES = "changes", "Ask for changes"

    use = models.CharField(max_length=10, choices=Use)
    title = models.CharField(max_length=80)
    text = models.TextField(max_length=1000)
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["use", "position", "title"]
        constraints = [
            models.UniqueConstraint(
                fields=["use", "title"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="There is a reason of that title already.",
            ),
            models.CheckConstraint(
                condition=Q(use__in=["reject", "refuse", "changes"]), name="%(app_label)s_%(class)s_use_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PrivacyNotice(models.Model):
    """A version of the text that submitters agree to. The workplace changes none in use; a new one follows it."""

    version = models.CharField(max_length=20, unique=True)
    text = models.TextField(help_text="Markdown.")
    in_force_from = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-in_force_from"]
        constraints = [
            models.CheckConstraint(condition=~Q(version="") & ~Q(text=""), name="%(app_label)s_%(class)s_given")
        ]

    def __str__(self) -> str:
        return self.version

    @classmethod
    def current(cls) -> "PrivacyNotice | None":
        """Return the version in force now."""
        return cls.objects.filter(in_force_from__lte=timezone.now()).order_by("-in_force_from", "-pk").first()
