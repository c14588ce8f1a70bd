"""Send one mail through the outbox and print its outcome."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.addresses import AddressNotUsable
from outbox.kinds import TEST
from outbox.models import Message
from outbox.services.sending import run_slice
from outbox.services.wordings import send_test
from outbox.transports.files import path_of


class Command(BaseCommand):
    """Shows an operator whether mail goes out, and if not, why."""

    help = "Sends a test mail to an address and says what the mail server answered."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("address", help="who gets the mail; with SMTP, MAIL_ALLOWED must name the address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the mail, send what is due, and print the outcome."""
        try:
            row = send_test(kind=TEST, to=options["address"])
        except AddressNotUsable as error:
            raise CommandError(str(error)) from error
        run_slice()
        row.refresh_from_db()
        answer = f"{row.smtp_code or ''} {row.smtp_text}".strip()
        if row.status == Message.Status.ACCEPTED:
            place = str(path_of(row.uuid)) if row.via == Message.Via.FILE else answer
            self.stdout.write(f"The mail was {row.get_status_display()}: {place}")
            return
        last = row.events.last()
        why = row.get_reason_display() or answer or (last.note if last else "")
        raise CommandError(f"The mail is {row.get_status_display()}: {why}")
