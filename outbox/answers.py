"""The results of an attempt to send, and what the codes of a mail server mean for it."""

import re
from dataclasses import dataclass
from enum import StrEnum

#: The server asks everybody to slow down, not this mail in particular.
SLOW_DOWN = frozenset({421, 432, 454})
#: Enhanced codes that say that the mailbox or its domain does not exist, as opposed to the sender's.
NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
#: The server wants a sign-in or TLS first: our settings are wrong, not the mail.
NOT_SIGNED_IN = frozenset({530, 534, 535, 538})

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class Phase(StrEnum):
    """How far the conversation with the server had come."""

    CONNECT = "connect"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "body"
    DOT = "after the final dot"


class Result(StrEnum):
    """The result of an attempt."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # refused for now: try again later, at most 48 hours
    REJECTED = "rejected"  # refused for good
    RETURNED = "returned"  # the server took nothing and may not be blamed on this mail: back in the queue
    LOST = "lost"  # the connection broke before the final dot: nothing was taken
    UNCERTAIN = "uncertain"  # the connection broke after the final dot: nobody knows


@dataclass(frozen=True)
class Outcome:
    """The result of an attempt, with the text of the server's answer."""

    result: Result
    phase: Phase
    code: int | None = None
    text: str = ""
    suppresses: bool = False  # there is no such mailbox
    slows: bool = False  # the server asks for less
    is_of_server: bool = False  # not this mail's fault: counts towards a pause


ACCEPTED = Outcome(Result.ACCEPTED, Phase.DOT, 250, "")


def enhanced(text: str) -> str:
    """Return the enhanced code at the start of an answer ("5.1.1"), or nothing."""
    found = _ENHANCED.match(text.strip())
    return found[1] if found else ""


def slows(code: int, text: str) -> bool:
    """Return whether the answer asks for less mail in general."""
    return code in SLOW_DOWN or (code == 451 and enhanced(text).startswith("4.7."))


def classified(phase: Phase, code: int, text: str) -> Outcome:
    """Return what an answer of the server in that phase means; only for answers that are not good ones."""
    slow = slows(code, text)
    if phase is Phase.DOT and not 400 <= code < 600:
        # "354" too: only 4xx and 5xx say for certain that the mail was not taken.
        return Outcome(Result.UNCERTAIN, phase, None, text or "An answer that is none.")
    if not 400 <= code < 600:
        return Outcome(Result.LOST, phase, None, f"Not understood: {code} {text}", is_of_server=True)
    if code == 421 or code in NOT_SIGNED_IN:
        result = Result.DEFERRED if phase is Phase.DOT else Result.RETURNED
        return Outcome(result, phase, code, text, slows=slow, is_of_server=True)
    if phase is Phase.MAIL:
        # A sender that is refused, for now ("450 4.1.8 domain not found") or for good, may be one partner's: it must
        # not stop the others for ever, so it is tried again later and given up after two days.
        return Outcome(Result.DEFERRED, phase, code, text, slows=slow, is_of_server=True)
    if code < 500:
        return Outcome(Result.DEFERRED, phase, code, text, slows=slow)
    return Outcome(
        Result.REJECTED, phase, code, text, suppresses=phase is Phase.RCPT and enhanced(text) in NO_SUCH_MAILBOX
    )
