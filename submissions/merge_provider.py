"""What of submissions moves when two clusters become one: the editors, the submissions, the links in mailboxes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from catalogue.models import Cluster
from duplicates.merging.providers import Provider, Record, RelatedRows, providers
from publicforms.models import LinkToken
from submissions.models import ClusterEditor, Submission
from submissions.services.state_machine import MERGED, UNMERGED, is_undecided, point_to_cluster


class Submissions:
    """Submissions. Those that wait become a new version, which nobody has read yet.

    Only a decision since then forbids to undo: it was about both clusters as one. Those that were deleted, emptied
    or filled in further do not.
    """

    name = "submissions"
    label = "submissions"
    order = 60  # after the editors, who speak for their senders
    model = Submission

    def count(self, source: Cluster) -> int:
        """Count the submissions about ``source``."""
        return Submission.objects.filter(target=source).count()

    def keys_to_lock(self, source: Cluster) -> set[Any]:
        """Return the keys of the submissions about ``source``: whoever decides on one locks it before its cluster."""
        return set(Submission.objects.filter(target=source).values_list("pk", flat=True))

    def lock(self, keys: Collection[Any]) -> None:
        """Lock the submissions in the order of their keys."""
        rows = Submission.objects.select_for_update(of=("self",)).filter(pk__in=keys)
        list(rows.order_by("pk").values_list("pk", flat=True))

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Let them be about ``target``."""
        text = f"{source.name} became part of {target.name}: this is about {target.name} now."
        records: list[Record] = []
        done = []
        for row in Submission.objects.filter(target=source).order_by("pk"):
            values = {"status": row.status, "trust": row.trust}
            if is_undecided(row):
                point_to_cluster(row, target, MERGED, text=text)
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
                lines.append(f"{name} is about another cluster now.")
            elif row.is_decided and record["values"]["status"] not in Submission.DECIDED:
                lines.append(f"{name} was decided since: {row.get_status_display().lower()}.")
        return lines

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Let those that there still are be about ``source`` again; what speaks for a sender is what it was."""
        if not records:
            return
        source, target = (Cluster.objects.get(pk=records[0][which]) for which in ("from", "to"))
        text = f"{source.name} and {target.name} are two again: this is about {source.name}."
        found = self._of(records)
        done = []
        for record in records:
            row = found.get(record["pk"])
            if row is None:
                continue
            if is_undecided(row):
                is_same = [row.trust, bool(row.email_confirmed_at)] == record.get("given")
                point_to_cluster(row, source, UNMERGED, text=text, trust=record["values"]["trust"] if is_same else None)
            else:
                done.append(row.pk)
        self._give(done, source.pk)

    def _of(self, records: list[Record]) -> dict[str, Submission]:
        rows = Submission.objects.filter(pk__in=[record["pk"] for record in records])
        return {str(row.pk): row for row in rows}

    def _give(self, keys: list[int], cluster: int) -> None:
        for start in range(0, len(keys), 500):
            Submission.objects.filter(pk__in=keys[start : start + 500]).update(target=cluster)


class Links(RelatedRows):
    """Links in mailboxes that are about a cluster; their key of a cluster is no foreign key."""

    def _rows(self, key: int) -> QuerySet[Any]:
        return super()._rows(key).filter(content_type=ContentType.objects.get_for_model(Cluster))


PROVIDERS: tuple[Provider, ...] = (
    RelatedRows("editors", "editors", 50, ClusterEditor, unique_by=("email",), watched=("email", "is_active")),
    Submissions(),
    Links("links", "links in mailboxes", 80, LinkToken, "object_id", may_expire=True),
)


def register_merge_providers() -> None:
    """Make the providers of this module known; safe to repeat."""
    providers.register(*PROVIDERS)
