"""Erase what the portal holds about a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workplace.erasure import erase_person


class Command(BaseCommand):
    """For the operator, when a person asks for it; what public profiles say stays."""

    help = "Erases all that the portal holds about the person behind an e-mail address. It cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("email", metavar="ADDRESS")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """Erase and print how many rows of which kind. Raises CommandError for what is no address."""
        try:
            counts = erase_person(email)
        except ValueError as error:
            raise CommandError(str(error)) from error
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
