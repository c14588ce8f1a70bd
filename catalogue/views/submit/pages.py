"""What all pages of the public form share: headers, refusals, waiting times."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from catalogue import rates
from catalogue.models import LinkToken, Submission, SubmissionPolicy
from catalogue.rates import TooOften
from catalogue.services.submissions import links
from catalogue.services.submissions.refusals import LinkNotUsable

View = Callable[..., HttpResponseBase]

#: "no-referrer" would make browsers send ``Origin: null`` with every form, which the protection against
#: forged forms refuses. This one tells the name of the portal and never a path, on our own pages too.
REFERRER_POLICY = "strict-origin"


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
    return render(request, "catalogue/submit/link_refused.html", context, status=404 if error.why == "foreign" else 410)


def too_often(request: HttpRequest, error: TooOften) -> HttpResponse:
    """Say when to try again."""
    minutes = -(-error.seconds // 60)
    if getattr(request, "htmx", None):
        response = HttpResponse("", status=429)
    else:
        context = {"minutes": minutes, "hours": -(-minutes // 60)}
        response = render(request, "catalogue/submit/too_often.html", context, status=429)
    response["Retry-After"] = str(error.seconds)
    return response


def closed(request: HttpRequest) -> HttpResponse | None:
    """Return the page that says that nothing is taken now; ``None`` while the form is open."""
    policy = SubmissionPolicy.current()
    if policy.is_open:
        return None
    return render(request, "catalogue/submit/closed.html", {"text": policy.closed_text})


def count_write(request: HttpRequest) -> None:
    """Count a form that somebody sent. Raises :class:`TooOften`."""
    rates.check(rates.WRITE, request)


def looks_sent(request: HttpRequest, address: str = "") -> HttpResponse:
    """Answer a program that filled in the trap with what it expects to see; nothing was stored or mailed."""
    return render(request, "catalogue/submit/mailbox.html", {"address": address})
