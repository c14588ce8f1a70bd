"""Mail as files: one per message, written whole and under a name that makes a second writing harmless."""

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from outbox.answers import ACCEPTED, Outcome, Phase, Result
from outbox.envelope import Envelope
from outbox.models import Message
from outbox.transports import ServerUnavailable


def folder() -> Path:
    """Return where the files are."""
    return Path(settings.EMAIL_FILE_PATH)


def path_of(uuid: UUID | str) -> Path:
    """Return the file of a message, written or not."""
    return folder() / f"{UUID(str(uuid))}.eml"


class FileTransport:
    """Writes ``DATA_DIR/outbox/<uuid>.eml``, which only the portal's own user may read: it holds links."""

    via = Message.Via.FILE
    lease = 60
    has_rate = False

    def ready(self) -> None:
        """Make the folder."""
        try:
            folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServerUnavailable(f"The folder of mails cannot be made ({error.strerror}).") from error

    def deliver(self, envelope: Envelope) -> Outcome:
        """Write the mail."""
        path = path_of(envelope.uuid)
        unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
        try:
            # Readable by nobody else from its first byte on.
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(envelope.content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except OSError as error:
            return Outcome(Result.LOST, Phase.BODY, None, f"Not written ({error.strerror}).", is_of_server=True)
        return ACCEPTED

    def close(self) -> None:
        """Nothing is open."""
