"""Does the domain of an e-mail address take mail? Asked by the worker only."""

import time
from enum import StrEnum
from typing import Any, Protocol

import dns.exception
import dns.name
import dns.resolver

TOTAL_SECONDS = 3.0


class Answer(StrEnum):
    """Whether a domain takes mail."""

    YES = "yes"
    NO = "no"
    #: The name servers did not say; ask again later.
    UNKNOWN = "unknown"


class Resolver(Protocol):
    """What is needed of a ``dns.resolver.Resolver``."""

    def resolve(self, qname: Any, rdtype: str, *, lifetime: float, search: bool) -> Any:
        """Return the records of one kind."""


def mail_domain_exists(address: str, *, resolver: Resolver | None = None, seconds: float = TOTAL_SECONDS) -> Answer:
    """Return whether the domain of the e-mail address ``address`` exists and takes mail, in at most ``seconds``.

    A domain takes mail if it has an MX record or, without any, an address of its own (RFC 5321); a "null MX"
    says that it does not (RFC 7505).
    """
    domain = address.rpartition("@")[2].strip().rstrip(".")
    try:
        name = dns.name.from_text(domain.encode("idna").decode("ascii") + ".")
    except (UnicodeError, dns.exception.DNSException):
        return Answer.NO
    if len(name.labels) < 3:  # one label and the root
        return Answer.NO
    deadline = time.monotonic() + seconds
    try:
        asked = resolver or dns.resolver.Resolver()
        for kind in ("MX", "A", "AAAA"):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return Answer.UNKNOWN
            try:
                records = asked.resolve(name, kind, lifetime=remaining, search=False)
            except dns.resolver.NoAnswer:
                continue
            if kind == "MX" and all(str(record.exchange) == "." for record in records):
                return Answer.NO
            return Answer.YES
    except dns.resolver.NXDOMAIN:
        return Answer.NO
    except (dns.exception.DNSException, OSError):
        return Answer.UNKNOWN
    return Answer.NO
