"""The proof of work that staff can switch on: asked for where a form begins something or sends a mail."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from publicforms import rate_limits
from publicforms.decorators import public_page
from publicforms.proof_of_work import is_solved, new_challenge

FIELD = "challenge"


@dataclass(frozen=True)
class Challenge:
    """What a page needs to ask for it; ``json`` is read by ``static/js/challenge.js``."""

    json: str
    field: str = FIELD


def for_page(*, is_on: bool) -> Challenge | None:
    """Return a new challenge for a page; ``None`` while staff has it switched off."""
    return Challenge(json.dumps(new_challenge())) if is_on else None


def problem(request: HttpRequest, *, is_on: bool) -> str:
    """Return what is wrong with the browser's answer; empty if nothing is, or nothing was asked.

    A right answer is spent by asking, so this comes last among the checks of a form.
    """
    if not is_on or is_solved(request.POST.get(FIELD, "")):
        return ""
    return (
        "The check that this is a browser was not finished, or was used before. Wait until it is done, then send again."
    )


@public_page
def challenge(request: HttpRequest) -> HttpResponseBase:
    """Give a page that was open for long a new challenge."""
    rate_limits.check(rate_limits.READ, request)
    return JsonResponse(new_challenge())
