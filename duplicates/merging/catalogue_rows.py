"""What the catalogue itself moves when two clusters become one."""

from __future__ import annotations

from typing import Any

from catalogue.models import Cluster, ClusterFigure, FactProposal, Network, OldSlug, ShowcaseItem, SocialLink
from duplicates.merging.providers import Provider, Record, RelatedRows, WithoutLocks, providers
from workplace.versions import describe_version

#: Under this name a merge logs the clusters whose successor it changed; they are locked together with the two.
PREDECESSORS = "predecessors"


class Networks(WithoutLocks):
    """Membership in networks, written from the side of the network, which keeps its history."""

    name = "networks"
    label = "networks"
    order = 10
    model = Network

    def count(self, source: Cluster) -> int:
        """Count the networks of ``source``."""
        return source.networks.count()

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Put ``target`` into every network of ``source``, in place of it."""
        had = set(target.networks.values_list("pk", flat=True))
        records = []
        for network in source.networks.order_by("pk"):
            describe_version(network, reason=reason)
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
            describe_version(network, reason=reason)
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


PROVIDERS: tuple[Provider, ...] = (
    Networks(),
    RelatedRows("facilitated_networks", "networks that it facilitates", 20, Network, "facilitator"),
    Predecessors(PREDECESSORS, "clusters that it succeeded", 30, Cluster, "successor", watched=("status",)),
    OldSlugs("old_slugs", "former addresses", 40, OldSlug),
    RelatedRows(
        "showcase", "showcase items", 100, ShowcaseItem, unique_by=("kind", "title"),
        watched=("title", "url", "date", "note"),
    ),
    RelatedRows(
        "figures", "further figures", 105, ClusterFigure, unique_by=("label",),
        watched=("label", "value", "qualifier", "note", "as_of"),
    ),
    RelatedRows("social_links", "social links", 110, SocialLink, unique_by=("url",), watched=("kind", "url")),
    RelatedRows(
        "fact_proposals", "facts to check", 115, FactProposal, unique_by=("kind", "text"), watched=("status", "note")
    ),
)  # fmt: skip


def register_merge_providers() -> None:
    """Make the providers of this module known; safe to repeat."""
    providers.register(*PROVIDERS)
