"""Addresses and words that go into the header of a mail."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

#: Marks in a body begin and end with these two; no value and no text of staff may hold them.
OPEN, CLOSE = "\ue000", "\ue001"
MAX_ADDRESS = 254  # RFC 5321: the longest path without its brackets
MAX_NAME = 100
MAX_HEADER = 2000
MAX_WORD = 900  # a line of a mail has 998 octets at most, and is broken only at spaces
#: Set by the outbox itself, so that no caller can send elsewhere or under another id.
OWN_HEADERS = frozenset({
    "to", "cc", "bcc", "from", "sender", "reply-to", "subject", "date", "message-id", "return-path",
    "content-type", "content-transfer-encoding", "mime-version", "received", "resent-to", "resent-bcc",
})  # fmt: skip

_validate = EmailValidator()
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}\Z")


class AddressNotUsable(ValueError):
    """An address to which no mail can go; its text says why and never repeats the address."""


def spellings(address: str) -> frozenset[str]:
    """Return the forms in lower case in which ``address`` may be stored: as it is, and as :func:`normalised` has it."""
    plain = address.strip().lower()
    try:
        return frozenset({plain, normalised(address)})
    except AddressNotUsable:
        return frozenset({plain})


def normalised(address: str) -> str:
    """Return an address in the one form that is stored and compared: lower case, domain in ASCII.

    Raises AddressNotUsable for anything but one plain address (no name, no comment, no quoted part).
    """
    text = unicodedata.normalize("NFC", address).strip()
    if len(text) > MAX_ADDRESS:
        raise AddressNotUsable("The address is too long: at most 254 characters.")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise AddressNotUsable("The address holds a space, a line break or a control character.")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise AddressNotUsable("That is no e-mail address: write it like name@cluster.example.")
    if not local.isascii() or '"' in local:
        raise AddressNotUsable("The part before the @ may only have letters from a to z, digits and . + - _.")
    try:
        ascii_domain = domain.lower().encode("idna")
    except UnicodeError as error:
        raise AddressNotUsable("The part after the @ is no domain name.") from error
    # Python knows the older rules only, by which some letters (ß) lead to somebody else's domain.
    if not domain.isascii() and ascii_domain.decode("idna") != domain.lower():
        raise AddressNotUsable("Write the part after the @ in its ASCII form, which begins with xn--.")
    domain = ascii_domain.decode("ascii")
    found = f"{local}@{domain}".lower()
    try:
        _validate(found)
    except ValidationError as error:
        raise AddressNotUsable("That is no e-mail address: write it like name@cluster.example.") from error
    return found


def validate_mailbox(address: str) -> None:
    """Raise ValidationError, with a message for a form, for an address to which no mail can go."""
    try:
        normalised(address)
    except AddressNotUsable as error:
        raise ValidationError(str(error), code="mailbox") from error


def one_line(text: str, limit: int) -> str:
    """Return ``text`` as one line of a header without control characters, cut at ``limit`` characters.

    What looks like an encoded word (RFC 2047) is taken apart: a reader's program would show something else for it.
    """
    words = " ".join("".join(c if c.isprintable() else " " for c in plain(text)).split()).replace("=?", "= ?")
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def person_name(text: str) -> str:
    """Return a name for a header: one line, without what could pass for an address or a list of them."""
    return one_line(re.sub(r'[@<>:;,"\\()\[\]]', " ", text), MAX_NAME)


def plain(text: str) -> str:
    """Return ``text`` without null and control characters and without marks; line breaks and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c for c in text if c in "\n\t" or (c not in (OPEN, CLOSE) and unicodedata.category(c) not in ("Cc", "Cs"))
    )


def checked_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return further headers as they are stored.

    Raises ValueError for a name that is none or that the outbox sets itself, and for a value with a line break.
    """
    for name, value in headers.items():
        if not _HEADER_NAME.match(name) or name.lower() in OWN_HEADERS:
            raise ValueError(f"The header {name!r} cannot be set.")
        if not value.isprintable() or not value.isascii() or len(value) > MAX_HEADER:
            raise ValueError(f"The value of the header {name} is not one line of ASCII.")
        if any(len(word) > MAX_WORD for word in value.split(" ")):
            raise ValueError(f"The value of the header {name} has a word that is too long for a line of a mail.")
    return dict(headers)
