"""Whether the websites of published clusters answer: asked every day, a finding after three days of failure."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from catalogue.locking import lock_clusters
from catalogue.models import Cluster
from quality.findings.data import close
from quality.models import QualityFinding, WebsiteCheck
from webcheck.fetcher import Fetched, Outcome, fetch

logger = logging.getLogger(__name__)

DAYS = 3  # failed ones in a row before a finding is opened
AT_ONCE = 8  # websites asked at the same time
BATCH = 40  # websites whose results are stored together
SECONDS = 240  # after which a slice begins no more
#: Only where at least so many are asked and not one answers is the fault taken to be ours.
ENOUGH = 10

Fetch = Callable[[str], Fetched]
Kind = QualityFinding.Kind
_Result = WebsiteCheck.Outcome
_FAILED = Q(outcome__in=[_Result.ERROR, _Result.DOWN])


def websites_left(day: date) -> QuerySet[Cluster]:
    """Return the published clusters whose website was not asked on ``day`` yet.

    Those that failed before come first, so that a last batch never consists of them alone: it would look like a fault of our network.
    """
    asked = WebsiteCheck.objects.filter(checked_on=day, url=F("cluster__website"))
    left = Cluster.objects.published().exclude(website="").exclude(pk__in=asked.values("cluster"))
    return left.order_by(F("website_check__failures").desc(nulls_last=True), "pk")


def check_websites(
    *, day: date | None = None, fetch: Fetch = fetch, seconds: float = SECONDS, now: datetime | None = None
) -> dict[str, int]:
    """Ask the websites that are left for ``day`` (today), for ``seconds`` at most; return what was done.

    A slice that is cut off loses at most ``BATCH`` answers, which the next slice asks for again. If not one
    website of a slice of at least ``ENOUGH`` answers at all, the fault may be ours: then nothing is counted until
    one does. Two runs at once ask twice, but count once.
    """
    day, now = day or timezone.localdate(), now or timezone.now()
    _forget(now)
    asked, end = 0, time.monotonic() + seconds
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() < end and (rows := list(websites_left(day).only("pk", "website")[:BATCH])):
            # No thread but this one talks to the database.
            answers = pool.map(fetch, [row.website for row in rows])
            _note(zip(rows, answers, strict=True), day)
            asked += len(rows)
    return {"asked": asked, "left": websites_left(day).count(), **_count(day, now)}


def outcome_of(answer: Fetched) -> str:
    """Return what an answer says about a website.

    A site that turns a program away (401, 403, 429 …), shows something else than a page or breaks off in the middle
    of it is there. Of one that we do not ask (another port, a private address, redirects without end) nothing is known.
    """
    if answer.outcome == Outcome.OK:
        return _Result.UP
    if answer.cannot_be_checked:
        return _Result.UNCHECKED
    if answer.status is None:
        return _Result.DOWN
    is_missing = answer.status in (404, 410) or answer.status >= 500
    return _Result.ERROR if is_missing else _Result.UP


def _forget(now: datetime) -> None:
    """Delete the results of websites that are not asked any more."""
    outdated = ~Q(cluster__status=Cluster.Status.PUBLISHED) | Q(cluster__website="")
    WebsiteCheck.objects.filter(
        pk__in=list(WebsiteCheck.objects.filter(outdated).values_list("pk", flat=True))
    ).delete()
    close(Kind.DEAD_WEBSITE, QualityFinding.objects.filter(cluster__website=""), now=now)


def _note(answers: Iterable[tuple[Cluster, Fetched]], day: date) -> None:
    """Store answers, each in a transaction of its own: what stops one stops none of the others."""
    for cluster, answer in answers:
        try:
            with transaction.atomic():
                # The cluster first: a merge holds it while it moves what hangs on it.
                lock_clusters([cluster.pk])
                _store(cluster, answer, day)
        except IntegrityError:
            # Deleted while its website was asked.
            logger.warning("The answer of the website of cluster %s could not be stored.", cluster.pk)


def _store(cluster: Cluster, answer: Fetched, day: date) -> None:
    found = {"url": cluster.website, "checked_on": day, "outcome": outcome_of(answer), "error": answer.reason[:200]}
    rows = WebsiteCheck.objects.select_for_update(of=("self",))
    known, is_new = rows.get_or_create(cluster=cluster, defaults=found)
    if is_new or (known.url == cluster.website and known.checked_on == day):
        # Another run at the same time may have been faster, and its answer may count already.
        return
    if known.url != cluster.website:
        # Another website, another story.
        known.failures = 0
        close(Kind.DEAD_WEBSITE, cluster.findings.all(), now=timezone.now())
    for name, value in found.items():
        setattr(known, name, value)
    known.is_counted = False
    known.save()


def _count(day: date, now: datetime) -> dict[str, int]:
    """Let the answers of ``day`` count, open what failed for the third time, close what answers."""
    with transaction.atomic():
        new = WebsiteCheck.objects.filter(checked_on=day, is_counted=False)
        lock_clusters(new.values_list("cluster_id", flat=True))
        rows = list(new.select_for_update(of=("self",)).order_by("pk").select_related("cluster"))
        asked = [row for row in rows if row.outcome != _Result.UNCHECKED]
        if len(asked) >= ENOUGH and all(row.outcome == _Result.DOWN for row in asked):
            rows, uncounted = [row for row in rows if row.outcome == _Result.UNCHECKED], len(asked)
        else:
            uncounted = 0
        these = WebsiteCheck.objects.filter(pk__in=[row.pk for row in rows])
        these.filter(_FAILED).update(failures=F("failures") + 1, is_counted=True)
        # Where nothing is known, nothing is said: the days in a row end there, too.
        these.exclude(_FAILED).update(failures=0, is_counted=True)
        fine = [row.cluster_id for row in rows if row.outcome in (_Result.UP, _Result.UNCHECKED)]
        closed = close(Kind.DEAD_WEBSITE, QualityFinding.objects.filter(cluster__in=fine), now=now)
        opened = sum(_found(row, now) for row in these.filter(_FAILED, failures__gte=DAYS).select_related("cluster"))
    return {"opened": opened, "closed": closed, "uncounted": uncounted}


def _found(check: WebsiteCheck, now: datetime) -> bool:
    """Open a finding, or say that it was found again; return whether it is new."""
    text = f"{check.url[:150]} failed on {check.failures} days in a row. {check.error}"[:300]
    _row, is_new = QualityFinding.objects.update_or_create(
        cluster=check.cluster, kind=Kind.DEAD_WEBSITE, closed_at=None,
        defaults={"seen_at": now, "failures": check.failures, "text": text}, create_defaults={
            "opened_at": now, "seen_at": now, "failures": check.failures, "text": text,
        },
    )  # fmt: skip
    return is_new
