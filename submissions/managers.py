"""QuerySets of submissions: what waits for whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from submissions.models import Submission

#: Days after which an unconfirmed submission is deleted (the public form says so).
UNCONFIRMED_DAYS = 14
#: Days in the queue from which a submission counts as late.
LATE_DAYS = 10
#: Minutes for which an opened submission counts as being read.
OPEN_MINUTES = 20


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions."""

    def drafts(self) -> SubmissionQuerySet:
        """Those that were not sent yet."""
        return self.filter(status="unconfirmed", submitted_at=None)

    def sent(self) -> SubmissionQuerySet:
        """All but drafts: these are nobody's business but the submitter's."""
        return self.exclude(status="unconfirmed", submitted_at=None)

    def in_queue(self) -> SubmissionQuerySet:
        """Those that wait for a reviewer, the oldest first."""
        return self.filter(status="pending").order_by("confirmed_at", "pk")

    def open(self) -> SubmissionQuerySet:
        """Those that wait for a reviewer or for the submitter."""
        return self.filter(status__in=["pending", "changes_requested"])

    def decided(self) -> SubmissionQuerySet:
        """Those that a reviewer decided."""
        return self.filter(status__in=["approved", "partly_approved", "rejected"])

    def ahead_of(self, submission: Submission) -> SubmissionQuerySet:
        """Those in the queue before ``submission``."""
        since = submission.confirmed_at
        return self.in_queue().filter(Q(confirmed_at__lt=since) | Q(confirmed_at=since, pk__lt=submission.pk))

    def late(self, now: datetime | None = None) -> SubmissionQuerySet:
        """Those that have waited for ``LATE_DAYS`` or longer."""
        return self.in_queue().filter(confirmed_at__lte=(now or timezone.now()) - timedelta(days=LATE_DAYS))

    def waiting_for(self, user: User) -> SubmissionQuerySet:
        """Those in the queue that ``user`` should look at: assigned to them, or unassigned in their countries.

        Somebody whose partner looks after no country sees everything unassigned.
        """
        return self.in_queue().filter(Q(assigned_to=user) | self._unassigned_for(user))

    def workload(self, user: User) -> dict[str, int]:
        """Return how many wait for review ("pending"), for ``user`` by name ("mine"), for too long ("late")."""
        late = timezone.now() - timedelta(days=LATE_DAYS)
        counts: dict[str, int] = self.filter(status="pending").aggregate(
            pending=models.Count("pk"),
            mine=models.Count("pk", filter=Q(assigned_to=user)),
            late=models.Count("pk", filter=Q(confirmed_at__lte=late)),
        )
        return counts

    def _unassigned_for(self, user: User) -> Q:
        from consortium.models import PartnerCountry

        codes = list(PartnerCountry.objects.filter(partner__users=user).values_list("code", flat=True))
        return Q(assigned_to=None, country__in=codes) if codes else Q(assigned_to=None)

    def unconfirmed_for_too_long(self, now: datetime | None = None) -> SubmissionQuerySet:
        """Those that nobody confirmed, drafts and denied ones too, whose time is over."""
        return self.filter(
            status__in=["unconfirmed", "withdrawn"],
            confirmed_at=None,
            last_move_at__lt=(now or timezone.now()) - timedelta(days=UNCONFIRMED_DAYS),
        )
