"""Proof of work: a browser that wants to send a form computes for half a second, and nobody else is asked.

The challenge is signed, so nothing is stored until one is solved; it ends after an hour and can be spent once.
``static/js/challenge.js`` solves it and says in its head what the page must hold.
"""

import json
import logging
import secrets
import time
from typing import Any, Protocol

import altcha
from django.core.cache import cache
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)

ALGORITHM = "PBKDF2/SHA-256"
#: Seconds until a challenge ends: as long as somebody may sit before a form.
LIFETIME = 3600
#: Rounds of one attempt, and how many attempts lead to the solution: about half a million rounds in all, which
#: take a desktop a quarter of a second and an old telephone two or three. The server does one attempt.
ROUNDS = 2000
ATTEMPTS = (150, 350)
MAX_PAYLOAD = 4000


class Store(Protocol):
    """What is needed of a cache to remember spent challenges; all web processes must share it."""

    def add(self, key: str, value: Any, timeout: float) -> bool:
        """Store a value unless the key exists already, and return whether it was stored."""


def new_challenge(*, seconds: int = LIFETIME) -> dict[str, Any]:
    """Return a challenge that ends after ``seconds``, as it is sent to the browser in JSON."""
    low, high = ATTEMPTS
    challenge = altcha.create_challenge(
        ALGORITHM,
        ROUNDS,
        counter=low + secrets.randbelow(high - low + 1),
        expires_at=int(time.time()) + seconds,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("solution"),
    )
    return challenge.to_dict()


def is_solved(payload: str, *, store: Store | None = None) -> bool:
    """Return whether ``payload`` (the hidden field of the form) solves one of our challenges, and spend it.

    False for a wrong or forged solution, after the end, and the second time. A form that is shown again because
    of other errors needs a new challenge.
    """
    if not payload or len(payload) > MAX_PAYLOAD or not payload.isascii():
        return False
    try:
        sent = altcha.Payload.from_base64(payload)
        result = altcha.verify_solution(sent, _secret("challenge"), hmac_key_secret=_secret("solution"))
        ends, signature = sent.challenge.parameters.expires_at, sent.challenge.signature
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return False  # nonsense that nobody's browser sends
    if not result.verified or not ends or not signature:
        return False
    try:
        return (cache if store is None else store).add(f"challenge-{signature}", 1, max(1, ends - time.time()) + 60)
    except Exception:  # whatever the backend raises: as with the limits, better a form than none that can be used
        logger.warning("Spent challenges cannot be remembered.", exc_info=True)
        return True


def solve(challenge: dict[str, Any]) -> str:
    """Return the payload that solves ``challenge``: the work that a browser does, for tests and partners' programs."""
    read = altcha.Challenge.from_dict(json.loads(json.dumps(challenge)))
    solution = altcha.solve_challenge(read)
    if solution is None:
        raise TimeoutError("no solution found in time")
    return altcha.Payload(read, solution).to_base64()


def _secret(purpose: str) -> bytes:
    return salted_hmac("publicforms.proof_of_work", purpose, algorithm="sha256").digest()
