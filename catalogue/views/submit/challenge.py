"""The proof of work that staff can switch on: asked for where a form begins something or sends a mail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalogue.models import SubmissionPolicy


def for_page() -> dict[str, Any] | None:
    """Return what a page needs to show the challenge; ``None`` while it is switched off."""
    if not SubmissionPolicy.current().needs_challenge:
        return None
    raise NotImplementedError


def problem(request: HttpRequest) -> str:
    """Return what is wrong with the answer of the browser; empty if nothing is, or nothing was asked."""
    if not SubmissionPolicy.current().needs_challenge:
        return ""
    raise NotImplementedError
