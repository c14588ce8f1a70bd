"""What every template knows of the outbox."""

from typing import Any

from django.http import HttpRequest

from outbox.development import is_shown


def development_outbox(request: HttpRequest) -> dict[str, Any]:
    """Return ``shows_outbox``: whether mails can be read at /outbox/ here."""
    return {"shows_outbox": is_shown()}
