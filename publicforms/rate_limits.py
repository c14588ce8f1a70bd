"""How often the public forms may be used, by visitor, network and recipient; generous to people.

:mod:`publicforms.client_address` says what a visitor and a network is. A mailbox is no visitor: whoever knows an
address could use up what its owner may do. So a visitor's network is refused (:func:`check`) by what it did itself
to a mailbox; what others did there only makes mail rarer (:func:`may_mail`), and never stops the first mails that a
network asks for.

The counters live in Redis where there is one, else in the memory of the web process. Keys are keyed hashes:
neither an IP address nor an e-mail address is stored. If Redis does not answer, everything is allowed: a
queue with spam in it is better than a form that nobody can use.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from publicforms.client_address import client_address, client_network

logger = logging.getLogger(__name__)


class TooOften(Exception):
    """Something was done too often; ``seconds`` is after how long it works again."""

    def __init__(self, seconds: int) -> None:
        """Keep the time to wait."""
        self.seconds = max(1, seconds)
        super().__init__(f"Too often; again in {self.seconds} s.")


@dataclass(frozen=True)
class Rate:
    """How often one thing may be done: by one visitor, by their network, by their network to one mailbox."""

    name: str
    by_address: str
    by_network: str
    to_recipient: str = ""


#: Mails that one mailbox gets by whatever anybody does here, and those that every network has in any case.
MAILS_TO_ONE = "12/hour;40/day"
MAILS_BY_NETWORK = "3/hour;9/day"
#: Begin a form or ask for a link: each sends a mail.
START = Rate("start", "20/hour;60/day", "100/hour;400/day", "6/hour;15/day")
#: Save steps, use links, withdraw.
WRITE = Rate("write", "300/hour", "3000/hour")
#: Have something passed on, after a link proved the address: limited by who gets it, too.
FORWARD = Rate("forward", "10/hour;30/day", "60/hour;200/day", "6/hour;15/day")
#: Look for similar names while typing.
READ = Rate("look", "60/minute", "600/minute")


def check(rate: Rate, request: HttpRequest, *, recipient: str = "") -> None:
    """Count one use of ``rate`` by the visitor, and by ``recipient`` (an e-mail address) if given.

    Raises :class:`TooOften` if it is one too many; a use that was refused does not count.
    """
    network = client_network(request)
    counted = [*_counters(rate.by_address, rate.name, "address", client_address(request))]
    counted += _counters(rate.by_network, rate.name, "network", network)
    if recipient and rate.to_recipient:
        counted += _counters(rate.to_recipient, rate.name, "recipient", f"{_mailbox(recipient)} {network}")
    limiter = MovingWindowRateLimiter(_storage(settings.RATES_STORAGE))
    try:
        _require_free(limiter, counted)
        for item, keys in counted:
            limiter.hit(item, *keys)
    except StorageError:
        logger.warning("The counters of the public forms do not answer: nothing is limited.", exc_info=True)


def may_mail(request: HttpRequest, recipient: str) -> bool:
    """Count a mail that the visitor causes to ``recipient``, and return whether it may go.

    It may unless the mailbox got many lately **and** the visitor's network caused some of them. The answer must
    not show on any page: it would show what others requested for this address.
    """
    recipient = _mailbox(recipient)
    network = client_network(request)
    to_one = [*_counters(MAILS_TO_ONE, "mail", "recipient", recipient)]
    by_network = [*_counters(MAILS_BY_NETWORK, "mail", "network", f"{recipient} {network}")]
    limiter = MovingWindowRateLimiter(_storage(settings.RATES_STORAGE))
    try:
        is_fine = any(all(limiter.test(item, *keys) for item, keys in part) for part in (to_one, by_network))
        if is_fine:
            for item, keys in (*to_one, *by_network):
                limiter.hit(item, *keys)
    except StorageError:
        logger.warning("The counters of the public forms do not answer: nothing is limited.", exc_info=True)
        return True
    return is_fine


def forget_all() -> None:
    """Set all counts to zero; for tests."""
    _storage(settings.RATES_STORAGE).reset()
    _storage.cache_clear()


def _mailbox(recipient: str) -> str:
    """Return what counts as one mailbox: ``ada+list@…`` ends in that of ``ada@…``."""
    local, _at, domain = recipient.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


Counter = tuple[RateLimitItem, tuple[str, ...]]


def _counters(rates: str, *keys: str) -> Iterable[Counter]:
    *names, value = keys
    hidden = salted_hmac("publicforms.rate_limits", value).hexdigest()[:32]
    return [(item, (*names, hidden)) for item in parse_many(rates)]


def _require_free(limiter: MovingWindowRateLimiter, counted: Iterable[Counter]) -> None:
    full = [limiter.get_window_stats(item, *keys) for item, keys in counted if not limiter.test(item, *keys)]
    if full:
        raise TooOften(int(max(stats.reset_time for stats in full) - time.time()) + 1)


@cache
def _storage(address: str) -> Storage:
    options = {} if address.startswith("memory") else {"wrap_exceptions": True}
    return cast(Storage, storage_from_string(address, **options))
