"""Signed links in mails: made, read, spent.

The address holds the signed id of a row and nothing else. Reading a link (GET, as mail scanners do) never
changes anything; :func:`spend` is called by POST only and succeeds once.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from catalogue.managers_submission import UNCONFIRMED_DAYS
from catalogue.models import Cluster, LinkToken, Submission
from catalogue.services.locking import LookAgain, locked_clusters, settled
from catalogue.services.submissions.refusals import LinkNotUsable

Purpose = LinkToken.Purpose
LASTS = {
    Purpose.CONFIRM: timedelta(days=UNCONFIRMED_DAYS),
    Purpose.RESUME: timedelta(days=UNCONFIRMED_DAYS),
    Purpose.DRAFT: timedelta(days=UNCONFIRMED_DAYS),
    Purpose.EDIT: timedelta(days=2),
    Purpose.FRESHNESS: timedelta(days=60),
    Purpose.STATUS: timedelta(days=730),
}


def _signer() -> Signer:
    return Signer(salt="catalogue.links", sep=".")


def issue(
    purpose: LinkToken.Purpose,
    *,
    submission: Submission | None = None,
    cluster: Cluster | None = None,
    email: str = "",
    now: datetime | None = None,
) -> LinkToken:
    """Make a link for ``purpose`` about a submission or a cluster."""
    now = now or timezone.now()
    return LinkToken.objects.create(
        purpose=purpose, submission=submission, cluster=cluster, email=email.lower(), created_at=now,
        expires_at=now + LASTS[purpose],
    )  # fmt: skip


def token_of(link: LinkToken) -> str:
    """Return the signed text that stands in the address of ``link``."""
    return _signer().sign(urlsafe_b64encode(link.pk.bytes).decode().rstrip("="))


def absolute(path: str) -> str:
    """Return ``path`` of this portal as a complete address, for mails."""
    return f"{settings.SITE_URL}{path}"


def address_of(link: LinkToken) -> str:
    """Return the complete address of ``link``, for mails."""
    if link.purpose == Purpose.STATUS:
        return absolute(reverse("catalogue:submission_status", args=[token_of(link)]))
    return absolute(reverse("catalogue:link", args=[token_of(link)]))


def status_address(submission: Submission) -> str:
    """Return the complete address of the submitter's page of ``submission``; the same one every time."""
    return absolute(status_path(submission))


def status_path(submission: Submission) -> str:
    """Return the path of the submitter's page of ``submission``."""
    return reverse("catalogue:submission_status", args=[token_of(status_link(submission))])


def status_link(submission: Submission) -> LinkToken:
    """Return the link to the submitter's page of ``submission``, made when first asked for."""
    link = submission.links.filter(purpose=Purpose.STATUS, expires_at__gt=timezone.now()).first()
    return link or issue(Purpose.STATUS, submission=submission, email=submission.submitter_email)


def read(token: str, *purposes: LinkToken.Purpose) -> LinkToken:
    """Return the link behind ``token`` without changing anything.

    Raises :class:`LinkNotUsable` ("foreign") for a forged token and one of another purpose, ("used") for a
    spent one, ("expired") for an old one.
    """
    link = find(token)
    if link is None or (purposes and link.purpose not in purposes):
        raise LinkNotUsable("foreign")
    if link.is_single_use and link.used_at is not None:
        raise LinkNotUsable("used")
    if link.is_expired:
        raise LinkNotUsable("expired")
    return link


def find(token: str) -> LinkToken | None:
    """Return the link behind ``token`` even if it is spent or old; ``None`` for a forged or deleted one."""
    try:
        packed = _signer().unsign(token)
        pk = UUID(bytes=urlsafe_b64decode(packed + "=="))
    except (BadSignature, ValueError):
        return None
    return LinkToken.objects.select_related("submission__target", "cluster").filter(pk=pk).first()


def lock(link: LinkToken) -> None:
    """Lock what ``link`` is about before the link itself, in the order of :mod:`catalogue.services.locking`.

    ``link.cluster`` is the cluster of this moment then: a merge moves links too.
    """
    if link.submission_id:
        Submission.objects.select_for_update(of=("self",)).filter(pk=link.submission_id).first()
    if not link.cluster_id:
        return

    def attempt() -> Cluster | None:
        cluster = locked_clusters([link.cluster_id]).get(link.cluster_id) if link.cluster_id else None
        now = LinkToken.objects.filter(pk=link.pk).values_list("cluster_id", flat=True).first()
        if now is not None and now != link.cluster_id:
            link.cluster_id = now
            raise LookAgain
        return cluster

    link.cluster = settled(attempt)


def spend(link: LinkToken) -> None:
    """Spend ``link``. Raises :class:`LinkNotUsable` if somebody was faster, or its time is over.

    The caller holds a transaction with what the link does: both happen or neither.
    """
    lock(link)
    now = timezone.now()
    if not LinkToken.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise LinkNotUsable("expired" if link.is_expired else "used")
    link.used_at = now
