"""How long submissions, links and mails are kept, and what is left of them afterwards.

``docs/submitting.md`` has the table. Whoever adds a field that can hold something about a person: it belongs
into :func:`empty`, and into ``tests/catalogue/submissions/test_retention.py``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from catalogue import mails
from catalogue.models import FreshnessRequest, ImportRow, Submission, SubmissionPolicy
from catalogue.payload.fields import FIELDS, Kind, Step
from catalogue.services.submissions.record import Status, locked, store
from publicforms.models import LinkToken

#: Fields in which the way to a person can stand.
CONTACT = frozenset(spec.name for spec in FIELDS if spec.step == Step.CONTACT)
#: Fields in which anything can stand; of what was not approved they are removed too.
FREE = frozenset(spec.name for spec in FIELDS if spec.kind in (Kind.LONG, Kind.MARKDOWN, Kind.LOGO))
#: Stands where the database wants a reason.
REMOVED = "(removed)"


def delete_unconfirmed(*, now: datetime | None = None) -> int:
    """Delete drafts, unconfirmed and denied submissions whose time is over, with their mails; return how many."""
    deleted = 0
    for row in Submission.objects.unconfirmed_for_too_long(now).iterator():
        with transaction.atomic():
            row = locked(row)
            if row.confirmed_at is not None or row.status not in (Status.UNCONFIRMED, Status.WITHDRAWN):
                continue
            mails.forget(row)
            drop_logo(row)
            row.delete()
            deleted += 1
    return deleted


def anonymise(*, now: datetime | None = None) -> int:
    """Remove the personal data of submissions decided or withdrawn long ago; return how many."""
    policy, now = SubmissionPolicy.current(), now or timezone.now()
    rejected = Q(
        status__in=[Status.REJECTED, Status.WITHDRAWN], last_move_at__lt=now - timedelta(days=policy.keep_rejected_days)
    )
    approved = Q(
        status__in=[Status.APPROVED, Status.PARTLY_APPROVED],
        last_move_at__lt=now - timedelta(days=policy.keep_approved_days),
    )
    count = 0
    for row in Submission.objects.filter(rejected | approved, anonymised_at=None).iterator():
        with transaction.atomic():
            row = locked(row)
            if row.anonymised_at is None:
                empty(row)
                count += 1
    return count


def empty(row: Submission) -> None:
    """Remove all that can tell of a person from a locked submission, its events, mails, links and row of a file.

    What the profile says about the cluster stays of an approved one: it is public.
    """
    mails.forget(row)
    row.links.all().delete()
    row.submitter_name = row.submitter_email = row.submitter_role = row.message = row.criteria_evidence = ""
    row.asked_text = ""
    row.reason = REMOVED if row.status == Status.REJECTED else ""
    gone = _gone(row)
    row.payload = _without(row.payload, gone)
    row.base = _without(row.base, gone)
    row.decided_against = _without(row.decided_against, gone)
    row.decisions = {
        name: {**decision, "reason": ""} for name, decision in row.decisions.items() if name not in gone
    }  # fmt: skip
    row.checks = [_bare(check) for check in row.checks]
    drop_logo(row)
    row.logo = ""
    row.anonymised_at = timezone.now()
    store(row)
    row.events.exclude(text="").update(text="")
    # What was sent before a reviewer made it an update.
    row.events.filter(kind="became_update").update(data={})
    for line in ImportRow.objects.filter(submission=row):
        line.values, line.changes, line.messages = _without(line.values, gone), _without(line.changes, gone), {}
        line.save(update_fields=["values", "changes", "messages"])


def _gone(row: Submission) -> frozenset[str]:
    if row.confirmed_at is None:
        return frozenset(spec.name for spec in FIELDS)  # whoever owns the address never said any of it
    if row.status in (Status.APPROVED, Status.PARTLY_APPROVED):
        return CONTACT | {"logo"}
    return CONTACT | FREE


def _without(values: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _bare(check: dict[str, Any]) -> dict[str, Any]:
    """Return what a check found without its sentence, which may name an address."""
    kept: dict[str, Any] = {name: check[name] for name in ("key", "label", "outcome") if name in check}
    overridden = check.get("overridden")
    return {**kept, "text": "", **({"overridden": {**overridden, "reason": ""}} if overridden else {})}


def drop_logo(row: Submission) -> None:
    """Delete the file of a proposed logo once the transaction is committed."""
    if row.logo:
        transaction.on_commit(partial(row.logo.storage.delete, str(row.logo.name)), robust=True)


def purge_links(*, now: datetime | None = None) -> int:
    """Delete links that have not worked for long, and empty the mails with links to correct; return how many links."""
    policy, now = SubmissionPolicy.current(), now or timezone.now()
    before = now - timedelta(days=policy.keep_links_days)
    mails.forget_links(before=before)
    old = Q(used_at__lt=before) | Q(expires_at__lt=before)
    with transaction.atomic():
        # One that a merge moves right now is gone tomorrow: nobody waits for anybody.
        keys = LinkToken.objects.select_for_update(of=("self",), skip_locked=connection.features.has_select_for_update)
        deleted, _by_model = LinkToken.objects.filter(pk__in=[row.pk for row in keys.filter(old)]).delete()
    # Who was asked is needed to ask somebody else next time, not for ever.
    asked_before = now - timedelta(days=policy.keep_approved_days)
    FreshnessRequest.objects.filter(asked_at__lt=asked_before).exclude(email="").update(email="")
    return deleted
