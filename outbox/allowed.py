"""To whom mail may really go: the guard between a copy of the real data and real mailboxes."""

from collections.abc import Iterable

from django.conf import settings

from outbox.addresses import AddressNotUsable, normalised


def mistakes(entries: Iterable[str]) -> list[str]:
    """Return the entries of MAIL_ALLOWED that are neither an address, nor an @domain, nor ``*``."""
    return [entry for entry in entries if entry != "*" and not _normal(entry)]


def may_get_mail(recipient: str) -> bool:
    """Return whether MAIL_ALLOWED names this (normalised) address, its domain, or everybody."""
    names = {"*" if entry == "*" else _normal(entry) for entry in settings.MAIL_ALLOWED}
    return not names.isdisjoint({"*", recipient, f"@{recipient.rpartition('@')[2]}"})


def _normal(entry: str) -> str:
    try:
        if entry.startswith("@"):
            return "@" + normalised(f"x{entry}").rpartition("@")[2]
        return normalised(entry)
    except AddressNotUsable:
        return ""
