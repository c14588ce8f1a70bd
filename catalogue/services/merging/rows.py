"""What the catalogue itself moves when two clusters become one."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from catalogue.merging import Provider, Record, RelatedRows, providers
from catalogue.models import (
    Cluster,
    ClusterEditor,
    FreshnessRequest,
    ImportRow,
    LinkToken,
    Network,
    OldSlug,
    QualityFinding,
    ShowcaseItem,
    SocialLink,
    Submission,
)
from catalogue.services.submissions.target import MERGED, PARTED, point_to, waits


class Networks:
    """Membership in networks, written from the side of the network, which keeps its history."""

    name = "networks"
    label = "networks"

    def count(self, source: Cluster) -> int:
        """Count the networks of ``source``."""
        return source.networks.count()

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Put ``target`` into every network of ``source``, in place of it."""
        had = set(target.networks.values_list("pk", flat=True))
        records = []
        for network in source.networks.order_by("pk"):
            network._change_reason = reason  # type: ignore[attr-defined]  # simple-history reads it
            network.clusters.remove(source)
            if network.pk not in had:
                network.clusters.add(target)
            records.append({
                "pk": network.pk, "from": source.pk, "to": target.pk, "was_there": network.pk in had, "words": network.name
            })  # fmt: skip
        return records

    def changed(self, records: list[Record]) -> list[str]:
        """Say which networks have not ``target`` any more, or ``source`` again."""
        lines = []
        for record in records:
            members = Network.clusters.through.objects.filter(network=record["pk"])
            if not members.filter(cluster=record["to"]).exists() or members.filter(cluster=record["from"]).exists():
                lines.append(f"networks: the clusters of “{record['words']}” were changed.")
        return lines

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Put ``source`` back, and take ``target`` out where it came by the merge."""
        for record in records:
            network = Network.objects.get(pk=record["pk"])
            network._change_reason = reason  # type: ignore[attr-defined]
            network.clusters.add(record["from"])
            if not record["was_there"]:
                network.clusters.remove(record["to"])


class Predecessors(RelatedRows):
    """Clusters whose successor was ``source``; ``target`` itself cannot be its own, the merge sees to that."""

    def _rows(self, key: int) -> Any:
        return Cluster.objects.filter(successor=key)

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Let them lead to ``target``."""
        rows = [row for row in self._rows(source.pk).order_by("pk") if row.pk != target.pk]
        self._give(rows, target.pk, reason)
        return [
            {"pk": str(row.pk), "from": source.pk, "to": target.pk, "values": self._values(row), "words": str(row)}
            for row in rows
        ]


class OldSlugs(RelatedRows):
    """Former addresses, but for one that ``target`` has today: that one leads to it already."""

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Let them lead to ``target``."""
        rows = list(self._rows(source.pk).exclude(slug=target.slug).order_by("pk"))
        self._give(rows, target.pk, reason)
        return [
            {"pk": str(row.pk), "from": source.pk, "to": target.pk, "values": {}, "words": row.slug} for row in rows
        ]


class ImportRows(RelatedRows):
    """Rows of spreadsheets: they tell where proposals came from and are no part of what the cluster says.

    A file that is checked anew, or a decision about a row, must not keep a merge from being undone.
    """

    def changed(self, records: list[Record]) -> list[str]:
        """Return nothing."""
        return []

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Give those back that are still there and still about the cluster that stayed."""
        if records:
            self._give(self._of(records).filter(cluster=records[0]["to"]), records[0]["from"], reason)


