"""Where what a profile says is from, and of when, as readers see it."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.models import Cluster, FactSource
from catalogue.profile.fields import FIELDS

#: Fields that say one thing together with another one and share its source.
_SHARED = {
    "place_local_name": "place", "latitude": "place", "longitude": "place", "precision": "place",
    "members_qualifier": "members", "members_as_of": "members", "members_sme": "members", "members_large": "members",
    "members_research": "members", "members_public": "members",
    "quality_evidence": "quality_label", "quality_expires_on": "quality_label",
}  # fmt: skip
#: What has none: decisions of staff, and what the portal notes itself.
_WITHOUT = frozenset({"is_priority", "successor", "confirmed_on", "sources"})
#: The fields that have a source of their own, with their labels, in the order of the profile.
LABELS: dict[str, str] = {
    field.name: field.label for field in FIELDS if field.name not in _SHARED and field.name not in _WITHOUT
}
#: The part of the profile under which the source of a field is shown; all others are under "At a glance".
_BLOCKS = {
    "summary": "about", "description": "about", "benefits": "benefits", "showcase_items": "showcase",
    "figures": "figures", "networks": "networks",
}  # fmt: skip


def source_field(name: str) -> str:
    """Return the field whose source covers the field or column ``name``; empty if it has none."""
    field = _SHARED.get(name, name.removesuffix("_id"))
    return field if field in LABELS else ""


@dataclass(frozen=True)
class SourceLine:
    """One source with the fields of a block that are from it."""

    text: str
    labels: list[str]


def source_blocks(cluster: Cluster) -> dict[str, list[SourceLine]]:
    """Return the sources by block of the profile; no query after ``for_page()``.

    The fields of one source are one line.
    """
    known = {source.field: source.text for source in cluster.fact_sources.all()}
    blocks: dict[str, dict[str, list[str]]] = {}
    for field, label in LABELS.items():
        if text := known.get(field):
            blocks.setdefault(_BLOCKS.get(field, "facts"), {}).setdefault(text, []).append(label)
    return {block: [SourceLine(text, labels) for text, labels in lines.items()] for block, lines in blocks.items()}


def source_texts(sources: list[FactSource]) -> list[str]:
    """Return "Members: report D4.5, June 2019" for each, in the order of the profile."""
    known = {source.field: source.text for source in sources}
    return [f"{label}: {known[field]}" for field, label in LABELS.items() if field in known]
