"""What a form asks of its sender besides values: an empty trap, some seconds, a use only once.

Every form that begins something carries the hidden fields of :class:`Guard`. The stamp is signed and says when
the form was shown; it holds a number used once, by which the second click on one button is known.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

#: A field that people do not see; programs fill it in. No word that browsers fill in by themselves (organisation,
#: name, address, phone): what a person sends must never look like a program's.
TRAP = "homepage_url"
STAMP = "stamp"
#: So long after it was shown may a form be sent.
LASTS = timedelta(hours=24)


class Verdict(StrEnum):
    """What the hidden fields say."""

    FINE = "fine"
    BOT = "bot"  # to be answered as if all went well
    QUICK = "quick"
    OLD = "old"


@dataclass(frozen=True)
class Guard:
    """The hidden fields of one form: ``stamp`` to be shown again, ``reference`` the number used once."""

    stamp: str
    reference: UUID

    trap = TRAP

    @classmethod
    def new(cls) -> Guard:
        """Return the guard of a form that is shown for the first time."""
        reference = uuid4()
        return cls(_SIGNER.sign(f"{reference} {int(time.time())}"), reference)

    @classmethod
    def of(cls, request: HttpRequest, *, minimum_seconds: int) -> tuple[Verdict, Guard]:
        """Return what a sent form's hidden fields say, and the guard to show it again with.

        A form that is sent sooner than ``minimum_seconds`` after it was shown is ``QUICK``.
        """
        if request.POST.get(TRAP):
            return Verdict.BOT, cls.new()
        stamp = request.POST.get(STAMP, "")
        try:
            reference, seconds = _SIGNER.unsign(stamp).split(" ")
            guard, age = cls(stamp, UUID(reference)), time.time() - int(seconds)
        except (BadSignature, ValueError):
            return Verdict.OLD, cls.new()
        if age > LASTS.total_seconds():
            return Verdict.OLD, cls.new()
        if age < minimum_seconds:
            return Verdict.QUICK, guard
        return Verdict.FINE, guard


_SIGNER = Signer(salt="publicforms.honeypot")
#: What a person reads whose form was not taken.
MESSAGES = {
    Verdict.QUICK: "That was very quick. Please look over the page once more, and send it again.",
    Verdict.OLD: "This page was open for too long. What you wrote is still here: please send it again.",
}
