"""From a row to the bytes that a server gets: the one place where secret values meet the text."""

from dataclasses import dataclass, field
from email.charset import QP, Charset
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from outbox.kinds import Lane
from outbox.models import Message
from outbox.rendering import html_of_text, html_page, with_secrets

# Seven bits only: no server on the way has to change anything.
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP


@dataclass(frozen=True)
class Envelope:
    """A mail ready to go."""

    uuid: str
    sender: str
    recipient: str
    content: bytes = field(repr=False)


class SecretErased(ValueError):
    """A value that the mail needs was erased."""


def seal(message: Message) -> Envelope:
    """Return the mail of a row.

    Raises SecretErased when a link that the text needs was erased.
    """
    secrets = message.secrets or {}
    try:
        text = with_secrets(message.body_text, secrets)
        html = with_secrets(message.body_html, secrets, is_html=True) if message.body_html else html_of_text(text)
    except KeyError as error:
        raise SecretErased(f"The value of {error.args[0]} was erased.") from error
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=text,
        from_email=_formatted(message.sender_name, message.sender_email),
        to=[_formatted(message.recipient_name, message.recipient)],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(timezone.localtime()),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Portal-Message": str(message.uuid),
            **({"Precedence": "bulk"} if message.lane == Lane.BULK else {}),
            **message.headers,
        },
    )
    mail.encoding = _QUOTED
    mail.attach_alternative(html_page(message.subject, html), "text/html")
    whole = mail.message()
    if not message.subject.isascii():
        # With its name the header is folded right: otherwise the first line of a long one is empty.
        whole.replace_header("Subject", Header(message.subject, "utf-8", header_name="Subject"))
    content: bytes = whole.as_bytes(linesep="\r\n")  # type: ignore[call-arg] # Django's own class takes it
    return Envelope(str(message.uuid), message.sender_email, message.recipient, content)


def _formatted(name: str, address: str) -> str:
    return str(Address(display_name=name, addr_spec=address)) if name else address
