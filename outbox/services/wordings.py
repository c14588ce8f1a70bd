"""Staff's own texts: change one, go back to the default, preview it and send a test."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction

from outbox.kinds import MailKind
from outbox.mail import Mail
from outbox.models import Message, Wording
from outbox.rendering import Rendered, Source, default_source, mistakes_in, render, source_of, with_secrets
from outbox.services.posting import post
from workplace.versions import describe_version


class WordingMistaken(ValueError):
    """A text that cannot be saved; ``mistakes`` says what is wrong by part ("subject", "text", "html")."""

    def __init__(self, mistakes: dict[str, str]) -> None:
        super().__init__("; ".join(mistakes.values()))
        self.mistakes = mistakes


class WordingChangedMeanwhile(ValueError):
    """Somebody else changed the text while it was being edited."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else changed the text in the meantime, so nothing was saved. Yours is below, theirs is listed under "
            "“Earlier”: take over what you need and save again."
        )


def version_of(kind: MailKind) -> str:
    """Return the version of the text, to detect that somebody else has saved another since."""
    row = Wording.objects.filter(kind=kind.name).first()
    return row.updated_at.isoformat() if row else "default"


def current_text(kind: MailKind) -> Source:
    """Return staff's own text as it is stored, usable or not, else the default."""
    row = Wording.objects.filter(kind=kind.name).first()
    return Source(row.subject, row.body_text, row.body_html, is_of_staff=True) if row else default_source(kind)


def change(*, kind: MailKind, subject: str, text: str, html: str, user: Any, version: str) -> Wording | None:
    """Make this the text of a kind of mail; None when it is the default, which needs no row.

    ``version`` is what :func:`version_of` said when the text was read. Raises WordingMistaken and
    WordingChangedMeanwhile.
    """
    own = Source(" ".join(subject.split()), _text(text), _text(html), is_of_staff=True)
    if mistakes := mistakes_in(kind, own):
        raise WordingMistaken(mistakes)
    default = default_source(kind)
    if (own.subject, own.text, own.html) == (default.subject, _text(default.text), _text(default.html)):
        back_to_default(kind=kind, user=user, version=version)
        return None
    try:
        with transaction.atomic():
            row = _locked(kind, version) or Wording(kind=kind.name)
            row.subject, row.body_text, row.body_html, row.updated_by = own.subject, own.text, own.html, user
            describe_version(row, by=user).save()
    except IntegrityError as error:  # two first texts at once: there was no row to lock
        raise WordingChangedMeanwhile from error
    return row


def back_to_default(*, kind: MailKind, user: Any, version: str) -> bool:
    """Send the kind's own files again; return whether there was another text. Its history stays.

    ``version`` as in :func:`change`. Raises WordingChangedMeanwhile.
    """
    with transaction.atomic():
        row = _locked(kind, version)
        if row is None:
            return False
        describe_version(row, by=user).delete()
    return True


def _locked(kind: MailKind, version: str) -> Wording | None:
    """Return the row of staff's text, locked. Raises WordingChangedMeanwhile if it is not that ``version``."""
    row = Wording.objects.select_for_update().filter(kind=kind.name).first()
    if version != version_of(kind):
        raise WordingChangedMeanwhile
    return row


def preview(kind: MailKind, source: Source) -> Rendered:
    """Return the mail with the sample values, the links too; raises MailNotRenderable."""
    rendered, samples = render(kind, kind.samples, source), kind.samples
    return Rendered(
        rendered.subject,
        with_secrets(rendered.text, samples),
        with_secrets(rendered.html, samples, is_html=True),
    )


def send_test(*, kind: MailKind, to: str, source: Source | None = None) -> Message:
    """Send the mail with its sample values, marked as a test; raises MailNotRenderable and AddressNotUsable."""
    source = source or source_of(kind)
    tried = Source(f"[Test] {source.subject}", source.text, source.html, source.is_of_staff)
    key = f"outbox.test:{kind.name}:{uuid.uuid4()}"
    return post(Mail(key=key, kind=kind.name, to=to, values=kind.samples, about="outbox.test"), source=tried)


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
