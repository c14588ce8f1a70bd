"""The proof of work that staff can switch on: asked for where a form begins something or sends a mail."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from catalogue import rates
from catalogue.challenge import is_solved, new_challenge
from catalogue.models import SubmissionPolicy
from catalogue.views.submit.pages import public_page

FIELD = "challenge"


@dataclass(frozen=True)
class Challenge:
    """What a page needs to ask for it; ``json`` is read by ``static/js/challenge.js``."""

    json: str
    field: str = FIELD


def for_page() -> Challenge | None:
    """Return a new challenge for a page; ``None`` while it is switched off."""
    return Challenge(json.dumps(new_challenge())) if SubmissionPolicy.current().needs_challenge else None


def problem(request: HttpRequest) -> str:
    """Return what is wrong with the browser's answer; empty if nothing is, or nothing was asked.

    A right answer is spent by asking, so this comes last among the checks of a form.
    """
    if not SubmissionPolicy.current().needs_challenge or is_solved(request.POST.get(FIELD, "")):
        return ""
    return (
        "The check that this is a browser was not finished, or was used before. Wait until it is done, then send again."
    )


@public_page
def challenge(request: HttpRequest) -> HttpResponseBase:
    """Give a page that was open for long a new challenge."""
    rates.check(rates.LOOK, request)
    return JsonResponse(new_challenge())
