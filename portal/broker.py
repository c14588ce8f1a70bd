"""Kombu's filesystem transport without its gap: a message appears in the folder only when it is complete.

Kombu opens the file under its final name and writes into it afterwards. A worker that looks in between takes
an empty message and ends with an error, and with it the whole embedded portal.
"""

import os
import uuid
from pathlib import Path
from time import time_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes each message under another name first and renames it, which is one step."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        # Named by the time of day: kombu's own clock starts again with the machine and would mix up the order.
        path = Path(self.data_folder_out) / f"{time_ns()}_{uuid.uuid4()}.{queue}.msg"
        unfinished = path.with_suffix(".unfinished")
        try:
            unfinished.write_text(dumps(payload))
            os.replace(unfinished, path)
        except OSError as error:
            raise ChannelError(f"Cannot add {path.name} to the queue: {error.strerror}") from error


class Transport(filesystem.Transport):
    """The filesystem transport with this channel."""

    Channel = Channel
