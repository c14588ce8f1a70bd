"""Kinds of mail that exist only in these tests, with their texts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outbox import rendering
from outbox.kinds import Lane, MailKind, Placeholder, mail_kinds
from outbox.mail import Mail
from outbox.models import Message
from outbox.services.posting import post
from tests.portal.conftest import environment, run_python  # noqa: F401 fixtures that start the portal

SECRET = "https://portal.example/confirm/s3cr3t-t0ken/"

CONFIRM = MailKind(
    name="try_confirm",
    purpose="Asks to confirm an address.",
    placeholders=(
        Placeholder("name", "Who wrote.", "Anna Sample"),
        Placeholder("note", "What they wrote; may be empty.", "Hello", is_optional=True),
        Placeholder(
            "link", "Leads to the page with the button.", "https://portal.example/confirm/sample/", is_secret=True
        ),
    ),
    folder="try/confirm",
)
NEWS = MailKind(
    name="try_news",
    purpose="Goes to many.",
    placeholders=(Placeholder("name", "Who gets it.", "Anna Sample"),),
    folder="try/news",
    lane=Lane.BULK,
)
TEXTS = {
    "try/confirm/subject.txt": "Please confirm, {{ name }}\n",
    "try/confirm/body.txt": (
        "Dear {{ name }},\n\nplease open this page and press the button:\n\n{{ link }}\n\n"
        "{% if note %}\nYou wrote: {{ note }}\n\n{% endif %}\nThe portal\n"
    ),
    "try/confirm/body.html": '<p>Dear {{ name }},</p><p><a href="{{ link }}">Confirm</a></p>{% if note %}<p>{{ note }}</p>{% endif %}',
    "try/news/subject.txt": "News\n",
    "try/news/body.txt": "Dear {{ name }},\n\nthis is new.\n",
}


@pytest.fixture(autouse=True)
def _mail_folder(settings: Any, tmp_path: Path) -> None:
    """Let the mails of a test lie in its own folder."""
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Register the two kinds, with their texts in a folder of templates that goes away."""
    folder = tmp_path / "templates"
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    engine = {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], folder]}
    settings.TEMPLATES = [engine]
    monkeypatch.setattr(mail_kinds, "_entries", dict(mail_kinds._entries))
    mail_kinds.register(CONFIRM, NEWS)
    rendering._cached_file.cache_clear()
    yield
    rendering._cached_file.cache_clear()


def post_one(key: str = "a", *, kind: str = "try_confirm", to: str = "anna@cluster.example", **changes: Any) -> Message:
    """Post a mail with everything it needs."""
    values = {"name": "Anna"} if kind == "try_news" else {"name": "Anna", "note": "", "link": SECRET}
    return post(Mail(**{"key": key, "kind": kind, "to": to, "values": values, **changes}))
