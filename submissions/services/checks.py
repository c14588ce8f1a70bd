"""Automatic checks of a submission, run by the worker before a person reads it.

The network is asked outside of any transaction; what was found is stored in one short step, and only if the
submission still says what was checked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import signature
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalogue.models import Cluster, Country
from submissions.fields.values import Values, read_values
from submissions.models import Submission
from submissions.review import checks
from submissions.review.checks import Check
from submissions.review.duplicates import could_be_duplicate, matches_of, similar_submissions
from submissions.services.state_machine import lock_for_update
from webcheck.fetcher import Fetched, fetch
from webcheck.mail_domains import Answer, mail_domain_exists

Kind, Channel = Submission.Kind, Submission.Channel
#: A submission without checks after so many minutes lost its task.
LOST_AFTER_MINUTES = 5
#: So many lost ones are ordered again in one run.
ORDERED_AT_ONCE = 50
#: The task by its name: importing it would import upward.
TASK = "submissions.tasks.check_submission"


def schedule_checks(submission: Submission) -> None:
    """Have the worker run the checks of ``submission`` once the transaction is committed.

    A task that gets lost is made up for: beat looks for submissions without checks every few minutes.
    """
    task = signature(TASK, args=[submission.pk])
    transaction.on_commit(task.delay, robust=True)


def run_checks(
    pk: int,
    *,
    get: Callable[[str], Fetched] | None = None,
    ask_domain: Callable[[str], Answer] | None = None,
) -> bool:
    """Check the submission with the key ``pk`` and store what was found; ``False`` if it was deleted.

    Safe to repeat: what a reviewer set aside stays set aside while the finding is the same. One that is not
    open any more is left as it is. ``get`` and ``ask_domain`` reach out to the network in tests' own ways.
    """
    get, ask_domain = get or fetch, ask_domain or mail_domain_exists
    submission = Submission.objects.select_related("target").filter(pk=pk).first()
    if submission is None:
        return False
    if not submission.is_open:
        return True
    found = [check.as_json() for check in _results(submission, get, ask_domain)]
    with transaction.atomic():
        row = Submission.objects.filter(pk=pk).first() and lock_for_update(submission)
        if row is None:
            return False
        if row.is_open and _asks_the_same(row, submission):
            row.checks, row.checked_at = _with_overrides(found, row.checks), timezone.now()
            row.save(update_fields=["checks", "checked_at"])
    return True


def lost_checks(now: datetime | None = None) -> list[int]:
    """Return submissions in the queue whose checks got lost, or are older than the submitter's answer.

    Rows of spreadsheets are left out: they are checked when the file is read, thousands at a time.
    """
    before = (now or timezone.now()) - timedelta(minutes=LOST_AFTER_MINUTES)
    rows = Submission.objects.filter(status=Submission.Status.PENDING, last_move_at__lt=before)
    rows = rows.exclude(channel=Channel.IMPORT).filter(Q(checked_at=None) | Q(checked_at__lt=F("last_move_at")))
    return list(rows.order_by("confirmed_at", "pk").values_list("pk", flat=True)[:ORDERED_AT_ONCE])


def _asks_the_same(row: Submission, checked: Submission) -> bool:
    return (row.payload, row.kind, row.target_id) == (checked.payload, checked.kind, checked.target_id)


def _with_overrides(found: list[dict[str, Any]], before: Any) -> list[dict[str, Any]]:
    aside = {
        (check.get("key"), check.get("outcome"), check.get("text")): check["overridden"]
        for check in before
        if isinstance(check, dict) and check.get("overridden")
    }
    for check in found:
        if overridden := aside.get((check["key"], check["outcome"], check["text"])):
            check["overridden"] = overridden
    return found


def _results(submission: Submission, get: Callable[[str], Fetched], ask_domain: Callable[[str], Answer]) -> list[Check]:
    """Return the checks that make sense for ``submission``, in the order in which they are shown."""
    proposed: Values = submission.payload
    live = read_values(submission.target) if submission.target else {}
    values = {**live, **proposed}
    if submission.kind == Kind.CLOSURE:
        address = str(live.get("website") or "")
        fetched = get(address) if address else None
        return [checks.website(address, fetched, is_closure=True), checks.others(_same_cluster(submission))]
    is_new = submission.kind == Kind.NEW
    found: list[Check | None] = []
    if is_new or "website" in proposed:
        address = str(proposed.get("website") or "")
        fetched = get(address) if address else None
        found += [checks.website(address, fetched), checks.english(fetched) if address else None]
    if email := str(proposed.get("email") or ""):
        found.append(checks.email_domain(email, ask_domain(email)))
    if is_new or {"country", "place", "latitude", "longitude"} & set(proposed):
        found.append(checks.place(values, _countries_of(values, submission), _country_names()))
    if is_new or {"summary", "description"} & set(proposed):
        found.append(checks.texts(values))
    if is_new:
        was_asked = submission.channel == Channel.FORM
        found.append(checks.criteria(submission.criteria, values, submission.criteria_evidence, was_asked=was_asked))
    if could_be_duplicate(submission):
        found.append(checks.duplicates(matches_of(submission)))
    same = _same_cluster(submission) if submission.target_id else similar_submissions(submission)
    found.append(checks.others(same))
    return [check for check in found if check is not None]


def _same_cluster(submission: Submission) -> list[int]:
    rows = Submission.objects.open().filter(target=submission.target_id).exclude(pk=submission.pk)
    return list(rows.order_by("confirmed_at", "pk").values_list("pk", flat=True)[:20])


def _countries_of(values: Values, submission: Submission) -> list[str]:
    """Return the countries of clusters in a town of the given name, without the target itself."""
    place = str(values.get("place") or "").strip()
    if not place:
        return []
    rows = Cluster.objects.filter(Q(place__iexact=place) | Q(place_local_name__iexact=place))
    return list(rows.exclude(pk=submission.target_id or 0).order_by().values_list("country", flat=True).distinct())


def _country_names() -> dict[str, str]:
    return dict(Country.objects.values_list("code", "name"))
