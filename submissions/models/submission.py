"""What clusters send: never the live row."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.models.cluster import Cluster
from submissions.managers import SubmissionQuerySet


class Submission(models.Model):
    """A new cluster, a correction, or the news that a cluster is no more; from the form to the decision.

    Only ``submissions.services`` sets its status; checks and merges write other columns.
    """

    class Kind(models.TextChoices):
        """What it asks for."""

        NEW = "new", "New cluster"
        UPDATE = "update", "Update"
        CLOSURE = "closure", "No longer exists"

    class Channel(models.TextChoices):
        """How it came."""

        FORM = "form", "Web form"
        REMINDER = "reminder", "Answer to a reminder"
        API = "api", "Partner site"
        IMPORT = "import", "Spreadsheet"

    class Status(models.TextChoices):
        """From the draft to the decision. An unconfirmed one without ``submitted_at`` is a draft."""

        UNCONFIRMED = "unconfirmed", "Unconfirmed"
        PENDING = "pending", "Waiting for review"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        APPROVED = "approved", "Approved"
        PARTLY_APPROVED = "partly_approved", "Partly approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Trust(models.TextChoices):
        """Why the sender is trusted, known from the confirmed address."""

        UNKNOWN = "unknown", "Unknown sender"
        DOMAIN = "domain", "Address of the cluster's web domain"
        PUBLIC = "public", "The cluster's public e-mail"
        EDITOR = "editor", "Known editor of the cluster"
        PARTNER = "partner", "Partner site"
        STAFF = "staff", "Staff"

    #: Those that wait for somebody; a cluster may have several.
    OPEN = (Status.PENDING, Status.CHANGES_REQUESTED)
    DECIDED = (Status.APPROVED, Status.PARTLY_APPROVED, Status.REJECTED)

    public_id = models.UUIDField("reference", unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.FORM)
    status = models.CharField(max_length=20, choices=Status, default=Status.UNCONFIRMED)
    version = models.PositiveIntegerField(
        default=1, help_text="Rises with every change; a decision names the one it saw."
    )

    # What it says
    name = models.CharField(max_length=200, help_text="The name proposed, or that of the cluster it is about.")
    country = models.ForeignKey(
        "catalogue.Country", null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    payload = models.JSONField(default=dict, blank=True, help_text="Proposed values by field.")
    base = models.JSONField(default=dict, blank=True, help_text="The cluster's values that it was compared with.")
    logo = models.ImageField(upload_to="submissions/", blank=True)
    criteria = models.JSONField(default=dict, blank=True, help_text="Criteria ticked by the submitter.")
    criteria_evidence = models.URLField(blank=True)
    message = models.TextField("message to the reviewer", blank=True, max_length=2000)
    target = models.ForeignKey(
        Cluster, null=True, blank=True, on_delete=models.PROTECT, related_name="submissions",
        help_text="The cluster that it changes, or that came of it.",
    )  # fmt: skip

    # Who sent it
    submitter_name = models.CharField(max_length=120, blank=True)
    submitter_email = models.EmailField(blank=True)
    submitter_role = models.CharField("role in the cluster", max_length=120, blank=True)
    trust = models.CharField(max_length=10, choices=Trust, default=Trust.UNKNOWN)
    notice = models.ForeignKey(
        "submissions.PrivacyNotice", null=True, blank=True, on_delete=models.PROTECT, related_name="submissions",
        help_text="The text that the submitter agreed to.",
    )  # fmt: skip
    consented_at = models.DateTimeField(null=True, blank=True)
    partner_token = models.ForeignKey(
        "submissions.PartnerToken", null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    # Stored beside the token: keys are the partner's, and a constraint cannot follow the token to it.
    partner = models.ForeignKey(
        "consortium.Partner", null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="submissions",
    )  # fmt: skip
    idempotency_key = models.CharField(max_length=100, blank=True)
    request_digest = models.CharField(max_length=64, blank=True)

    # When
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    left_at = models.CharField(
        "step of the form", max_length=10, blank=True, editable=False,
        help_text="Where a draft goes on when its link is opened; empty for the first step.",
    )  # fmt: skip
    submitted_at = models.DateTimeField(null=True, blank=True)
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField("in the queue since", null=True, blank=True)
    last_move_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField("answered after changes were requested", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    anonymised_at = models.DateTimeField(null=True, blank=True)

    # Review
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_submissions"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    checks = models.JSONField(default=list, blank=True, help_text="Results of automatic checks.")
    checked_at = models.DateTimeField(null=True, blank=True)
    asked_fields = models.JSONField(default=list, blank=True, help_text="Fields to be changed by the submitter.")
    asked_text = models.TextField(blank=True)
    decisions = models.JSONField(default=dict, blank=True, help_text="Decision, reason and edited value by field.")
    decided_against = models.JSONField(
        default=dict, blank=True, help_text="What the live row said in the proposed fields at the decision."
    )
    reason = models.TextField(blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviewed_submissions"
    )

    links = GenericRelation("publicforms.LinkToken")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "confirmed_at"], name="submission_queue"),
            models.Index(fields=["target", "status"], name="submission_of_cluster"),
            models.Index(fields=["submitter_email"], name="submission_by_address"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "unconfirmed", "pending", "changes_requested", "approved", "partly_approved", "rejected",
                        "withdrawn",
                    ]
                ),
                name="%(app_label)s_%(class)s_status_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["new", "update", "closure"]), name="%(app_label)s_%(class)s_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["form", "reminder", "api", "import"]),
                name="%(app_label)s_%(class)s_channel_known",
            ),
            models.CheckConstraint(
                # A new cluster exists from its approval on; the others are about one that exists.
                condition=Q(kind="new", status__in=["approved", "partly_approved"], target__isnull=False)
                | Q(kind="new", status__in=["unconfirmed", "pending", "changes_requested", "rejected", "withdrawn"],
                    target__isnull=True)
                | Q(kind__in=["update", "closure"], target__isnull=False),
                name="%(app_label)s_%(class)s_target",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["unconfirmed", "withdrawn"])
                | Q(confirmed_at__isnull=False, submitted_at__isnull=False),
                name="%(app_label)s_%(class)s_confirmed_before_review",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["approved", "partly_approved", "rejected"], decided_at__isnull=False)
                | Q(status__in=["unconfirmed", "pending", "changes_requested", "withdrawn"], decided_at__isnull=True),
                name="%(app_label)s_%(class)s_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(reason=""), name="%(app_label)s_%(class)s_rejected_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="changes_requested") | ~Q(asked_text=""),
                name="%(app_label)s_%(class)s_changes_said",
            ),
            models.UniqueConstraint(
                fields=["partner", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="%(app_label)s_%(class)s_once_per_key",
            ),
            models.CheckConstraint(
                # Rows without a partner would be unique with any key.
                condition=Q(idempotency_key="") | Q(partner__isnull=False),
                name="%(app_label)s_%(class)s_key_of_partner",
            ),
        ]  # fmt: skip
        permissions = [("review_submission", "Can review submissions")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    @property
    def is_draft(self) -> bool:
        """Whether it was not sent yet."""
        return self.status == self.Status.UNCONFIRMED and self.submitted_at is None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in self.OPEN

    @property
    def is_decided(self) -> bool:
        """Whether a reviewer decided."""
        return self.status in self.DECIDED

    @property
    def about(self) -> str:
        """How mails refer to it."""
        return f"submissions.submission:{self.public_id}"


class SubmissionEvent(models.Model):
    """One thing that happened to a submission. Rows are added; afterwards retention alone empties them."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=30)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["submission", "at"], name="submission_events")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
