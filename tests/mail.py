"""The mails of a test: sent for real through the outbox into files, and read from there."""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlsplit

from outbox.models import Message
from outbox.services.sending import run_slice
from outbox.transports.files import FileTransport, path_of


@dataclass(frozen=True)
class SentMail:
    """A mail as its reader gets it, with its row."""

    row: Message
    mail: EmailMessage

    @property
    def kind(self) -> str:
        """Return the name of its kind."""
        return self.row.kind

    @property
    def to(self) -> str:
        """Return the address it went to."""
        return self.row.recipient

    @property
    def subject(self) -> str:
        """Return its subject."""
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        """Return the text part, with links."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Return the HTML part, with links."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.mail.get_body(preferencelist=(kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


def sent_mails(*, to: str = "", kind: str = "", about: str = "") -> list[SentMail]:
    """Send what waits, and return all mails that went out in this test, oldest first."""
    run_slice(transport=FileTransport())
    rows = Message.objects.filter(status=Message.Status.ACCEPTED).order_by("id")
    wanted = {name: value for name, value in {"recipient": to, "kind": kind, "about": about}.items() if value}
    found = []
    for row in rows.filter(**wanted):
        mail = email.message_from_bytes(path_of(row.uuid).read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        found.append(SentMail(row, mail))
    return found


def links_in(mail: SentMail) -> list[str]:
    """Return all addresses of pages in the text part."""
    return re.findall(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']", mail.text)


def link_in(mail: SentMail, containing: str = "") -> str:
    """Return the path (with query) of the one link in the text part that holds ``containing``."""
    found = [link for link in links_in(mail) if containing in link]
    assert len(found) == 1, f"{len(found)} links with {containing!r} in:\n{mail.text}"
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
