"""Addresses that get no mail."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from outbox.addresses import normalised, one_line
from outbox.kinds import Lane
from outbox.models import Suppression


def active(lane: str) -> QuerySet[Suppression]:
    """Return the suppressions that stop mail of that lane.

    Who only wants no mail to many still gets the confirmation they asked for a minute ago.
    """
    rows = Suppression.objects.filter(lifted_at__isnull=True)
    return rows if lane == Lane.BULK else rows.exclude(reason=Suppression.Reason.OPTED_OUT)


def suppress(*, address: str, reason: str, note: str = "", actor: str = "portal") -> Suppression:
    """Send no more mail to ``address``; a lifted suppression applies again.

    An address that only wanted no mail to many is stopped fully by a graver reason, never the reverse. Raises
    AddressNotUsable.
    """
    with transaction.atomic():
        row, is_new = Suppression.objects.select_for_update().get_or_create(
            address=normalised(address),
            defaults={"reason": reason, "note": one_line(note, 500), "created_by": actor},
        )
        is_graver = row.reason == Suppression.Reason.OPTED_OUT != reason
        if not is_new and (row.lifted_at is not None or is_graver):
            Suppression.objects.filter(pk=row.pk).update(
                reason=reason, note=one_line(note, 500), created_at=timezone.now(), created_by=actor,
                lifted_at=None, lifted_by="", lifted_because="",
            )  # fmt: skip
            row.refresh_from_db()
    return row


def lift(*, address: str, because: str, actor: str) -> bool:
    """Let mail go to ``address`` again; return whether it was suppressed.

    Raises ValueError without a reason.
    """
    if not because.strip():
        raise ValueError("Say why mail may go to this address again.")
    rows = Suppression.objects.filter(Q(address=normalised(address)) & Q(lifted_at__isnull=True))
    return bool(rows.update(lifted_at=timezone.now(), lifted_by=actor, lifted_because=one_line(because, 500)))
