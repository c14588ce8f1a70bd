"""What waits for review, in one mail a day to each reviewer instead of one per submission."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from consortium.models import Project
from outbox.kinds import MailKind, Placeholder
from outbox.mail import Mail
from outbox.services.posting import post
from publicforms import links as signed_links
from submissions.models import Submission, SubmissionPolicy
from submissions.review.ageing import age_of
from submissions.review.reviewers import name_of, reviewers

logger = logging.getLogger(__name__)

#: So many submissions are named; the link leads to all.
LINES = 10

DIGEST = MailKind(
    name="review_digest",
    purpose="To every reviewer with something to do, once a day at 7:00: what waits for review.",
    placeholders=(
        Placeholder("project", "Name of the portal's project", "Cluster Portal"),
        Placeholder("greeting", "Name of the reviewer", "Rita Example"),
        Placeholder("waiting", "How many wait for this reviewer, as text", "5 submissions wait for you"),
        Placeholder(
            "late", "How many of them are late, as text; empty if none", "2 of them are late", is_optional=True
        ),
        Placeholder(
            "lines",
            "Up to ten of them, the oldest first, each with the address of its page in the line below",
            "- Alpine Photonics Cluster, Austria: new cluster, 3 days\n"
            "  https://portal.example/admin/submissions/submission/1/change/",
        ),
        Placeholder("more", "How many more there are, as text; empty if none", "and 3 more", is_optional=True),
        Placeholder("link", "Address of the queue", "https://portal.example/admin/submissions/submission/"),
    ),
    folder="submissions/email/review_digest",
    called="Morning mail to reviewers",
)


@dataclass(frozen=True)
class Waiting:
    """What waits for one reviewer."""

    total: int
    late: int
    first: list[Submission]


def send_digests(now: datetime | None = None) -> int:
    """Write today's digest for every reviewer with something to do, and return how many there are.

    Safe to repeat: the day is part of each mail's key. Nothing is written while the digest is switched off. A
    reviewer whose mail cannot be written (an address to which none can go) is logged and keeps it from nobody else.
    """
    if not SubmissionPolicy.current().sends_digest:
        return 0
    now = now or timezone.now()
    written = 0
    for user in reviewers():
        if not user.email:
            continue
        try:
            with transaction.atomic():
                waiting = _waiting_for(user, now)
                if waiting.total:
                    _post(user, waiting, now)
                    written += 1
        except Exception:
            logger.exception("The digest of user %s could not be written. Is their e-mail address right?", user.pk)
    return written


def _waiting_for(user: User, now: datetime) -> Waiting:
    rows = Submission.objects.waiting_for(user)
    late = rows.late(now).count() if (total := rows.count()) else 0
    first = list(rows.select_related("country").defer("payload", "base", "checks", "decisions")[:LINES])
    return Waiting(total, late, first if total else [])


def _post(user: User, waiting: Waiting, now: datetime) -> None:
    day = timezone.localdate(now)
    more = waiting.total - len(waiting.first)
    post(
        Mail(
            key=f"review-digest-{user.pk}-{day:%Y-%m-%d}",
            kind=DIGEST.name,
            to=user.email,
            to_name=user.get_full_name(),
            about=f"auth.user:{user.pk}",
            values={
                "project": str(Project.current().name),
                "greeting": name_of(user),
                "waiting": f"{_submissions(waiting.total)} for you",
                "late": f"{waiting.late:,} of them {'is' if waiting.late == 1 else 'are'} late" if waiting.late else "",
                "lines": "\n".join(_line(row, now) for row in waiting.first),
                "more": f"and {more:,} more" if more > 0 else "",
                "link": signed_links.absolute(reverse("admin:submissions_submission_changelist")),
            },
        )
    )


def _submissions(number: int) -> str:
    return "1 submission waits" if number == 1 else f"{number:,} submissions wait"


def _line(row: Submission, now: datetime) -> str:
    age = age_of(row.confirmed_at, is_waiting=True, until=now)
    place = f", {row.country}" if row.country else ""
    page = signed_links.absolute(reverse("admin:submissions_submission_change", args=[row.pk]))
    return f"- {row.name or 'Without a name'}{place}: {row.get_kind_display().lower()}, {age.words}\n  {page}"
