"""Signed links in mails: issued, read, spent.

The address holds the signed id of a row and nothing else. Reading a link (GET, as mail scanners do) never
changes anything; :func:`use` is called by POST only and succeeds once.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from publicforms import purposes
from publicforms.exceptions import LinkNotUsable
from publicforms.models import LinkToken

T = TypeVar("T")


def _signer() -> Signer:
    return Signer(salt="catalogue.links", sep=".")


def issue(purpose: str, *, subject: Model, email: str = "", now: datetime | None = None) -> LinkToken:
    """Make a link for a registered ``purpose`` about ``subject``.

    Raises :class:`~publicforms.purposes.UnknownPurpose`, and TypeError for a subject of another model.
    """
    known, now = purposes.get(purpose), now or timezone.now()
    if not isinstance(subject, model := known.subjects().model):
        raise TypeError(f"A link to {known.label} is about a {model.__name__}, not {type(subject).__name__}.")
    return LinkToken.objects.create(
        purpose=known.name, subject=subject, email=email.lower(), created_at=now, expires_at=now + known.lasts
    )


def token_of(link: LinkToken) -> str:
    """Return the signed text in the address of ``link``."""
    return _signer().sign(urlsafe_b64encode(link.pk.bytes).decode().rstrip("="))


def path_of(link: LinkToken) -> str:
    """Return the path of the page of ``link``."""
    return reverse(purposes.get(link.purpose).url_name, args=[token_of(link)])


def address_of(link: LinkToken) -> str:
    """Return the complete address of ``link``, for mails."""
    return absolute(path_of(link))


def absolute(path: str) -> str:
    """Return ``path`` of this portal as a complete address, for mails."""
    return f"{settings.SITE_URL}{path}"


def read(token: str, *names: str) -> LinkToken:
    """Return the link behind ``token`` without changing anything; with ``names`` only one of these purposes.

    Raises :class:`LinkNotUsable` ("foreign") for a forged token and one of another purpose, ("used") for a
    spent one, ("expired") for an old one.
    """
    link = find(token)
    if link is None or (names and link.purpose not in names):
        raise LinkNotUsable("foreign")
    if link.used_at is not None and purposes.get(link.purpose).is_single_use:
        raise LinkNotUsable("used")
    if link.is_expired:
        raise LinkNotUsable("expired")
    return link


def find(token: str) -> LinkToken | None:
    """Return the link behind ``token`` with its subject, even if it is spent or old: two queries.

    ``None`` for a forged one, and if the link, its subject or the app of its purpose is not there any more.
    """
    try:
        packed = _signer().unsign(token)
        pk = UUID(bytes=urlsafe_b64decode(packed + "=="))
    except (BadSignature, ValueError):
        return None
    link = LinkToken.objects.filter(pk=pk).first()
    purpose = purposes.find(link.purpose) if link else None
    subject = purpose.subjects().filter(pk=link.object_id).first() if link and purpose else None
    if link is None or subject is None:
        return None
    link.subject = subject
    return link


class _Moved(Exception):
    """The link got another subject before the lock was taken."""


def lock(link: LinkToken) -> None:
    """Lock what ``link`` is about, by the lock function of its purpose and before the link itself.

    ``link.subject`` is its present row then, locked: links can move to another subject. Raises
    :class:`LinkNotUsable` if the subject was deleted. The caller holds a transaction.
    """
    purpose = purposes.get(link.purpose)
    while True:
        try:
            # Going back to the savepoint gives back the lock on what it is not about any more.
            with transaction.atomic():
                subject = purpose.lock(link.object_id)
                key = LinkToken.objects.filter(pk=link.pk).values_list("object_id", flat=True).first()
                if key is not None and key != link.object_id:
                    link.object_id = key
                    raise _Moved
                break
        except _Moved:
            continue
    if subject is None:
        raise LinkNotUsable("foreign")
    link.subject = subject


def use(link: LinkToken, act: Callable[[LinkToken], T]) -> T:
    """Spend ``link`` and return what ``act`` does with it, in one transaction: both happen or neither.

    Raises what ``act`` raises, and :class:`LinkNotUsable` if it was used since, or has expired.
    """
    with transaction.atomic():
        spend(link)
        return act(link)


def spend(link: LinkToken) -> None:
    """Lock ``link`` and its subject, and spend it if it is for single use. Raises as :func:`use` does.

    The caller holds a transaction with what the link does.
    """
    lock(link)
    now = timezone.now()
    rows = LinkToken.objects.filter(pk=link.pk, expires_at__gt=now)
    if not purposes.get(link.purpose).is_single_use:
        if not rows.exists():
            raise LinkNotUsable("expired")
        return
    if not rows.filter(used_at=None).update(used_at=now):
        raise LinkNotUsable("expired" if link.is_expired else "used")
    link.used_at = now
