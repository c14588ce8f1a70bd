"""Turn a new cluster into an update of one that we have, and back."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from catalogue.locking import lock_final_successor
from catalogue.models import Cluster
from submissions.exceptions import DecisionNotPossible, IllegalMove
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import changed_names, read_values
from submissions.models import Submission
from submissions.services.checks import schedule_checks
from submissions.services.review import ReviewSnapshot, check_snapshot
from submissions.services.state_machine import (
    archived_message,
    lock_for_update,
    log_event,
    require_still_open,
    save_version,
    trust_for,
)

Kind = Submission.Kind


def turn_into_update(
    *, submission: Submission, cluster: Cluster, reviewer: User, snapshot: ReviewSnapshot
) -> Submission:
    """Say that a "new" cluster is ``cluster``: what differs becomes an update of it.

    Of a cluster that was merged into another, the other is meant. Raises :class:`DecisionNotPossible` for one that
    is archived without a successor, and as :func:`~submissions.services.review.decide` does.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        cluster = lock_final_successor(cluster.pk)
        if cluster.status == Cluster.Status.ARCHIVED:
            raise DecisionNotPossible({"": archived_message(cluster)})
        require_still_open(row)
        check_snapshot(row, snapshot)
        if row.kind != Kind.NEW:
            raise IllegalMove("This submission is about a cluster of the catalogue already.")
        before = {"payload": row.payload, "name": row.name, "country": row.country_id}
        row.kind, row.target = Kind.UPDATE, cluster
        row.base = read_values(cluster)
        # A form that was filled in for a new cluster leaves much empty; that asks for nothing to be deleted.
        given = {name: value for name, value in row.payload.items() if value != BY_NAME[name].empty}
        row.payload = {name: given[name] for name in changed_names(given, row.base)}
        if cluster.status == Cluster.Status.PUBLISHED:
            # Mails and the submitter's page say this name: that of a cluster that is not public stays inside.
            row.name = cluster.name
        row.country, row.trust = cluster.country, trust_for(row, cluster)
        log_event(row, "became_update", actor=reviewer, text=cluster.name, cluster=cluster.pk, before=before)
        # The checks were those of another kind.
        row.checks, row.checked_at = [], None
        save_version(row)
        schedule_checks(row)
    return row


def turn_into_new(*, submission: Submission, reviewer: User, snapshot: ReviewSnapshot) -> Submission:
    """Take back that a submission is an update: it is a new cluster after all, with all that was sent.

    What the submitter changed meanwhile stays changed. Raises :class:`IllegalMove` unless a reviewer had made it
    an update.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        require_still_open(row)
        check_snapshot(row, snapshot)
        event = row.events.filter(kind="became_update").last()
        before = event.data.get("before") if event else None
        if row.kind != Kind.UPDATE or not before:
            raise IllegalMove("This submission was sent as an update; nobody made it one.")
        # An answer that says what the profile says left the update's values, and is an answer all the same.
        sent = {name: value for name, value in before["payload"].items() if value != BY_NAME[name].empty}
        answered = {
            name: row.base[name]
            for name in changed_names(sent, row.base)
            if name not in row.payload and name in row.base
        }
        row.payload = {**before["payload"], **answered, **row.payload}
        row.kind, row.target, row.base = Kind.NEW, None, {}
        row.name = str(row.payload.get("name") or before["name"])
        row.country_id = str(row.payload.get("country") or before["country"])
        row.trust = trust_for(row, None)
        log_event(row, "became_new", actor=reviewer)
        row.checks, row.checked_at = [], None
        save_version(row)
        schedule_checks(row)
    return row


def was_made_an_update(submission: Submission) -> bool:
    """Return whether a reviewer said of a new cluster that it is one of the catalogue, which can be taken back."""
    if submission.kind != Kind.UPDATE or not submission.is_open:
        return False
    return any(event.data.get("before") for event in submission.events.filter(kind="became_update"))
