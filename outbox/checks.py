"""System checks: mail that would go nowhere, and texts that cannot be read."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from outbox import allowed
from outbox.kinds import mail_kinds
from outbox.rendering import MailNotRenderable, default_source, mistakes_in


def check_allowed(**kwargs: Any) -> list[CheckMessage]:
    """Warn where SMTP is set and nobody may get mail; refuse entries that mean nothing."""
    found: list[CheckMessage] = [
        Error(
            f"MAIL_ALLOWED: {entry!r} is no address, no @domain and not *.",
            hint="Write for example: anna@partner.example, @clusters.example, or * for everybody.",
            id="outbox.E001",
        )
        for entry in allowed.mistakes(settings.MAIL_ALLOWED)
    ]
    if not settings.MAIL_TO_FILES and not settings.MAIL_ALLOWED:
        found.append(
            Warning(
                "Mail goes to a server, but nobody is allowed to get any.",
                hint="Set MAIL_ALLOWED: addresses, @domains, or * for everybody. Until then every mail is skipped.",
                id="outbox.W001",
            )
        )
    return found


def check_kinds(**kwargs: Any) -> list[CheckMessage]:
    """Refuse kinds of mail whose own texts are missing or cannot be read."""
    found: list[CheckMessage] = []
    for kind in mail_kinds:
        try:
            mistakes = mistakes_in(kind, default_source(kind))
        except MailNotRenderable as error:
            mistakes = {"files": str(error)}
        found += [
            Error(f"The mail {kind.name}, {part}: {mistake}", id="outbox.E002") for part, mistake in mistakes.items()
        ]
    return found


def register_checks() -> None:
    """Let ``manage.py check`` and every start know them."""
    register(check_allowed)
    register(check_kinds)
