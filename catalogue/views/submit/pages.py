"""What all pages of the public form share: headers, refusals, waiting times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from catalogue.managers_submission import UNCONFIRMED_DAYS
from catalogue.models import LinkToken, Submission, SubmissionPolicy
from catalogue.services.submissions import links
from catalogue.services.submissions.refusals import LinkNotUsable, SubmissionsClosed
from publicforms import rate_limits
from publicforms.rate_limits import TooOften

View = Callable[..., HttpResponseBase]

#: "no-referrer" would make browsers send ``Origin: null`` with every form, which the protection against
#: forged forms refuses. This one tells the name of the portal and never a path, on our own pages too.
REFERRER_POLICY = "strict-origin"
#: So much of one text is shown again on the page that refuses it; no field takes more.
MOST_SHOWN = 20_000


def public_page(view: View) -> View:
    """Make a page of the public form: never kept, never indexed, its address never told to another page.

    Turns :class:`LinkNotUsable` and :class:`TooOften` into pages that say what to do.
    """

    @sensitive_variables("token")
    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        try:
            response = view(request, *arguments, **names)
        except LinkNotUsable as error:
            response = refused_link(request, error, names.get("token", ""))
        except TooOften as error:
            response = too_often(request, error)
        except SubmissionsClosed as error:
            # Closed between our look and the act.
            response = render(request, "catalogue/submit/closed.html", {"text": error.text})
        response["Referrer-Policy"] = REFERRER_POLICY
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
        return response

    methods: View = require_http_methods(["GET", "HEAD", "POST"])(guarded)
    return methods


def submission_of(found: LinkToken) -> Submission:
    """Return the submission that a link is about. Raises ``LinkNotUsable`` if it is about none."""
    if found.submission is None:
        raise LinkNotUsable("foreign")
    return found.submission


def refused_link(request: HttpRequest, error: LinkNotUsable, token: str) -> HttpResponse:
    """Explain a link that does not work (any more), and offer a new one."""
    link = links.find(token)
    context = {"why": error.why, "message": str(error), "token": token if link and link.email else "", "link": link}
    return render(request, "publicforms/link_refused.html", context, status=404 if error.why == "foreign" else 410)


def too_often(request: HttpRequest, error: TooOften) -> HttpResponse:
    """Say when to try again."""
    minutes = -(-error.seconds // 60)
    if getattr(request, "htmx", None):
        response = HttpResponse("", status=429)
    else:
        context = {"minutes": minutes, "hours": -(-minutes // 60)}
        response = render(request, "publicforms/too_often.html", context, status=429)
    response["Retry-After"] = str(error.seconds)
    return response


def closed_now() -> SubmissionsClosed | None:
    """Return why nothing new is taken at the moment; ``None`` while the form is open."""
    policy = SubmissionPolicy.current()
    return None if policy.is_open else SubmissionsClosed(policy.closed_text)


def closed(
    request: HttpRequest, *, typed: Iterable[forms.Form | None] = (), draft: Submission | None = None, **more: Any
) -> HttpResponse | None:
    """Return the page that says that nothing is taken now; ``None`` while the form is open.

    Nothing is lost: it shows what stands in ``typed`` forms and was not kept, and says until when ``draft`` is.
    """
    refusal = closed_now()
    if refusal is None:
        return None
    context = {
        "text": refusal.text,
        "typed": [line for form in typed if form is not None for line in _typed(form, only_wrong=draft is not None)],
        "submission": draft,
        "kept_until": draft.last_move_at + timedelta(days=UNCONFIRMED_DAYS) if draft else None,
        **more,
    }
    return render(request, "catalogue/submit/closed.html", context)


def _typed(form: forms.Form, *, only_wrong: bool) -> Iterator[tuple[str, str]]:
    """Yield label and text of what was filled in; of a draft, whose right values were kept, only the wrong ones."""
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
    return render(request, "catalogue/submit/mailbox.html", {"address": address})
