"""Whether a domain takes mail, asked of name servers that the tests play."""

import time
from types import SimpleNamespace
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import pytest

from webcheck.mail_domains import Answer, mail_domain_exists


class Played:
    """Name servers with the answers of a test; a missing kind of record is no answer."""

    def __init__(self, **records: Any) -> None:
        self.records = records
        self.asked: list[tuple[str, str]] = []

    def resolve(self, qname: Any, rdtype: str, *, lifetime: float, search: bool) -> Any:
        """Return the records of one kind, or raise the error in their place."""
        assert 0 < lifetime <= 3
        assert search is False
        self.asked.append((str(qname), rdtype))
        found = self.records.get(rdtype, dns.resolver.NoAnswer)
        if isinstance(found, type):
            raise found
        if callable(found):
            found()
        return found


def mx(*hosts: str) -> list[SimpleNamespace]:
    """Return MX records."""
    return [SimpleNamespace(exchange=dns.name.from_text(host)) for host in hosts]


@pytest.mark.parametrize(
    ("records", "answer", "asked"),
    [
        ({"MX": mx("mail.alpha.example")}, Answer.YES, "MX"),
        ({"A": ["192.0.2.1"]}, Answer.YES, "MX A"),
        ({"AAAA": ["2001:db8::1"]}, Answer.YES, "MX A AAAA"),
        ({}, Answer.NO, "MX A AAAA"),
        ({"MX": mx(".")}, Answer.NO, "MX"),
        ({"MX": dns.resolver.NXDOMAIN}, Answer.NO, "MX"),
        ({"MX": dns.exception.Timeout}, Answer.UNKNOWN, "MX"),
        ({"MX": dns.resolver.NoNameservers}, Answer.UNKNOWN, "MX"),
        ({"MX": OSError}, Answer.UNKNOWN, "MX"),
        ({"A": dns.exception.Timeout}, Answer.UNKNOWN, "MX A"),
    ],
)
def test_answers(records: dict[str, Any], answer: Answer, asked: str) -> None:
    played = Played(**records)

    assert mail_domain_exists("office@alpha.example", resolver=played) == answer
    assert played.asked == [("alpha.example.", kind) for kind in asked.split()]


def test_other_letters_than_ascii() -> None:
    played = Played(MX=mx("mail.example"))

    assert mail_domain_exists("office@" + "köln.example", resolver=played) == Answer.YES
    assert played.asked == [("xn--kln-sna.example.", "MX")]


@pytest.mark.parametrize(
    "address", ["", "office", "office@", "office@localhost", "office@a..b.example", "office@" + "x" * 80 + ".example"]
)
def test_addresses_without_a_domain_are_not_asked_about(address: str) -> None:
    played = Played(MX=mx("mail.example"))

    assert mail_domain_exists(address, resolver=played) == Answer.NO
    assert played.asked == []


def test_time_is_limited_over_all_questions() -> None:
    def slow() -> None:
        time.sleep(0.2)
        raise dns.resolver.NoAnswer

    played = Played(MX=slow, A=slow, AAAA=slow)

    assert mail_domain_exists("office@alpha.example", resolver=played, seconds=0.1) == Answer.UNKNOWN
    assert [kind for _name, kind in played.asked] == ["MX"]
