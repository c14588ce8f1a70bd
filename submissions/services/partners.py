"""Submissions from the sites of partners: their tokens, and each request taken once."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue.models import Cluster
from consortium.models import Partner
from submissions.exceptions import SubmissionRefused
from submissions.fields.values import Values
from submissions.models import PartnerToken, PrivacyNotice, Submission
from submissions.services import submit

_PREFIX = "cpt_"
_HINT_LENGTH = 8
#: How exactly the last use of a token is noted; a write for every request would cost more than it is worth.
_NOTED_EVERY = timedelta(minutes=1)


class KeyUsedOtherwise(SubmissionRefused):
    """The idempotency key came before with another body."""


@dataclass(frozen=True)
class Proposal:
    """What a partner's site sends, checked."""

    kind: str
    values: Values
    target: Cluster | None = None
    base: Values | None = None
    email: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def issue_token(*, partner: Partner, label: str) -> tuple[PartnerToken, str]:
    """Make a token and return it with its text, which is stored nowhere."""
    text = _PREFIX + secrets.token_urlsafe(32)
    row = PartnerToken.objects.create(partner=partner, label=label, digest=_digest(text), hint=text[:_HINT_LENGTH])
    return row, text


def token_behind(text: str) -> PartnerToken | None:
    """Return the active token with this text and note its use; ``None`` if there is none."""
    row = PartnerToken.objects.select_related("partner").filter(digest=_digest(text), is_active=True).first()
    now = timezone.now()
    if row and (row.last_used_at is None or row.last_used_at < now - _NOTED_EVERY):
        PartnerToken.objects.filter(pk=row.pk).update(last_used_at=now)
        row.last_used_at = now
    return row


def known_under(token: PartnerToken, key: str, body: Any) -> Submission | None:
    """Return what this key of the partner brought before; ``None`` if it is new. Raises :class:`KeyUsedOtherwise`.

    Keys are the partner's: one that exchanges its token repeats nothing.
    """
    rows = Submission.objects.select_related("target").order_by("pk")
    row = rows.filter(partner=token.partner_id, idempotency_key=key).first()
    if row is not None and row.request_digest != digest_of(body):
        raise KeyUsedOtherwise("This Idempotency-Key came before with another body. Use a new key for a new request.")
    return row


def receive(*, token: PartnerToken, key: str, body: Any, proposal: Proposal) -> tuple[Submission, bool]:
    """Put ``proposal`` into the queue once for every ``key`` of the partner; return it and whether it is new.

    Raises :class:`KeyUsedOtherwise`.
    """
    try:
        with transaction.atomic():
            row = submit.propose(
                kind=proposal.kind, channel=Submission.Channel.API, values=proposal.values, target=proposal.target,
                base=proposal.base, email=proposal.email, partner_token=token, idempotency_key=key,
                request_digest=digest_of(body), notice=PrivacyNotice.current(), **proposal.details,
            )  # fmt: skip
    except IntegrityError:
        # The same request came twice at once, and the other one was faster.
        known = known_under(token, key, body)
        if known is None:
            raise
        return known, False
    return row, True


def digest_of(body: Any) -> str:
    """Return a fingerprint of a JSON body that does not depend on spaces and the order of keys."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _digest(text: str) -> str:
    # Plain SHA-256: the text is random and long, so there is nothing to guess.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
