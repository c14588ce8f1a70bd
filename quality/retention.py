"""Who was asked whether a profile is still right is forgotten; that a cluster was asked, and its answer, stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from quality.models import FreshnessRequest
from submissions.models import SubmissionPolicy
from submissions.services.erasure import has_address


def forget_old_addresses(*, now: datetime | None = None) -> int:
    """Remove the addresses of old requests; return how many. They are needed to ask somebody else next time only."""
    asked_before = (now or timezone.now()) - timedelta(days=SubmissionPolicy.current().keep_approved_days)
    return FreshnessRequest.objects.filter(asked_at__lt=asked_before).exclude(email="").update(email="")


def erase_requests(email: str) -> int:
    """Remove ``email`` from the requests that went to it; return how many."""
    return FreshnessRequest.objects.filter(has_address("email", email)).update(email="")
