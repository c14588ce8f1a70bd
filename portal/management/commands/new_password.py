"""Give a staff account a new random password."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Replace a forgotten password by a random one, printed once."""

    help = "Gives an account a new random password and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the account."""
        parser.add_argument("username", nargs="?", default="admin", help="the account (default: admin)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set the password and end all sessions of the account, as every change of a password does."""
        users = get_user_model().objects
        user = users.filter(username=options["username"]).first()
        if user is None:
            staff = ", ".join(users.filter(is_staff=True).order_by("username").values_list("username", flat=True))
            raise CommandError(f"There is no account '{options['username']}'. Staff accounts: {staff or 'none'}.")
        password = secrets.token_urlsafe(15)
        user.set_password(password)
        user.save(update_fields=["password"])
        self.stdout.write(f"New password of {user.get_username()}: {password}")
