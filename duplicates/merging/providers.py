"""What moves when two clusters become one: every app registers it for its own tables.

An app that keeps rows about clusters registers a provider in its ``AppConfig.ready()``; for a plain foreign
key :class:`RelatedRows` is enough. The merge itself is ``duplicates.merging``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from catalogue.models import Cluster
from workplace.registry import Registry
from workplace.versions import describe_version

#: One moved record as the log keeps it (JSON): its key, the clusters, and what it said when it moved.
Record = dict[str, Any]


class Provider(Protocol):
    """What an app moves.

    All calls but ``count`` and ``changed`` happen inside the transaction of a merge or of its undoing.
    """

    @property
    def name(self) -> str:
        """The name in the log, so it is never changed."""

    @property
    def label(self) -> str:
        """What is moved, plural, as staff reads it: "contacts"."""

    @property
    def order(self) -> int:
        """The place among all providers, the smaller first, in all that they are asked.

        Rows are locked in this order too: see ``catalogue.locking``.
        """

    def keys_to_lock(self, source: Cluster) -> set[Any]:
        """Return the keys of the rows of ``source`` that have to be locked before the clusters.

        A merge asks again once it holds the clusters, and starts again if there are others.
        """

    def lock(self, keys: Collection[Any]) -> None:
        """Lock the rows ``keys`` until the transaction ends; no cluster is locked yet.

        A merge gives what ``keys_to_lock`` returned, undoing it the "pk" of the logged records, which may have been
        deleted since.
        """

    def count(self, source: Cluster) -> int:
        """Return how many records of ``source`` there are to move."""

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Give the records of ``source`` to ``target`` and return what is needed to undo it.

        Both clusters are locked; ``reason`` is for histories.
        """

    def changed(self, records: list[Record]) -> list[str]:
        """Return what keeps ``records`` from moving back, as staff reads it: changed or deleted since."""

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Give ``records`` back."""


providers: Registry[Provider] = Registry("merge providers")


class WithoutLocks:
    """For a provider whose rows nobody locks before the clusters, so that a merge need not either."""

    def keys_to_lock(self, source: Cluster) -> set[Any]:
        """Return nothing."""
        return set()

    def lock(self, keys: Collection[Any]) -> None:
        """Lock nothing."""


@dataclass(frozen=True)
class RelatedRows(WithoutLocks):
    """Rows with a foreign key to a cluster.

    ``unique_by`` are the columns that are unique within one cluster: a row whose values ``target`` has already
    stays behind with ``source``. ``watched`` are the columns whose change since then forbids to undo.
    ``may_expire`` says that rows are deleted after their retention period: undoing ignores those that are missing.
    """

    name: str
    label: str
    order: int
    model: type[Model]
    field: str = "cluster"
    unique_by: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    may_expire: bool = False

    def count(self, source: Cluster) -> int:
        """Count the rows of ``source``."""
        return self._rows(source.pk).count()

    def move(self, source: Cluster, target: Cluster, *, reason: str) -> list[Record]:
        """Give the rows to ``target``, but for those that it has already."""
        taken = self._taken(target.pk)
        rows = [row for row in self._rows(source.pk).order_by("pk") if self._key(row) not in taken]
        self._give(rows, target.pk, reason)
        return [
            {
                "pk": str(row.pk),
                "from": source.pk,
                "to": target.pk,
                "values": self._values(row),
                "words": str(row)[:200],
            }
            for row in rows
        ]

    def changed(self, records: list[Record]) -> list[str]:
        """Name the rows that were deleted, are elsewhere or differ."""
        found = {str(row.pk): row for row in self._of(records)}
        taken = self._taken(records[0]["from"]) if records else set()
        lines = []
        for record in records:
            row, name = found.get(record["pk"]), f"{self.label}: “{record['words']}”"
            if row is None:
                if not self.may_expire:
                    lines.append(f"{name} was deleted.")
            elif getattr(row, self._attname) != record["to"]:
                lines.append(f"{name} is about another cluster now.")
            elif self._values(row) != record["values"]:
                lines.append(f"{name} was changed.")
            elif self._key(row) in taken:
                lines.append(f"{name} is there a second time.")
        return lines

    def undo(self, records: list[Record], *, reason: str) -> None:
        """Give the rows back to where they were."""
        if records:
            self._give(list(self._of(records)), records[0]["from"], reason)

    @property
    def _attname(self) -> str:
        column: Any = self.model._meta.get_field(self.field)
        return str(column.attname)

    def _rows(self, key: int) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.field: key})

    def _of(self, records: list[Record]) -> QuerySet[Any]:
        return self.model._default_manager.filter(pk__in=[record["pk"] for record in records])

    def _taken(self, key: int) -> set[tuple[Any, ...]]:
        return set(self._rows(key).values_list(*self.unique_by)) if self.unique_by else set()

    def _key(self, row: Any) -> tuple[Any, ...] | None:
        return tuple(getattr(row, name) for name in self.unique_by) if self.unique_by else None

    def _values(self, row: Any) -> dict[str, str]:
        return {name: str(getattr(row, name)) for name in self.watched}

    def _give(self, rows: Iterable[Any], key: int, reason: str) -> None:
        rows = list(rows)
        if not hasattr(self.model, "history"):
            # By keys, thousands of them at a time would be too many for one statement.
            for start in range(0, len(rows), 500):
                part = [row.pk for row in rows[start : start + 500]]
                self.model._default_manager.filter(pk__in=part).update(**{self.field: key})
            return
        for row in rows:
            setattr(row, self._attname, key)
            describe_version(row, reason=reason).save(update_fields=[self.field])
