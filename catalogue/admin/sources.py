"""Which submission stands behind a version of the history, and what the reviewer wrote in it themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from catalogue.models import Submission
from catalogue.payload.choices import Choices
from catalogue.payload.fields import BY_NAME
from catalogue.payload.values import in_words

_NAMED = re.compile(r"\bSubmission ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")


@dataclass(frozen=True)
class Source:
    """A submission as the history names it."""

    url: str
    name: str
    told: str
    #: (label, proposed, written by the reviewer) of the fields that were edited on approval.
    edited: tuple[tuple[str, str, str], ...]


class SubmissionSources:
    """Mixin of an admin with history: gives each version on the page its ``source``, if its reason names one."""

    def set_history_delta_changes(self, request: HttpRequest, historical_records: Any, *args: Any, **more: Any) -> None:
        """Add the sources: one query for the page, and the vocabularies if a reviewer edited something."""
        super().set_history_delta_changes(request, historical_records, *args, **more)  # type: ignore[misc]
        named = {}
        for record in historical_records.object_list:
            if found := _NAMED.search(record.history_change_reason or ""):
                named[record.pk] = UUID(found[1])
        if not named or not request.user.has_perm("catalogue.view_submission"):  # type: ignore[union-attr]
            return
        rows = {row.public_id: row for row in Submission.objects.filter(public_id__in=named.values())}
        edits = any("value" in decision for row in rows.values() for decision in row.decisions.values())
        choices = Choices.load() if edits else None
        for record in historical_records.object_list:
            row = rows.get(named.get(record.pk))  # type: ignore[arg-type]
            if row is not None:
                record.source = _source(row, choices)


def _source(row: Submission, choices: Choices | None) -> Source:
    edited = []
    for name, decision in row.decisions.items():
        spec = BY_NAME.get(name)
        if spec and choices and decision.get("accepted") and "value" in decision:
            texts = (
                in_words(spec, value, choices) or "nothing" for value in (row.payload.get(name), decision["value"])
            )
            edited.append((spec.label, *texts))
    return Source(
        url=reverse("admin:catalogue_submission_change", args=[row.pk]), name=str(row),
        told=f"{row.get_channel_display()}, {row.get_trust_display()[:1].lower()}{row.get_trust_display()[1:]}",
        edited=tuple(edited),
    )  # fmt: skip
