"""How long submissions, links and mails are kept, and what is left of them afterwards.

``docs/submitting.md`` has the table. Whoever adds a field that can hold something about a person: it goes
into :func:`empty` or, if an app above holds it, into a record eraser of that app, and into ``tests/submissions/test_retention.py``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from publicforms.models import LinkToken
from submissions import emails
from submissions.fields.definitions import FIELDS, Kind, Step
from submissions.models import Submission, SubmissionPolicy
from submissions.services.state_machine import Status, save_version
from workplace.erasure import empty_record
from workplace.nightly import for_each

#: Fields that can hold the way to a person.
CONTACT = frozenset(spec.name for spec in FIELDS if spec.step == Step.CONTACT)
#: Fields that can hold anything; of what was not approved they are removed too.
FREE = frozenset(spec.name for spec in FIELDS if spec.kind in (Kind.LONG, Kind.MARKDOWN, Kind.LOGO))
#: The reason of an emptied rejection: the database demands one.
REMOVED = "(removed)"


def delete_unconfirmed(*, now: datetime | None = None) -> int:
    """Delete drafts, unconfirmed and denied submissions whose time is over, with their mails; return how many.

    Raises :class:`~workplace.nightly.RowsFailed` when all others are done.
    """

    def delete(key: int) -> bool:
        # Asked again under the lock: somebody may have gone on with the form, or confirmed it.
        row = Submission.objects.unconfirmed_for_too_long(now).select_for_update(of=("self",)).filter(pk=key).first()
        if row is None:
            return False
        emails.forget(row)
        drop_logo(row)
        row.delete()
        return True

    return for_each("submission", _keys(Submission.objects.unconfirmed_for_too_long(now)), delete)


def anonymise(*, now: datetime | None = None) -> int:
    """Remove the personal data of submissions decided or withdrawn long ago; return how many.

    Raises :class:`~workplace.nightly.RowsFailed` when all others are done.
    """
    policy, now = SubmissionPolicy.current(), now or timezone.now()
    rejected = Q(
        status__in=[Status.REJECTED, Status.WITHDRAWN], last_move_at__lt=now - timedelta(days=policy.keep_rejected_days)
    )
    approved = Q(
        status__in=[Status.APPROVED, Status.PARTLY_APPROVED],
        last_move_at__lt=now - timedelta(days=policy.keep_approved_days),
    )

    def remove(key: int) -> bool:
        row = _locked(key)
        if row is None or row.anonymised_at is not None:
            return False
        empty(row)
        return True

    return for_each("submission", _keys(Submission.objects.filter(rejected | approved, anonymised_at=None)), remove)


def _keys(rows: QuerySet[Submission]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked(key: int) -> Submission | None:
    """Return the row, locked; ``None`` if somebody deleted it since the job listed it."""
    return Submission.objects.select_for_update(of=("self",)).filter(pk=key).first()


def empty(row: Submission) -> None:
    """Remove all that can identify a person from a locked submission, its events, mails and links.

    What other apps hold about it goes too. What the profile says about the cluster stays of an approved one: it is
    public.
    """
    empty_record(row)
    emails.forget(row)
    row.links.all().delete()
    row.submitter_name = row.submitter_email = row.submitter_role = row.message = row.criteria_evidence = ""
    row.asked_text = ""
    row.reason = REMOVED if row.status == Status.REJECTED else ""
    removed = removed_fields(row)
    row.payload = without(row.payload, removed)
    row.base = without(row.base, removed)
    row.decided_against = without(row.decided_against, removed)
    row.decisions = {
        name: {**decision, "reason": ""} for name, decision in row.decisions.items() if name not in removed
    }  # fmt: skip
    row.checks = [_bare(check) for check in row.checks]
    drop_logo(row)
    row.logo = ""
    row.anonymised_at = timezone.now()
    save_version(row)
    row.events.exclude(text="").update(text="")
    # What was sent before a reviewer made it an update.
    row.events.filter(kind="became_update").update(data={})


def removed_fields(row: Submission) -> frozenset[str]:
    """Return the names of the fields whose values go when ``row`` is emptied, wherever they are stored."""
    if row.confirmed_at is None:
        return frozenset(spec.name for spec in FIELDS)  # whoever owns the address never said any of it
    if row.status in (Status.APPROVED, Status.PARTLY_APPROVED):
        return CONTACT | {"logo"}
    return CONTACT | FREE


def without(values: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return ``values`` by field, but for the fields ``names``."""
    return {name: value for name, value in values.items() if name not in names}


def _bare(check: dict[str, Any]) -> dict[str, Any]:
    """Return what a check found without its sentence, which may name an address."""
    found: dict[str, Any] = {name: check[name] for name in ("key", "label", "outcome") if name in check}
    overridden = check.get("overridden")
    return {**found, "text": "", **({"overridden": {**overridden, "reason": ""}} if overridden else {})}


def drop_logo(row: Submission) -> None:
    """Delete the file of a proposed logo once the transaction is committed."""
    if row.logo:
        transaction.on_commit(partial(row.logo.storage.delete, str(row.logo.name)), robust=True)


def purge_links(*, now: datetime | None = None) -> int:
    """Delete links that have not worked for long; return how many."""
    before = _links_before(now)
    old = Q(used_at__lt=before) | Q(expires_at__lt=before)
    with transaction.atomic():
        # One that a merge moves right now is left for tomorrow: neither waits for the other.
        keys = LinkToken.objects.select_for_update(of=("self",), skip_locked=connection.features.has_select_for_update)
        deleted, _by_model = LinkToken.objects.filter(pk__in=[row.pk for row in keys.filter(old)]).delete()
    return deleted


def empty_link_mails(*, now: datetime | None = None) -> int:
    """Empty the mails with links that were asked for, once these links are kept no longer; return how many."""
    return emails.forget_links(before=_links_before(now))


def _links_before(now: datetime | None) -> datetime:
    return (now or timezone.now()) - timedelta(days=SubmissionPolicy.current().keep_links_days)
