"""Where mails can be read while nothing really goes out: only where this machine alone reaches the portal."""

from django.conf import settings


def is_shown() -> bool:
    """Return whether /outbox/ exists: mail goes to files, and the portal answers without TLS."""
    return bool(settings.MAIL_TO_FILES) and not settings.HTTPS
