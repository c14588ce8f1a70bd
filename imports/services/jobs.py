"""Running the work on an import that its status asks for; :mod:`~imports.services.claims` says who may."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError

from imports.models import SpreadsheetImport
from imports.services import approve, dry_run, propose, upload
from imports.services.claims import SECONDS, Claim, ClaimLost, claim_import
from spreadsheets.exceptions import FileProblem

Status = SpreadsheetImport.Status
#: What a worker does in each status; returns whether that is finished.
_WORK: dict[str, Callable[[Claim], bool]] = {
    Status.READING: upload.read,
    Status.CHECKING: dry_run.check,
    Status.PROPOSING: propose.propose_rows,
    Status.APPROVING: approve.approve_rows,
    Status.CANCELLING: propose.withdraw_rows,
}

logger = logging.getLogger(__name__)


def run(pk: int, *, seconds: float = SECONDS) -> bool:
    """Work on the import ``pk`` for about ``seconds``; return whether more is to be done.

    Safe to call at any time, twice and side by side.
    """
    claim = claim_import(pk, seconds=seconds)
    if claim is None:
        return False
    try:
        if _is_finished(claim):
            return False
    except ClaimLost:
        return False
    claim.release()
    return True


def _is_finished(claim: Claim) -> bool:
    """Do the next part of the work, or write down why it cannot be done. Raises :class:`ClaimLost`."""
    try:
        return _WORK[claim.status](claim)
    except (ClaimLost, OperationalError, InterfaceError):
        raise  # lost, or the database is away or busy: beat tries again when the claim is over
    except FileProblem as error:
        problem = str(error)
    except Exception:
        logger.exception("import %s stopped", claim.spreadsheet.public_id)
        problem = "The portal itself made a mistake, which is in its log. Try again, or ask an operator."
    claim.finish(Status.FAILED, problem=problem, stopped_in=claim.status)
    return True
