"""Claims: an import is worked on by one worker at a time, in slices, and resumed wherever the last one stopped.

The import is the job. A worker claims it for a while and renews the claim with every slice, in the transaction that holds
the slice's work; whoever has lost the claim (its time was over, staff cancelled) changes nothing any more.
"""

from __future__ import annotations

import secrets
import time
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from imports.models import SpreadsheetImport

#: How long a claim lasts; a slice is far shorter.
LEASE = timedelta(seconds=60)
#: A task works so many seconds before it lets others have the worker.
SECONDS = 20.0


class ClaimLost(Exception):
    """Somebody else has the import now, or staff stopped it."""


class Claim:
    """One worker's right to work on an import in one state."""

    def __init__(self, spreadsheet: SpreadsheetImport, token: str, until: float) -> None:
        """Made by :func:`claim_import`."""
        self.spreadsheet, self.token, self._until = spreadsheet, token, until
        self.status = spreadsheet.status

    @property
    def is_over(self) -> bool:
        """Whether it is time to let others have the worker."""
        return time.monotonic() >= self._until

    def renew(self, **changes: object) -> None:
        """Renew the claim and store ``changes`` of the import, in the transaction of the slice.

        Raises :class:`ClaimLost`, which takes the slice back.
        """
        changes["claimed_until"] = timezone.now() + LEASE
        if not self._claimed().update(**changes):
            raise ClaimLost
        for name, value in changes.items():
            setattr(self.spreadsheet, name, value)

    def finish(self, status: str, **changes: object) -> None:
        """End the work in hand: the import is in ``status`` now and nobody has it. Raises :class:`ClaimLost`."""
        changes = {"claimed_until": None, "claimed_by": "", "finished_at": timezone.now(), **changes}
        if not self._claimed().update(status=status, **changes):
            raise ClaimLost

    def release(self) -> None:
        """Let others go on at once."""
        self._claimed().update(claimed_until=None, claimed_by="")

    def _claimed(self) -> models.QuerySet[SpreadsheetImport]:
        return SpreadsheetImport.objects.filter(pk=self.spreadsheet.pk, claimed_by=self.token, status=self.status)


def claim_import(pk: int, *, seconds: float = SECONDS) -> Claim | None:
    """Claim the import ``pk``; ``None`` if there is nothing to do or another worker has it."""
    token = secrets.token_hex(16)
    taken = _unclaimed().filter(pk=pk).update(claimed_by=token, claimed_until=timezone.now() + LEASE)
    if not taken:
        return None
    return Claim(SpreadsheetImport.objects.get(pk=pk), token, time.monotonic() + seconds)


def waiting() -> list[int]:
    """Return the imports on which somebody should work and nobody does."""
    return list(_unclaimed().values_list("pk", flat=True))


def wake_worker(spreadsheet: SpreadsheetImport) -> None:
    """Wake a worker up once the transaction is through; a lost call is made up for by beat."""
    from imports.tasks import run_import

    key = spreadsheet.pk
    transaction.on_commit(lambda: run_import.apply_async((key,), retry=False), robust=True)


def _unclaimed() -> models.QuerySet[SpreadsheetImport]:
    is_unclaimed = Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())
    return SpreadsheetImport.objects.filter(is_unclaimed, status__in=SpreadsheetImport.WORKING)
