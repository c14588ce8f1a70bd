"""What of findings and freshness moves when two clusters become one."""

from __future__ import annotations

from django.utils import timezone

from catalogue.models import Cluster
from duplicates.merging.providers import Provider, Record, RelatedRows, WithoutLocks, providers
from quality.models import FreshnessRequest, QualityFinding


class Findings(WithoutLocks):
    """Open findings of ``source`` are closed: it is no profile any more. The nightly job checks ``target``."""

    name = "findings"
    label = "open findings (closed)"
    order = 120

    def count(self, source: Cluster) -> int:
        """Count the open findings."""
        return source.findings.filter(closed_at=None).count()

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Close them."""
        rows = list(source.findings.filter(closed_at=None).order_by("pk"))
        QualityFinding.objects.filter(pk__in=[row.pk for row in rows]).update(closed_at=timezone.now())
        return [
            {"pk": row.pk, "from": source.pk, "to": target.pk, "words": str(row.get_kind_display())} for row in rows
        ]

    def changed(self, records: list[Record]) -> list[str]:
        """Return nothing: findings follow from the data, and the nightly run sets them right."""
        return []

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Open them again, unless the job has opened others meanwhile."""
        for row in QualityFinding.objects.filter(pk__in=[record["pk"] for record in records]):
            if not QualityFinding.objects.filter(cluster=row.cluster_id, kind=row.kind, closed_at=None).exists():
                QualityFinding.objects.filter(pk=row.pk).update(closed_at=None)


PROVIDERS: tuple[Provider, ...] = (
    RelatedRows("freshness", "freshness requests", 90, FreshnessRequest, watched=("answer",), may_expire=True),
    Findings(),
)


def register_merge_providers() -> None:
    """Make the providers of this module known; safe to repeat."""
    providers.register(*PROVIDERS)
