"""What all pages of the public form share: what they answer while nothing is taken, and to programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from publicforms import decorators, rate_limits
from submissions.exceptions import SubmissionsClosed
from submissions.managers import UNCONFIRMED_DAYS
from submissions.models import Submission, SubmissionPolicy

View = Callable[..., HttpResponseBase]

#: So much of one text is shown again on the page that refuses it; no field takes more.
MOST_SHOWN = 20_000


def public_page(view: View) -> View:
    """Make a page of the public form, as :func:`publicforms.decorators.public_page` does.

    Turns :class:`SubmissionsClosed` into a page too: it was closed between our check and the act.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        try:
            return view(request, *arguments, **names)
        except SubmissionsClosed as error:
            return render(request, "submissions/closed.html", {"text": error.text})

    return decorators.public_page(guarded)


def closed_error() -> SubmissionsClosed | None:
    """Return why nothing new is taken at the moment; ``None`` while the form is open."""
    policy = SubmissionPolicy.current()
    return None if policy.is_open else SubmissionsClosed(policy.closed_text)


def closed(
    request: HttpRequest, *, typed: Iterable[forms.Form | None] = (), draft: Submission | None = None, **more: Any
) -> HttpResponse | None:
    """Return the page that says that nothing is taken now; ``None`` while the form is open.

    Nothing is lost: it shows what ``typed`` forms hold and was not stored, and says until when ``draft`` is.
    """
    error = closed_error()
    if error is None:
        return None
    context = {
        "text": error.text,
        "typed": [line for form in typed if form is not None for line in _typed(form, only_wrong=draft is not None)],
        "submission": draft,
        "kept_until": draft.last_move_at + timedelta(days=UNCONFIRMED_DAYS) if draft else None,
        **more,
    }
    return render(request, "submissions/closed.html", context)


def _typed(form: forms.Form, *, only_wrong: bool) -> Iterator[tuple[str, str]]:
    """Yield label and text of what was filled in; of a draft, whose right values were stored, only the wrong ones."""
    for bound in form:
        value, offered = bound.value(), dict(getattr(bound.field, "choices", ()))
        if isinstance(bound.field, (forms.FileField, forms.BooleanField)) or (only_wrong and not bound.errors):
            continue
        texts = [str(item) for item in value] if isinstance(value, list) else [str(value or "")]
        if words := ", ".join(str(offered.get(text, text)) for text in texts if text):
            yield str(bound.label), words[:MOST_SHOWN]


def count_write(request: HttpRequest) -> None:
    """Count a form that somebody sent. Raises :class:`TooOften`."""
    rate_limits.check(rate_limits.WRITE, request)


def looks_sent(request: HttpRequest, address: str = "") -> HttpResponse:
    """Answer a program that filled in the trap with what it expects to see; nothing was stored or mailed."""
    return render(request, "submissions/mailbox.html", {"address": address})
