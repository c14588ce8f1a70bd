"""Findings that follow from the data alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import formats, timezone

from catalogue.locking import lock_clusters_for_update
from catalogue.models import Cluster
from catalogue.services.priority import not_confirmed_recently
from quality.models import FindingsRun, QualityFinding
from submissions.models import ClusterEditor

Kind = QualityFinding.Kind
SLICE = 500  # rows written in one transaction


def _no_contact() -> Q:
    known = ClusterEditor.objects.filter(cluster=OuterRef("pk"), is_active=True)
    return Q(email="") & Q(~Exists(known))


def _no_place() -> Q:
    return Q(place="") | Q(precision__in=["", Cluster.Precision.COUNTRY])


def _label_expired() -> Q:
    return ~Q(quality_label=Cluster.QualityLabel.NONE) & Q(quality_expires_on__lt=timezone.localdate())


def _label(cluster: Cluster) -> str:
    until = formats.date_format(cluster.quality_expires_on, "j F Y") if cluster.quality_expires_on else "unknown"
    return f"{cluster.get_quality_label_display()} label, valid until {until}."


def _confirmed(cluster: Cluster) -> str:
    if cluster.confirmed_on is None:
        return "Never confirmed."
    return f"Last confirmed on {formats.date_format(cluster.confirmed_on, 'j F Y')}."


#: For each kind the condition, and the sentence for staff.
CONDITIONS: dict[str, tuple[Callable[[], Q], Callable[[Cluster], str]]] = {
    Kind.MISSING_MEMBERS: (lambda: Q(members=None), lambda cluster: "The number of members is not known."),
    Kind.NO_CONTACT: (
        _no_contact, lambda cluster: "No public e-mail and no known editor: the portal cannot ask this cluster.",
    ),
    Kind.OLD_CONFIRMATION: (not_confirmed_recently, _confirmed),
    Kind.MISSING_PLACE: (_no_place, lambda cluster: "Its town is not known."),
    Kind.LABEL_EXPIRED: (_label_expired, _label),
}  # fmt: skip


def check_data(*, now: datetime | None = None) -> dict[str, int]:
    """Open and close findings after the data of all published clusters; return how many were opened and closed.

    In slices, each committed on its own: killed in between and started again it ends where it would have.
    """
    now = now or timezone.now()
    opened = closed = 0
    for kind, (condition, describe) in CONDITIONS.items():
        clusters = Cluster.objects.published().filter(condition())
        closed += close(kind, QualityFinding.objects.exclude(cluster__in=clusters.values("pk")), now=now)
        _refresh_open(kind, describe, now)
        opened += _open_all(kind, clusters, describe, now)
    # Websites have a rhythm of their own; what left the catalogue has no findings at all.
    unpublished = QualityFinding.objects.exclude(cluster__status=Cluster.Status.PUBLISHED)
    closed += close(Kind.DEAD_WEBSITE, unpublished, now=now)
    FindingsRun.objects.update_or_create(pk=1, defaults={"finished_at": timezone.now()})
    return {"opened": opened, "closed": closed}


def clusters_with_findings() -> int:
    """Return how many clusters have at least one open finding."""
    return QualityFinding.objects.filter(closed_at=None).values("cluster").distinct().count()


def last_run() -> datetime | None:
    """Return when :func:`check_data` last came to its end; ``None`` before the first time."""
    return FindingsRun.objects.filter(pk=1).values_list("finished_at", flat=True).first()


def next_run_time(name: str = "check-findings") -> str:
    """Return at what time of the day the scheduled job ``name`` runs, such as "4:05"."""
    schedule = settings.CELERY_BEAT_SCHEDULE[name]["schedule"]
    return f"{min(schedule.hour)}:{min(schedule.minute):02}"


def close(kind: str, findings: QuerySet[QualityFinding], *, now: datetime) -> int:
    """Close the open ones of ``kind`` among ``findings``; return how many."""
    keys = list(findings.filter(kind=kind, closed_at=None).values_list("pk", flat=True))
    return sum(
        QualityFinding.objects.filter(pk__in=keys[start : start + SLICE], closed_at=None).update(closed_at=now)
        for start in range(0, len(keys), SLICE)
    )


def _refresh_open(kind: str, describe: Callable[[Cluster], str], now: datetime) -> None:
    """Bring the texts of open findings up to date and count the run, unless the last one was less than twelve hours ago.

    Dates in the texts may have changed although the finding is the same.
    """
    still_open = QualityFinding.objects.filter(kind=kind, closed_at=None).select_related("cluster")
    for row in still_open.iterator(SLICE):
        if row.text != (text := describe(row.cluster)):
            QualityFinding.objects.filter(pk=row.pk, closed_at=None).update(text=text)
    rows = QualityFinding.objects.filter(kind=kind, closed_at=None, seen_at__lt=now - timedelta(hours=12))
    rows.update(seen_at=now, failures=F("failures") + 1)


def _open_all(kind: str, clusters: QuerySet[Cluster], describe: Callable[[Cluster], str], now: datetime) -> int:
    still_open = QualityFinding.objects.filter(cluster=OuterRef("pk"), kind=kind, closed_at=None)
    missing = clusters.filter(~Exists(still_open)).order_by("pk")
    count = 0
    while rows := list(missing[:SLICE]):
        with transaction.atomic():
            known = lock_clusters_for_update(row.pk for row in rows)
            found = [
                QualityFinding(cluster=row, kind=kind, text=describe(row), opened_at=now, seen_at=now)
                for row in known.values()
                if row.status == Cluster.Status.PUBLISHED
            ]
            # Another run may have been faster.
            QualityFinding.objects.bulk_create(found, ignore_conflicts=True)
        count += len(found)
    return count


def check_after_loading() -> str:
    """Look for findings in the loaded data, without asking any website; return how many were opened and closed."""
    found = check_data()
    return f"Findings: {found['opened']} opened, {found['closed']} closed"
