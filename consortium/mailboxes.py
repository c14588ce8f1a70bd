"""Checks of the addresses of people and partners; the portal registers that of the outbox, which this app does not know."""

from collections.abc import Callable

from django.core.exceptions import ValidationError

#: Takes an address; raises ValidationError if it cannot be used.
Check = Callable[[str], None]

_checks: list[Check] = []


def register(check: Check) -> None:
    """Run ``check`` on every address that staff enters; safe to repeat."""
    if check not in _checks:
        _checks.append(check)


def validate(address: str) -> None:
    """Raise ValidationError for an address to which no mail can go. For the forms of this app."""
    messages = []
    for check in _checks:
        try:
            check(address)
        except ValidationError as error:
            messages += error.messages
    if messages:
        raise ValidationError(messages)
