"""A thin client around smtplib that knows how far it got: the difference between "again" and "nobody knows"."""

import base64
import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from outbox.addresses import one_line
from outbox.answers import Outcome, Phase, Result, classified, slows
from outbox.envelope import Envelope
from outbox.models import Message
from outbox.transports import ServerUnavailable
from outbox.transports.bounded import AnswerTooLong, Client, TLSClient

MAX_MAILS = 100  # through one connection
MAX_AGE = 60.0  # seconds of one connection
# RFC 5321 gives a server ten minutes after the final dot. Less patience makes uncertain mails.
AFTER_DOT = 600.0
# Connecting, TLS, sign-in and everything up to the final dot; a mail of 300 kB has to pass at 2 kB a second.
UNTIL_DOT = 180.0
MAX_TEXT = 450
NOT_SHOWN = "[password]"

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Server:
    """Where the mail server is and how to sign in.

    In seconds: ``timeout`` for each of its answers as a whole, ``until_dot`` for a mail from connecting to the final
    dot, ``after_dot`` for the answer to that.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: float = 30.0
    until_dot: float = UNTIL_DOT
    after_dot: float = AFTER_DOT

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    def without_password(self, answer: bytes | str) -> str:
        """Return an answer of the server without the password, should it repeat what it was sent at the sign-in."""
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
        if self.password:
            for sent in (self.password, f"\0{self.user}\0{self.password}"):
                for form in (sent, base64.b64encode(sent.encode()).decode()):
                    text = text.replace(form, NOT_SHOWN)
        return text


def server_of_settings() -> Server:
    """Return the server of EMAIL_URL."""
    return Server(
        host=settings.EMAIL_HOST,
        port=int(settings.EMAIL_PORT),
        user=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        starttls=bool(settings.EMAIL_USE_TLS),
        tls=bool(settings.EMAIL_USE_SSL),
        timeout=float(settings.EMAIL_TIMEOUT),
    )


class SmtpTransport:
    """Sends through one connection at a time, opened again whenever it is broken, old or used often."""

    via = Message.Via.SMTP
    has_rate = True

    def __init__(self, server: Server) -> None:
        """Connect later, when the first mail is there."""
        self.server = server
        # A minute more than a delivery can last: to write its outcome.
        self.lease = int(server.until_dot + server.after_dot + 60)
        self._client: Client | TLSClient | None = None
        self._opened = 0.0
        self._mails = 0

    def ready(self) -> None:
        """Make sure of a connection that answers; raises ServerUnavailable."""
        if self._client is not None and self._mails:
            if self._mails >= MAX_MAILS or time.monotonic() - self._opened > MAX_AGE:
                self.close()
            else:
                try:
                    self._client.patience = self.server.timeout
                    self._client.allow(self.server.until_dot)
                    is_well = self._client.rset()[0] == 250
                except (smtplib.SMTPException, OSError):
                    is_well = False
                if not is_well:
                    self.close()
        if self._client is None:
            self._client = self._open()
            self._opened, self._mails = time.monotonic(), 0

    def _open(self) -> Client | TLSClient:
        server = self.server
        client: Client | TLSClient | None = None
        limits = {"patience": server.timeout, "seconds": server.until_dot}
        try:
            name = DNS_NAME.get_fqdn()
            if server.tls:
                client = TLSClient(server.host, server.port, name, context=ssl.create_default_context(), **limits)
            else:
                client = Client(server.host, server.port, name, **limits)
            if client.sock is not None:
                # The body and the dot are two small packets: without this the second waits 40 ms for the first.
                client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.ehlo_or_helo_if_needed()
            if server.starttls:
                client.starttls(context=ssl.create_default_context())
                client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except smtplib.SMTPResponseException as error:
            _close(client)
            text = _words(server.without_password(error.smtp_error))
            raise ServerUnavailable(
                f"{server.host} answered {error.smtp_code} {text}",
                code=error.smtp_code,
                slows=slows(error.smtp_code, text),
            ) from None  # the error holds what was said at the sign-in
        except (smtplib.SMTPException, OSError) as error:
            _close(client)
            raise ServerUnavailable(f"{server.host}:{server.port} cannot be reached: {_reason(error)}") from None
        except ValueError as error:  # a challenge that is no base64; a password that ASCII cannot hold
            _close(client)
            is_ours = isinstance(error, UnicodeEncodeError)
            why = "user and password in EMAIL_URL must be ASCII" if is_ours else "the sign-in cannot be understood"
            raise ServerUnavailable(f"{server.host}:{server.port} takes no mail: {why}") from None
        return client

    def deliver(self, envelope: Envelope) -> Outcome:
        """Send one mail; ``ready()`` came before."""
        client = self._client
        if client is None:
            return Outcome(Result.RETURNED, Phase.CONNECT, None, "No connection.", is_of_server=True)
        self._mails += 1
        phase = Phase.MAIL
        try:
            code, answer = client.mail(envelope.sender)
            if code == 250:
                phase = Phase.RCPT
                code, answer = client.rcpt(envelope.recipient)
                if code in (250, 251):
                    phase = Phase.DATA
                    code, answer = client.docmd("data")
            if not (phase is Phase.DATA and code == 354):
                return self._refused(phase, code, answer)
            phase = Phase.BODY
            client.send_content(_stuffed(envelope.content))
            if _has_hung_up(client):
                raise smtplib.SMTPServerDisconnected("The server hung up before the final dot.")
            # From here on a broken connection leaves the outcome open: the dot may have arrived.
            phase = Phase.DOT
            client.patience = self.server.after_dot
            client.allow(self.server.after_dot)
            client.send_content(b".\r\n")
            code, answer = client.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close(politely=False)
            result = Result.UNCERTAIN if phase is Phase.DOT else Result.LOST
            return Outcome(result, phase, None, _reason(error), is_of_server=True)
        if 200 <= code < 300:
            return Outcome(Result.ACCEPTED, phase, code, _words(answer))
        return self._refused(phase, code, answer)

    def _refused(self, phase: Phase, code: int, answer: bytes) -> Outcome:
        outcome = classified(phase, code, _words(answer))
        if code == 421 or outcome.code is None:
            self.close(politely=False)
        return outcome

    def close(self, *, politely: bool = True) -> None:
        """End the connection; the next mail opens another."""
        client, self._client = self._client, None
        _close(client, politely=politely)


def _close(client: Client | TLSClient | None, *, politely: bool = True) -> None:
    if client is None:
        return
    with suppress(smtplib.SMTPException, OSError):
        if politely and client.sock is not None:
            client.allow(2)
            client.quit()
    with suppress(OSError):
        client.close()


def _has_hung_up(client: smtplib.SMTP) -> bool:
    """Return whether the server has closed the connection, or says something where it should only listen.

    Asked just before the final dot: a mail whose dot was never sent was certainly not taken.
    """
    if client.sock is None:
        return True
    timeout = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        client.sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        client.sock.settimeout(timeout)
    return True


def _stuffed(content: bytes) -> bytes:
    data = _LEADING_DOT.sub(b"..", content)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return one_line(text, MAX_TEXT)


def _reason(error: Exception) -> str:
    for cause in (error, error.__context__):
        if isinstance(cause, TimeoutError):
            return "no answer in time"
        if isinstance(cause, AnswerTooLong):
            return str(cause)
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) and error.strerror:
        return one_line(error.strerror, MAX_TEXT)
    return one_line(str(error) or type(error).__name__, MAX_TEXT)
