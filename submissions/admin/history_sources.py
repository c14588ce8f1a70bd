"""Which submission a version of the history comes from, and what the reviewer wrote in it themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import as_text
from submissions.models import Submission
from workplace.extensions import VersionOrigin, VersionSource

_NAMED = re.compile(r"\bSubmission ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")


def origins(request: HttpRequest, versions: Sequence[Any]) -> dict[int, VersionOrigin]:
    """Return the submissions that ``versions`` of a history name as their reason, for those who may see them.

    One query for the page, and the vocabularies if a reviewer edited something.
    """
    named = {}
    for version in versions:
        if found := _NAMED.search(version.history_change_reason or ""):
            named[version.pk] = UUID(found[1])
    if not named or not request.user.has_perm("submissions.view_submission"):
        return {}
    rows = {row.public_id: row for row in Submission.objects.filter(public_id__in=named.values())}
    edits = any("value" in decision for row in rows.values() for decision in row.decisions.values())
    choices = Choices.load() if edits else None
    return {key: _origin(rows[public_id], choices) for key, public_id in named.items() if public_id in rows}


def _origin(row: Submission, choices: Choices | None) -> VersionOrigin:
    edited = []
    for name, decision in row.decisions.items():
        spec = BY_NAME.get(name)
        if spec and choices and decision.get("accepted") and "value" in decision:
            texts = (as_text(spec, value, choices) or "nothing" for value in (row.payload.get(name), decision["value"]))
            edited.append((spec.label, *texts))
    return VersionOrigin(
        url=reverse("admin:submissions_submission_change", args=[row.pk]), name=str(row),
        remark=f"{row.get_channel_display()}, {row.get_trust_display()[:1].lower()}{row.get_trust_display()[1:]}",
        edited=tuple(edited),
    )  # fmt: skip


SUBMISSIONS = VersionSource("submissions", origins)
