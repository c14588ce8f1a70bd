"""What staff does about facts that were found outside the portal."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from catalogue.locking import lock_clusters_for_update
from catalogue.models import FactProposal
from catalogue.services.sources import Origin, Source, note_sources
from workplace.versions import describe_version

Status = FactProposal.Status


class ProposalNotOpen(Exception):
    """It was decided before, or cannot be taken over; the message says why, for whom decides."""


def confirm_website(*, proposal: FactProposal, by: User | None) -> FactProposal:
    """Give the cluster the website of ``proposal``, which is done then; return the proposal.

    Raises :class:`ProposalNotOpen` if it is no open one of a website, or if the cluster has another website.
    """
    with transaction.atomic():
        cluster = lock_clusters_for_update([proposal.cluster_id])[proposal.cluster_id]
        row = _lock(proposal)
        if row.kind != FactProposal.Kind.WEBSITE:
            raise ProposalNotOpen(
                "Only a website is taken over by a button. Change the profile, then mark this as done."
            )
        if cluster.website and cluster.website != row.url:
            raise ProposalNotOpen(
                f"{cluster.name} has a website already: {cluster.website}. Change it on its page, or dismiss this one."
            )
        if cluster.website != row.url:
            cluster.website = row.url
            describe_version(cluster, reason=f"Website confirmed; {row.evidence}", by=by)
            cluster.save(update_fields=["website"])
            label = f"public web text, {row.year}, confirmed by staff" if row.year else "web text, confirmed by staff"
            source = Source(Origin.WEB, label, timezone.localdate().isoformat())
            note_sources(cluster=cluster, names=["website"], source=source)
        return _decide(row, Status.DONE, row.note, by)


def decide_proposal(*, proposal: FactProposal, status: str, note: str, by: User | None) -> FactProposal:
    """Mark ``proposal`` as done, dismissed, or open again, with a ``note``; nothing else changes. Return it.

    Raises ``ValidationError`` for a dismissal without a note: colleagues will read it.
    """
    note = note.strip()
    if status == Status.DISMISSED and not note:
        raise ValidationError({"note": "Say why it is dismissed: colleagues will read it."})
    with transaction.atomic():
        row = FactProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        return _decide(row, Status(status), note, by)


def _lock(proposal: FactProposal) -> FactProposal:
    row = FactProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if row.status != Status.OPEN:
        raise ProposalNotOpen(f"This was marked as {row.get_status_display().lower()} before.")
    return row


def _decide(row: FactProposal, status: FactProposal.Status, note: str, by: User | None) -> FactProposal:
    is_open = status == Status.OPEN
    row.status, row.note = status, note
    row.decided_at, row.decided_by = (None, None) if is_open else (timezone.now(), by)
    row.save(update_fields=["status", "note", "decided_at", "decided_by"])
    return row
