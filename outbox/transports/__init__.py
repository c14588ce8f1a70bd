"""The two ways out: files, and a mail server."""

from typing import Protocol

from django.conf import settings

from outbox.answers import Outcome
from outbox.envelope import Envelope


class ServerUnavailable(Exception):
    """No mail can go out now, whichever it is."""

    def __init__(self, reason: str, *, code: int | None = None, slows: bool = False) -> None:
        """Say why; ``code`` is what the server answered, ``slows`` whether it asks for less mail."""
        super().__init__(reason)
        self.code, self.slows = code, slows


class Transport(Protocol):
    """A way out. ``lease`` is the number of seconds that one delivery can take at the very most."""

    @property
    def via(self) -> str:
        """Return what is noted in the row."""

    @property
    def lease(self) -> int:
        """Return the seconds."""

    @property
    def has_rate(self) -> bool:
        """Return whether the rate and the pauses of the server apply."""

    def ready(self) -> None:
        """Make sure that a mail can go now; raises ServerUnavailable."""

    def deliver(self, envelope: Envelope) -> Outcome:
        """Send one mail and say what it came to; raises nothing."""

    def close(self) -> None:
        """Give back what was opened."""


def current() -> Transport:
    """Return the way out that the settings name."""
    from outbox.transports.files import FileTransport
    from outbox.transports.smtp import SmtpTransport, server_of_settings

    return FileTransport() if settings.MAIL_TO_FILES else SmtpTransport(server_of_settings())
