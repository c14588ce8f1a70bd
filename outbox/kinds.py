"""The kinds of mail that the portal sends, registered by the apps that send them.

The texts of a kind are three files in its folder under ``templates/``: ``subject.txt``, ``body.txt`` and, if
there shall be one, ``body.html`` (otherwise the HTML part is made from the text). They are written in the
same small language as staff's own texts (``outbox/engine.py``): ``{{ name }}``, ``{% if name %}``,
``{% if not name %}``, ``{% else %}``, ``{% endif %}`` and ``{# comment #}``; nothing else of Django's.
``body.html`` is only the content of ``<body>``: the frame comes from ``templates/outbox/email/``.
"""

from dataclasses import dataclass

from django.db.models import TextChoices

from workplace.registry import Registry


class Lane(TextChoices):
    """Which mail goes first: what a person waits for, before what goes to many."""

    TRANSACTIONAL = "transactional", "single"
    BULK = "bulk", "to many"


@dataclass(frozen=True)
class Placeholder:
    """A value that a text may use.

    ``explanation`` is one sentence for staff, ``sample`` is shown in previews. The value of a secret one (a link
    with a token) never comes into subject or body columns, logs or pages. ``is_optional`` says that there are
    mails without it: a text of staff must be complete then too.
    """

    name: str
    explanation: str
    sample: str
    is_secret: bool = False
    is_optional: bool = False


@dataclass(frozen=True)
class MailKind:
    """A kind of mail; ``folder`` is where its texts lie under ``templates/``, ``called`` what staff reads."""

    name: str
    purpose: str
    placeholders: tuple[Placeholder, ...]
    folder: str
    lane: Lane = Lane.TRANSACTIONAL
    called: str = ""

    @property
    def secrets(self) -> frozenset[str]:
        """Return the names whose values are secret."""
        return frozenset(placeholder.name for placeholder in self.placeholders if placeholder.is_secret)

    @property
    def optional(self) -> frozenset[str]:
        """Return the names whose values may be empty."""
        return frozenset(placeholder.name for placeholder in self.placeholders if placeholder.is_optional)

    @property
    def samples(self) -> dict[str, str]:
        """Return the samples by name."""
        return {placeholder.name: placeholder.sample for placeholder in self.placeholders}

    @property
    def title(self) -> str:
        """Return what staff reads."""
        return self.called or self.name.replace("_", " ").capitalize()


mail_kinds: Registry[MailKind] = Registry("kinds of mail")

#: What ``manage.py send_test_mail`` sends.
TEST = MailKind(
    name="test",
    purpose="Shows that mail goes out; nobody gets it unless an operator sends it.",
    placeholders=(Placeholder("sent_at", "When it was sent.", "3 May 2027, 10:15"),),
    folder="outbox/email/test",
    called="Test mail",
)
