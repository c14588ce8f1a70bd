"""The links that are in mailboxes."""

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from publicforms import purposes


class LinkToken(models.Model):
    """A link in somebody's mailbox. The address of the link is the signed id; the row says what it is for.

    ``purpose`` names a registered :class:`~publicforms.purposes.Purpose`. A model that links are about has a
    ``GenericRelation`` to this one, so that they are deleted with their subject.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=purposes.MAX_NAME)
    # The index of both columns below serves this one too.
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+", db_index=False)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("content_type", "object_id")
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["expires_at"], name="publicforms_link_expiry"),
            models.Index(fields=["content_type", "object_id"], name="publicforms_link_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(purpose=""), name="%(app_label)s_%(class)s_with_purpose"),
        ]

    def __str__(self) -> str:
        purpose = purposes.find(self.purpose)
        return f"link to {purpose.label if purpose else self.purpose}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= timezone.now()
