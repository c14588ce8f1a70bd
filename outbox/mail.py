"""What an app hands over to the outbox: one mail before it is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail to write. Nothing is checked here: :func:`outbox.services.posting.post` does, and says what is wrong.

    ``key`` names the mail for good ("submission:17:confirm"). ``kind`` is the name of a registered kind, and
    ``values`` holds every placeholder of it, the secret ones too: they never appear in ``repr()``. ``about`` is the
    caller's own reference, ``due_at`` the earliest time of sending (at once if None). The sender is
    DEFAULT_FROM_EMAIL unless one is given.
    """

    key: str
    kind: str
    to: str
    values: Mapping[str, str] = field(repr=False)
    about: str = ""
    to_name: str = ""
    reply_to: str = ""
    sender_name: str = ""
    sender_email: str = ""
    due_at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
