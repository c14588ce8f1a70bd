"""Write what was accepted onto the live row: one version of its history, which names the submission."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.services.clusters import ClusterNotPublishable, publish_clusters
from catalogue.services.sources import Source, from_cluster, from_staff, note_sources
from submissions.exceptions import DecisionNotPossible
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import Values, changed_names, read_values, stored_logo, write_lists, write_values
from submissions.models import ClusterEditor, Submission
from submissions.services.dependent_fields import relocation_effects, rename_effects
from workplace.versions import describe_version, without_version


def write_accepted(
    row: Submission, reviewer: User | None, values: Values, choices: Choices, *, publish: bool
) -> Cluster:
    """Write accepted ``values`` on the target of a locked ``row``, or on a new cluster, and return it.

    One version of the history names the submission and ``reviewer``. ``publish`` is for new clusters. Raises
    :class:`DecisionNotPossible` with messages by field for what the cluster cannot hold.
    """
    is_new = row.target is None
    cluster = row.target or Cluster(found_via=_found_via(row), found_on=timezone.localdate())
    if not is_new:
        values = {**values, **relocation_effects(cluster, values), **rename_effects(cluster, values)}
    before = {} if is_new else read_values(cluster, values)
    write_values(cluster, values, choices)
    if "logo" in values:
        cluster.logo = _logo(row) if values["logo"] else ""
    if confirmed_on := _said_on(row):
        cluster.confirmed_on = max(confirmed_on, cluster.confirmed_on or confirmed_on)
    # Only what is written now is checked by its validators: an old value elsewhere must not block the decision.
    others = {field.name for field in Cluster._meta.fields} - set(values)
    try:
        cluster.full_clean(exclude=others, validate_unique=False, validate_constraints=False)
        cluster.validate_constraints(exclude=["slug"] if is_new else None)
    except ValidationError as error:
        raise DecisionNotPossible(
            {name if name in BY_NAME else "": " ".join(messages) for name, messages in error.message_dict.items()}
        ) from error
    source = f"Submission {row.public_id}"
    describe_version(cluster, reason=source, by=reviewer)
    if is_new:
        cluster.save()
    with without_version(cluster):
        if not is_new:
            cluster.save()
        write_lists(cluster, values, choices, by=reviewer, reason=source)
    note_sources(cluster=cluster, names=changed_names(values, before), source=_source(row))
    # One version for fields and lists together.
    cluster.save(update_fields=["name"])
    if is_new:
        if row.submitter_email and row.email_confirmed_at and row.channel == Submission.Channel.FORM:
            ClusterEditor.objects.get_or_create(
                cluster=cluster, email=row.submitter_email,
                defaults={"name": row.submitter_name, "note": "Submitted the profile."},
            )  # fmt: skip
        if publish:
            _publish(cluster, source, reviewer)
    return cluster


def require_logo(row: Submission) -> None:
    """Raise :class:`DecisionNotPossible` if the file of the proposed logo is missing, as after a restored backup."""
    if not row.logo or not row.logo.storage.exists(str(row.logo.name)):
        raise DecisionNotPossible({"logo": _NO_LOGO})


_NO_LOGO = (
    "Logo: its file is missing on the server, so it cannot be taken over. Refuse the logo and accept the rest, "
    "or ask the submitter to send it again."
)


def _logo(row: Submission) -> ContentFile:
    try:
        return stored_logo(row.logo)
    except (FileNotFoundError, ValueError) as error:
        raise DecisionNotPossible({"logo": _NO_LOGO}) from error


def _said_on(row: Submission) -> date | None:
    """Return the day on which the cluster said it; ``None`` for spreadsheets of staff."""
    said_at = _last_answer_at(row) or row.submitted_at
    return timezone.localdate(said_at) if said_at and row.channel != Submission.Channel.IMPORT else None


def _source(row: Submission) -> Source:
    day = _said_on(row)
    return from_cluster(day) if day else from_staff("a spreadsheet of staff")


def _last_answer_at(row: Submission) -> datetime | None:
    """Return when the submitter last answered a reviewer, ``None`` if never."""
    if row.answered_at or row.status != Submission.Status.CHANGES_REQUESTED:
        return row.answered_at
    # Asked again since: the answer before is only among the events.
    answer = row.events.filter(kind=Submission.Status.PENDING, data__answered=True).last()
    return answer.at if answer else None


def _found_via(row: Submission) -> str:
    line = getattr(row, "import_row", None) if row.channel == Submission.Channel.IMPORT else None
    return f"Line {line.number} of {line.spreadsheet.file_name}" if line else f"Submission {row.public_id}"


def _publish(cluster: Cluster, source: str, reviewer: User | None) -> None:
    try:
        publish_clusters(clusters=[cluster], reason=f"Published with {source}", user=reviewer)
    except ClusterNotPublishable as error:
        raise DecisionNotPossible(
            {"summary": f"{error} Or let the cluster stay identified: it is not public then."}
        ) from error
    cluster.refresh_from_db()
