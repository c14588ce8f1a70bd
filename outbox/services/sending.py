"""One slice of sending: take rows, send them one by one, stop after a while."""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection

from outbox import transports
from outbox.answers import Outcome, Result
from outbox.envelope import Envelope, SecretErased, seal
from outbox.models import Message
from outbox.services import server
from outbox.services.claiming import BATCH, claim, release, worker_name
from outbox.services.journal import begin, fail, settle
from outbox.transports import ServerUnavailable, Transport

logger = logging.getLogger(__name__)

#: A task of this length may be killed, repeated or forgotten at any time; the rows know better.
SECONDS = 50.0
#: Seconds to wait before the outcome of a mail is written again: a database is back within these, or not soon.
REWRITE_AFTER = (0.0, 1.0, 5.0, 15.0)


@dataclass
class Slice:
    """What one slice did; ``is_unfinished`` when its time was up and more may wait."""

    outcomes: Counter[str] = field(default_factory=Counter)
    is_unfinished: bool = False


def run_slice(
    *, transport: Transport | None = None, seconds: float = SECONDS, limit: int = BATCH, worker: str = ""
) -> Slice:
    """Send what is due until nothing is, the server wants no more, or ``seconds`` have passed."""
    transport = transport or transports.current()
    worker = worker or worker_name()
    until = time.monotonic() + seconds
    done = Slice()
    try:
        while rows := claim(worker, limit=limit, has_rate=transport.has_rate):
            if not _send(rows, transport, worker, until, done):
                break
            if time.monotonic() >= until:
                done.is_unfinished = True
                break
    finally:
        transport.close()
    return done


def _send(rows: list[Message], transport: Transport, worker: str, until: float, done: Slice) -> bool:
    """Send the rows; return whether the next may follow. Whatever is not sent goes back into the queue."""
    left = list(rows)
    is_known_well = False
    note = "not begun: an error of the portal"
    try:
        while left:
            if time.monotonic() >= until:
                note = "not begun: the time of this worker was up"
                done.is_unfinished = True
                return False
            try:
                transport.ready()
            except ServerUnavailable as error:
                note = f"not begun: {error}"
                logger.warning("No mail goes out: %s", error)
                if transport.has_rate:
                    server.report_error(str(error), slows=error.slows)
                return False
            message = left.pop(0)
            outcome = _send_one(message, transport, worker, done)
            if outcome and transport.has_rate:
                is_accepted = outcome.result is Result.ACCEPTED
                # The first mail that is taken after something else says that the server is well again.
                if not (is_accepted and is_known_well) and not _goes_on(outcome):
                    note = f"not begun: {outcome.code or ''} {outcome.text}".strip()
                    return False
                is_known_well = is_accepted
        return True
    finally:
        release(worker, left, note)


def _send_one(message: Message, transport: Transport, worker: str, done: Slice) -> Outcome | None:
    try:
        envelope: Envelope = seal(message)
    except (SecretErased, ValueError) as error:
        logger.error("Mail %s cannot be made: %s", message.uuid, type(error).__name__)
        fail(message, worker, f"The mail cannot be made: {error}")
        done.outcomes[Message.Status.FAILED] += 1
        return None
    if not begin(message, worker, via=transport.via, lease=transport.lease):
        done.outcomes[Message.Status.SKIPPED] += 1
        return None
    outcome = transport.deliver(envelope)
    status = _written(message, worker, outcome)
    done.outcomes[status or "too late"] += 1
    if status in (Message.Status.UNCERTAIN, Message.Status.FAILED, Message.Status.REJECTED):
        logger.warning("Mail %s is %s (%s, code %s)", message.uuid, status, outcome.phase, outcome.code)
    return outcome


def _written(message: Message, worker: str, outcome: Outcome) -> Message.Status | None:
    """Write the outcome, again over a new connection if the database is restarted just now: this worker knows it."""
    for wait in REWRITE_AFTER:
        try:
            return settle(message, worker, outcome)
        except (InterfaceError, OperationalError) as error:
            logger.warning("The outcome of mail %s is not written yet: %s", message.uuid, type(error).__name__)
            if not connection.in_atomic_block:
                connection.close()  # the next try opens another
            time.sleep(wait)
    return settle(message, worker, outcome)


def _goes_on(outcome: Outcome) -> bool:
    """Report ``outcome`` to the state of the server; return whether the next mail may follow now."""
    words = f"{outcome.code or ''} {outcome.text}".strip()
    if outcome.is_of_server or outcome.slows:
        server.report_error(words, slows=outcome.slows)
        # A connection that broke once is opened again; only an answer says that the server wants to be left alone.
        return outcome.result in (Result.LOST, Result.UNCERTAIN) and not outcome.slows
    if outcome.result is Result.REJECTED:
        return not server.report_refusal(words)
    if outcome.result is Result.ACCEPTED:
        server.report_success()
    return True
