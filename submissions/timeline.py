"""Submissions, the decisions on them and the mails around them on the timeline of their cluster."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse

from catalogue.models import Cluster
from outbox.models import Message
from outbox.services.posting import FORGOTTEN
from submissions.models import Submission, SubmissionEvent
from submissions.review.events import event_of
from workplace.timeline import Entry, TimelineSource


def events(request: HttpRequest, cluster: Cluster) -> QuerySet[SubmissionEvent] | None:
    """Return what happened to the submissions of ``cluster``, decisions left out, for those who may see them."""
    rows = _events(request, cluster)
    return None if rows is None else rows.exclude(kind__in=Submission.DECIDED)


def decisions(request: HttpRequest, cluster: Cluster) -> QuerySet[SubmissionEvent] | None:
    """Return the decisions on the submissions of ``cluster``, for those who may see submissions."""
    rows = _events(request, cluster)
    return None if rows is None else rows.filter(kind__in=Submission.DECIDED)


def event(row: SubmissionEvent) -> Entry:
    """Return what happened, as the page of the submission shows it."""
    event = event_of(row)
    return Entry(
        at=row.at, title=f"{event.what} ({row.submission.get_kind_display().lower()})",
        url=reverse("admin:submissions_submission_change", args=[row.submission_id]), text=event.text, by=event.who,
    )  # fmt: skip


def mails(request: HttpRequest, cluster: Cluster) -> QuerySet[Message] | None:
    """Return the mails about ``cluster`` and its submissions, for those who may see submissions.

    Their texts are not read, and recipients only for those who may see mails. One query more finds the submissions:
    mails refer to them by text, which no two databases write alike.
    """
    if not request.user.has_perm("submissions.view_submission"):
        return None
    about = [row.about for row in _sent(cluster).only("public_id")]
    may_open = request.user.has_perm("outbox.view_message")
    columns = ["kind", "status", "via", "created_at", *(["recipient"] if may_open else [])]
    rows = Message.objects.filter(about__in=[cluster.about, *about])
    return rows.only(*columns).annotate(may_open=Value(may_open, output_field=BooleanField()))


def mail(row: Any) -> Entry:
    """Say which kind of mail was written and what became of it."""
    is_named = row.may_open and row.recipient != FORGOTTEN
    return Entry(
        at=row.created_at, title=f"{row.kind_label}: {row.status_label}",
        url=reverse("admin:outbox_message_change", args=[row.pk]) if row.may_open else "",
        text=f"To {row.recipient}" if is_named else "",
    )  # fmt: skip


def _events(request: HttpRequest, cluster: Cluster) -> QuerySet[SubmissionEvent] | None:
    if not request.user.has_perm("submissions.view_submission"):
        return None
    return (
        SubmissionEvent.objects.filter(submission__in=_sent(cluster))
        .select_related("submission", "actor")
        .only(
            "at", "kind", "text", "data", "submission__kind",
            "actor__username", "actor__first_name", "actor__last_name",
        )
    )  # fmt: skip


def _sent(cluster: Cluster) -> QuerySet[Submission]:
    """Leave out drafts: what was not sent is nobody's business but the submitter's."""
    return Submission.objects.filter(target=cluster).sent()


SUBMISSIONS = TimelineSource("submission", "Submission", "catalogue.Cluster", events, "at", event, order=30)
DECISIONS = TimelineSource("decision", "Decision", "catalogue.Cluster", decisions, "at", event, order=31)
MAILS = TimelineSource("mail", "Mail", "catalogue.Cluster", mails, "created_at", mail, order=40)
