"""Mails in the search over everything: who got which, never what is secret in it."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone

from workplace.search import list_source


def _remark(mail: Any) -> str:
    written = formats.date_format(timezone.localtime(mail.created_at), "j F Y, H:i")
    return f"{mail.subject} · {mail.status_label} · {written}"


MAILS = list_source(
    "mails", "Mails", "outbox.Message", exact=("recipient", "subject", "message_id"),
    finds_by="recipient, subject, Message-ID", remark=_remark, order=70,
)  # fmt: skip
