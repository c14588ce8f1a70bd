"""Two clusters side by side, before they become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import formats

from catalogue.models import Cluster
from duplicates.merging.fields import FIELDS, TAKE, MergeField
from duplicates.merging.services import current_fingerprint, merge_blockers, rows_to_move

Q = Cluster.QualityLabel


@dataclass(frozen=True)
class Choice:
    """A field in which the two differ."""

    name: str
    label: str
    keep: str
    take: str
    is_taken: bool


@dataclass(frozen=True)
class CombinedList:
    """A list that the result has from both; ``added`` come from the source."""

    label: str
    present: list[str]
    added: list[str]


@dataclass
class Comparison:
    """What a merge would do."""

    choices: list[Choice]
    same: list[str]
    joined: list[CombinedList]
    moves: list[tuple[str, int]]
    rules: list[str]
    problems: list[str] = field(default_factory=list)
    fingerprint: str = ""

    @classmethod
    def of(cls, target: Cluster, source: Cluster, chosen: Mapping[str, str]) -> Comparison:
        """Compare; ``chosen`` are choices made before, all others have their default."""
        differing = [item for item in FIELDS if item.differs(target, source)]
        return cls(
            choices=[
                Choice(
                    item.name, item.label, as_text(item, target), as_text(item, source),
                    chosen.get(item.name, item.default(target, source)) == TAKE,
                )
                for item in differing
            ],
            same=[item.label for item in FIELDS if item not in differing and not item.is_empty(target)],
            joined=_combined_lists(target, source),
            moves=rows_to_move(source),
            rules=_rules(target, source),
            problems=merge_blockers(target, source),
            fingerprint=current_fingerprint(target, source),
        )  # fmt: skip


def as_text(item: MergeField, cluster: Cluster) -> str:
    """Return what ``cluster`` says in a field, as staff reads it; empty for nothing."""
    if item.name == "place":
        parts = [cluster.place_text, cluster.region.name if cluster.region else "", cluster.country.name]
        position = f"({cluster.latitude}, {cluster.longitude})" if cluster.latitude is not None else ""
        return " ".join([", ".join(part for part in parts if part), position]).strip()
    if item.name == "members":
        split = {
            "SMEs": cluster.members_sme, "large firms": cluster.members_large,
            "research": cluster.members_research, "public bodies": cluster.members_public,
        }  # fmt: skip
        parts = [cluster.members_text, *(f"{count:,} {name}" for name, count in split.items() if count is not None)]
        if cluster.members_as_of:
            parts.append(f"as of {_day(cluster.members_as_of)}")
        return ", ".join(part for part in parts if part)
    if item.name == "quality_label":
        if cluster.quality_label == Q.NONE:
            return ""
        until = f" until {_day(cluster.quality_expires_on)}" if cluster.quality_expires_on else ""
        return f"{cluster.get_quality_label_display()}{until}"
    if item.name == "priority":
        words = "Priority" if cluster.is_priority else "No priority"
        return f"{words}: {cluster.priority_reason}" if cluster.priority_reason else words
    if item.name == "found":
        parts = [cluster.found_via, _day(cluster.found_on) if cluster.found_on else ""]
        return ", ".join(part for part in parts if part)
    value = getattr(cluster, item.columns[0])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if item.name == "confirmed_on":
        return _day(value) if value else ""
    if item.name == "logo":
        return "a logo" if value else ""
    return "" if value is None else str(value)


def _day(day: object) -> str:
    return str(formats.date_format(day, "j F Y"))  # type: ignore[arg-type]  # a date


def _combined_lists(target: Cluster, source: Cluster) -> list[CombinedList]:
    found = []
    for label, name in (("Terms", "terms"), ("Target markets", "target_markets"), ("Networks", "networks")):
        present = {row.pk: str(row) for row in getattr(target, name).all()}
        others = {row.pk: str(row) for row in getattr(source, name).all()}
        added = sorted(others[pk] for pk in others.keys() - present.keys())
        found.append(CombinedList(label, sorted(present.values()), added))
    names = [
        name for name in (source.name, *source.former_name_list) if name not in {target.name, *target.former_name_list}
    ]
    found.append(CombinedList("Former names", target.former_name_list, names))
    if source.note.strip() and source.note != target.note:
        found.append(CombinedList("Notes", [target.note] if target.note else [], [source.note]))
    return [joined for joined in found if joined.present or joined.added]


def _rules(target: Cluster, source: Cluster) -> list[str]:
    """Return what follows without a choice."""
    lines = []
    if source.status == Cluster.Status.PUBLISHED and target.status != Cluster.Status.PUBLISHED:
        lines.append(f"{target.name} becomes public, since {source.name} is.")
    if source.loyal_position:
        best = min(position for position in (target.loyal_position, source.loyal_position) if position)
        lines.append(f"{target.name} has place {best} in the list of loyal clusters.")
    if source.partner and not target.partner:
        lines.append(f"{target.name} is the partner {source.partner}.")
    if target.successor_id == source.pk:
        lines.append(f"{target.name} is no longer succeeded by {source.name}.")
    return lines