class Submissions:
    """Submissions. Those that wait become a new version, which nobody has looked at yet.

    Only a decision since then forbids to undo: it was about both clusters as one. Those that were deleted, emptied
    or filled in further do not.
    """

    name = "submissions"
    label = "submissions"
    model = Submission

    def count(self, source: Cluster) -> int:
        """Count the submissions about ``source``."""
        return Submission.objects.filter(target=source).count()

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Let them be about ``target``."""
        words = f"{source.name} became part of {target.name}: this is about {target.name} now."
        records: list[Record] = []
        done = []
        for row in Submission.objects.filter(target=source).order_by("pk"):
            values = {"status": row.status, "trust": row.trust}
            if waits(row):
                point_to(row, target, MERGED, text=words)
            else:
                done.append(row.pk)
            records.append({
                "pk": str(row.pk), "from": source.pk, "to": target.pk, "values": values, "words": str(row)[:200],
                "given": [row.trust, bool(row.email_confirmed_at)],
            })  # fmt: skip
        self._give(done, target.pk)
        return records

    def changed(self, records: list[Record]) -> list[str]:
        """Say which were decided since, or are about a third cluster."""
        lines = []
        found = self._of(records)
        for record in records:
            row, name = found.get(record["pk"]), f"submissions: “{record['words']}”"
            if row is None:
                continue
            if row.target_id != record["to"]:
                lines.append(f"{name} belongs to another cluster now.")
            elif row.is_decided and record["values"]["status"] not in Submission.DECIDED:
                lines.append(f"{name} was decided since: {row.get_status_display().lower()}.")
        return lines

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Let those that there still are be about ``source`` again; what speaks for a sender is what it was."""
        if not records:
            return
        source, target = (Cluster.objects.get(pk=records[0][which]) for which in ("from", "to"))
        words = f"{source.name} and {target.name} are two again: this is about {source.name}."
        found = self._of(records)
        done = []
        for record in records:
            row = found.get(record["pk"])
            if row is None:
                continue
            if waits(row):
                is_same = [row.trust, bool(row.email_confirmed_at)] == record.get("given")
                point_to(row, source, PARTED, text=words, trust=record["values"]["trust"] if is_same else None)
            else:
                done.append(row.pk)
        self._give(done, source.pk)

    def _of(self, records: list[Record]) -> dict[str, Submission]:
        rows = Submission.objects.filter(pk__in=[record["pk"] for record in records])
        return {str(row.pk): row for row in rows}

    def _give(self, keys: list[int], cluster: int) -> None:
        for start in range(0, len(keys), 500):
            Submission.objects.filter(pk__in=keys[start : start + 500]).update(target=cluster)


class Findings:
    """Open findings of ``source`` are closed: it is no profile any more. The nightly job looks at ``target``."""

    name = "findings"
    label = "open findings (closed)"

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
        """Return nothing: findings follow from the data, and the night sets them right."""
        return []

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Open them again, unless the job has opened others meanwhile."""
        for row in QualityFinding.objects.filter(pk__in=[record["pk"] for record in records]):
            if not QualityFinding.objects.filter(cluster=row.cluster_id, kind=row.kind, closed_at=None).exists():
                QualityFinding.objects.filter(pk=row.pk).update(closed_at=None)


OWN: tuple[Provider, ...] = (
    Networks(),
    RelatedRows("facilitated_networks", "networks that it facilitates", Network, "facilitator"),
    Predecessors("predecessors", "clusters that it succeeded", Cluster, "successor", watched=("status",)),
    OldSlugs("old_slugs", "former addresses", OldSlug),
    RelatedRows("editors", "editors", ClusterEditor, unique_by=("email",), watched=("email", "is_active")),
    # After the editors, who speak for their senders.
    Submissions(),
    ImportRows("import_rows", "rows of spreadsheets", ImportRow, may_end=True),
    RelatedRows("links", "links in mailboxes", LinkToken, may_end=True),
    RelatedRows("freshness", "freshness requests", FreshnessRequest, watched=("answer",), may_end=True),
    RelatedRows(
        "showcase", "showcase items", ShowcaseItem, unique_by=("kind", "title"), watched=("title", "url", "date")
    ),
    RelatedRows("social_links", "social links", SocialLink, unique_by=("url",), watched=("kind", "url")),
    Findings(),
)


def all_providers() -> list[Provider]:
    """Return what the catalogue moves itself, then what other rooms registered."""
    return [*OWN, *providers()]
