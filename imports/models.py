"""Spreadsheets that become submissions."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.models.cluster import Cluster
from submissions.models.submission import Submission


class SpreadsheetImport(models.Model):
    """One uploaded spreadsheet on its way to submissions. The row is the job: a worker that was killed goes on here."""

    class Status(models.TextChoices):
        """What is being done with it, or was done last."""

        READING = "reading", "Being read"
        UPLOADED = "uploaded", "Waiting for its columns"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked, nothing proposed yet"
        PROPOSING = "proposing", "Becoming submissions"
        PROPOSED = "proposed", "Proposed"
        FAILED = "failed", "Failed"
        APPROVING = "approving", "Being approved"
        CANCELLING = "cancelling", "Being taken back"
        CANCELLED = "cancelled", "Cancelled"

    #: Those in which a worker has something to do.
    WORKING = (Status.READING, Status.CHECKING, Status.PROPOSING, Status.APPROVING, Status.CANCELLING)

    public_id = models.UUIDField("reference", unique=True, default=uuid.uuid4, editable=False)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=200)
    sheet = models.CharField(max_length=100, blank=True)
    encoding = models.CharField(max_length=30, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    header_line = models.PositiveIntegerField(default=1, help_text="Line of the headings, counted from 1.")
    requested_layout = models.JSONField(
        default=dict, blank=True,
        help_text="How staff wants the file to be read: encoding, separator, sheet, line of headings. The rest is guessed.",
    )  # fmt: skip
    preview = models.JSONField(
        default=dict, blank=True,
        help_text="What the worker found: first rows, sheets, warnings, and letters in each encoding. Empty until it was read.",
    )  # fmt: skip
    headers = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(default=dict, blank=True, help_text="Field by number of the column, from 0.")
    fills_only = models.BooleanField(
        default=False, help_text="What a profile says already stays; gaps are filled, lists are added to."
    )
    empty_deletes = models.BooleanField(default=False, help_text="An empty cell of a row with an id empties the field.")
    terms = models.JSONField(
        default=list, blank=True,
        help_text="What staff said about unknown terms: field, text, country, and the value that is meant, if any.",
    )  # fmt: skip
    status = models.CharField(max_length=10, choices=Status, default=Status.READING)
    problem = models.TextField(blank=True, help_text="Why it failed.")
    stopped_in = models.CharField(
        max_length=10, choices=Status, blank=True, help_text="What it was doing when it failed."
    )
    rows_total = models.PositiveIntegerField(
        default=0, help_text="Rows of the work in hand; an estimate while checking."
    )
    rows_done = models.PositiveIntegerField(default=0)
    rows_blank = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0, help_text="Line up to which the work in hand is done.")
    counts = models.JSONField(default=dict, blank=True, help_text="Number of rows by outcome.")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="A worker has it until then.")
    claimed_by = models.CharField(max_length=40, blank=True, help_text="The worker that has it.")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Who approved all of it at once.",
    )  # fmt: skip
    needs_approver = models.BooleanField(
        default=False, help_text="Somebody of staff approves; the data that the portal comes with needs nobody."
    )
    publishes_new = models.BooleanField(default=False, help_text="New clusters become public when approved at once.")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "import"
        permissions = [("approve_import", "Can approve a whole import at once")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "reading", "uploaded", "checking", "checked", "proposing", "proposed", "failed", "cancelled",
                        "approving", "cancelling",
                    ]
                ),
                name="%(app_label)s_%(class)s_status_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        """Whether a worker has something to do with it."""
        return self.status in self.WORKING

    @property
    def percent(self) -> int:
        """How much of the work in hand is done, 0 to 100."""
        return min(100, 100 * self.rows_done // self.rows_total) if self.rows_total else 0


class ImportRow(models.Model):
    """One row of a spreadsheet with what the check found."""

    class Outcome(models.TextChoices):
        """What the row is."""

        NEW = "new", "New"
        UPDATE = "update", "Update"
        UNCHANGED = "unchanged", "Unchanged"
        DUPLICATE = "duplicate", "Possible duplicate"
        PROPOSED = "proposed", "Already proposed"
        ERROR = "error", "Error"

    spreadsheet = models.ForeignKey(SpreadsheetImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Line of the file, counted as the spreadsheet program does.")
    values = models.JSONField(default=dict, help_text="Values by field, as read.")
    outcome = models.CharField(max_length=10, choices=Outcome)
    messages = models.JSONField(default=dict, blank=True, help_text="What is wrong, by field.")
    notes = models.JSONField(default=list, blank=True, help_text="What staff should know of it, beside mistakes.")
    unknown = models.JSONField(
        default=list, blank=True, help_text="Terms, places and networks that nobody knows: field, text and country."
    )
    changes = models.JSONField(default=dict, blank=True, help_text="Fields that differ: before and after.")
    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    score = models.FloatField(null=True, blank=True)
    matches = models.JSONField(
        default=list, blank=True,
        help_text="Clusters and waiting submissions that it may be: key, name, score and reasons of each.",
    )  # fmt: skip
    decision = models.CharField(
        max_length=10, blank=True, help_text="What staff said about a possible duplicate: new, update or skip."
    )
    takes_name = models.BooleanField(
        default=False, help_text="The cluster that it resembles takes the name of the row too."
    )
    submission = models.OneToOneField(
        Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="import_row"
    )

    class Meta:
        ordering = ["spreadsheet", "number"]
        indexes = [models.Index(fields=["spreadsheet", "outcome", "number"], name="import_row_outcome")]
        constraints = [
            models.UniqueConstraint(fields=["spreadsheet", "number"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["new", "update", "unchanged", "duplicate", "proposed", "error"]),
                name="%(app_label)s_%(class)s_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "new", "update", "skip"]), name="%(app_label)s_%(class)s_decision_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spreadsheet}, line {self.number}"

    @property
    def shown_name(self) -> str:
        """The name in the row, else that of its cluster."""
        return str(self.values.get("name") or (self.cluster.name if self.cluster else ""))


class ColumnMapping(models.Model):
    """What staff said the columns of a kind of spreadsheet mean, remembered for the next one of its kind."""

    signature = models.CharField(max_length=64, unique=True, help_text="Made from the headings.")
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.signature
