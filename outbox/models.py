"""Mails, what happened to them, whom not to write to, how the server does, and staff's own texts."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from outbox.kinds import Lane, mail_kinds

#: What a page shows in place of a secret value.
NOT_SHOWN = "[link, not shown]"


class Message(models.Model):
    """One mail to one address, from the moment it is decided until its outcome is known.

    ``attempt`` counts how often a worker took the row; together with ``claimed_by`` it shows a worker whether
    the row is still its own. ``tries`` counts only those attempts that the backoff goes by.
    """

    class Status(models.TextChoices):
        """The states; ``docs/mail.md`` draws the ways between them."""

        QUEUED = "queued", "waiting"
        CLAIMED = "claimed", "taken by a worker"
        SENDING = "sending", "being sent"
        ACCEPTED = "accepted", "accepted by the server"
        DEFERRED = "deferred", "to be tried again"
        REJECTED = "rejected", "refused by the server"
        FAILED = "failed", "given up"
        UNCERTAIN = "uncertain", "outcome unknown"
        SKIPPED = "skipped", "not sent"

    class Reason(models.TextChoices):
        """Why a mail was not sent."""

        CANCELLED = "cancelled", "Cancelled."
        SUPPRESSED = "suppressed", "The address is suppressed. Lift the suppression first, if it is wrong."
        NOT_ALLOWED = (
            "not allowed",
            "MAIL_ALLOWED does not name this address. Add it, its @domain or * to that setting, then send again.",
        )

    class Via(models.TextChoices):
        """How the mail left: a file can be written twice without harm."""

        FILE = "file", "file"
        SMTP = "smtp", "SMTP"

    OPEN = (Status.QUEUED, Status.CLAIMED, Status.SENDING, Status.DEFERRED)
    #: Nothing more will happen by itself, and the secret values are erased.
    CLOSED = (Status.ACCEPTED, Status.REJECTED, Status.FAILED, Status.SKIPPED)
    CANCELLABLE = (Status.QUEUED, Status.CLAIMED, Status.DEFERRED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=80)
    lane = models.CharField(max_length=20, choices=Lane.choices, default=Lane.TRANSACTIONAL)
    about = models.CharField(max_length=200, blank=True, db_index=True)
    recipient = models.CharField(max_length=254, db_index=True)
    recipient_name = models.CharField(max_length=100, blank=True)
    sender_email = models.CharField("sender address", max_length=254)
    sender_name = models.CharField(max_length=100, blank=True)
    reply_to = models.CharField("answers to", max_length=254, blank=True)
    subject = models.CharField(max_length=250)
    body_text = models.TextField("text")
    body_html = models.TextField("HTML", blank=True)
    headers = models.JSONField(default=dict, blank=True)
    secrets = models.JSONField(null=True, blank=True, editable=False)
    message_id = models.CharField("Message-ID", max_length=320, editable=False)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUEUED)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    due_at = models.DateTimeField("due", default=timezone.now)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    first_try_at = models.DateTimeField("first try", null=True, blank=True)
    claimed_by = models.CharField("worker", max_length=100, blank=True)
    lease_until = models.DateTimeField("taken until", null=True, blank=True)
    intent_at = models.DateTimeField("last try", null=True, blank=True)
    outcome_at = models.DateTimeField("outcome", null=True, blank=True)
    via = models.CharField(max_length=10, choices=Via.choices, blank=True)
    smtp_code = models.PositiveSmallIntegerField("code", null=True, blank=True)
    smtp_text = models.CharField("answer of the server", max_length=500, blank=True)
    created_at = models.DateTimeField("written", default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "mail"
        default_permissions = ("view",)
        permissions = [("resend_message", "Can send mails again, settle uncertain ones and stop waiting ones")]
        indexes = [
            models.Index(fields=["lane", "due_at", "id"], name="outbox_message_waiting", condition=Q(status="queued")),
            models.Index(
                fields=["status", "lease_until"],
                name="outbox_message_taken",
                condition=Q(status__in=["claimed", "sending"]),
            ),
            models.Index(fields=["due_at"], name="outbox_message_deferred", condition=Q(status="deferred")),
            models.Index(
                fields=["status", "outcome_at"],
                name="outbox_message_unsettled",
                condition=Q(status__in=["uncertain", "failed", "rejected"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[
                    "queued", "claimed", "sending", "accepted", "deferred", "rejected", "failed", "uncertain", "skipped",
                ]),
                name="%(app_label)s_%(class)s_status_known",
            ),
            models.CheckConstraint(
                condition=Q(lane__in=["transactional", "bulk"]), name="%(app_label)s_%(class)s_lane_known"
            ),
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(kind="") & ~Q(recipient="") & ~Q(sender_email="") & ~Q(subject=""),
                name="%(app_label)s_%(class)s_complete",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["claimed", "sending"], lease_until__isnull=False) & ~Q(claimed_by="")
                | ~Q(status__in=["claimed", "sending"]) & Q(lease_until__isnull=True),
                name="%(app_label)s_%(class)s_taken_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(intent_at__isnull=False) & ~Q(via=""),
                name="%(app_label)s_%(class)s_sending_has_intent",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["accepted", "rejected", "failed", "uncertain", "skipped"], outcome_at__isnull=False
                )
                | Q(status__in=["queued", "claimed", "sending", "deferred"], outcome_at__isnull=True),
                name="%(app_label)s_%(class)s_settled_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(status="skipped") & Q(reason__in=["cancelled", "suppressed", "not allowed"])
                | ~Q(status="skipped") & Q(reason=""),
                name="%(app_label)s_%(class)s_skipped_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "rejected", "failed", "skipped"]) | Q(secrets__isnull=True),
                name="%(app_label)s_%(class)s_closed_has_no_secrets",
            ),
            models.CheckConstraint(
                condition=Q(smtp_code__isnull=True) | Q(smtp_code__gte=200, smtp_code__lte=599),
                name="%(app_label)s_%(class)s_code_of_smtp",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind_label} to {self.recipient}"

    @property
    def kind_label(self) -> str:
        """Return what staff calls this kind of mail."""
        kind = mail_kinds.get(self.kind)
        return kind.title if kind else self.kind.replace("_", " ").capitalize()

    @property
    def is_in_file(self) -> bool:
        """Return whether it was written into a file, where no server ever saw it."""
        return self.status == self.Status.ACCEPTED and self.via == self.Via.FILE

    @property
    def status_label(self) -> str:
        """Return the status as staff reads it."""
        return "written to a file" if self.is_in_file else self.get_status_display()


class MessageEvent(models.Model):
    """One change of a mail's state. Rows are added; afterwards only their note is emptied, with the mail."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=20, choices=Message.Status.choices)
    attempt = models.PositiveIntegerField(default=0)
    actor = models.CharField(max_length=150)
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_status_display()} ({self.actor})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row. Raises TypeError for an old one: a queryset alone can empty it."""
        if self.pk is not None:
            raise TypeError("What happened to a mail is not rewritten.")
        super().save(*args, **kwargs)


class Suppression(models.Model):
    """An address that gets no mail: none at all, or none to many if its owner only asked for that."""

    class Reason(models.TextChoices):
        """Why."""

        BOUNCED = "bounced", "the server says there is no such mailbox"
        COMPLAINED = "complained", "complained about our mail"
        OPTED_OUT = "opted out", "wants no mail that goes to many"
        STAFF = "staff", "decided by staff"

    address = models.CharField(max_length=254, unique=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True, help_text="What a colleague should know in a year.")
    created_at = models.DateTimeField("since", default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    lifted_at = models.DateTimeField("lifted", null=True, blank=True, editable=False)
    lifted_by = models.CharField(max_length=150, blank=True, editable=False)
    lifted_because = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "suppressed address"
        verbose_name_plural = "suppressed addresses"
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["bounced", "complained", "opted out", "staff"]),
                name="%(app_label)s_%(class)s_reason_known",
            ),
            models.CheckConstraint(condition=~Q(address=""), name="%(app_label)s_%(class)s_address_given"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_because="")
                | Q(lifted_at__isnull=False) & ~Q(lifted_because=""),
                name="%(app_label)s_%(class)s_lifted_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class ServerState(models.Model):
    """How the mail server does: paused after errors, slowed on its request, and the tokens of its rate.

    A row, so that all workers on all hosts share it and a restart forgets nothing.
    """

    name = models.CharField(max_length=40, unique=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    errors = models.PositiveIntegerField("errors in a row", default=0)
    refusals = models.PositiveIntegerField("refused mails in a row", default=0)
    slowness = models.PositiveSmallIntegerField(default=0)
    slowed_at = models.DateTimeField(null=True, blank=True)
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "state of the mail server"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(tokens__gte=0), name="%(app_label)s_%(class)s_tokens_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Wording(models.Model):
    """Staff's own text for a kind of mail; without a row the kind's own files are sent."""

    kind = models.CharField(max_length=80, unique=True, editable=False)
    subject = models.CharField(max_length=200)
    body_text = models.TextField("text")
    body_html = models.TextField(
        "HTML", blank=True, help_text="The content of the page. Left empty, it is made from the text."
    )
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    history = HistoricalRecords(excluded_fields=["updated_by"])

    class Meta:
        ordering = ["kind"]
        default_permissions = ("change", "view")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="") & ~Q(subject="") & ~Q(body_text=""), name="%(app_label)s_%(class)s_complete"
            ),
        ]

    def __str__(self) -> str:
        return self.kind.replace("_", " ").capitalize()
