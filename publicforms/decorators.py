"""What views of public pages are decorated with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from publicforms import links, purposes
from publicforms.exceptions import LinkNotUsable
from publicforms.rate_limits import TooOften

View = Callable[..., HttpResponseBase]

#: "no-referrer" would make browsers send ``Origin: null`` with every form, which the protection against
#: forged forms refuses. This one says the name of the portal and never a path, on our own pages too.
REFERRER_POLICY = "strict-origin"


def read_only(view: View) -> View:
    """Answer GET and HEAD; refuse everything else with 405.

    Without the exemption a POST would be refused for its missing token, as if there were a form.
    """
    safe: Any = require_safe(view)
    return csrf_exempt(safe)


def public_page(view: View) -> View:
    """Make a page of a public form: never cached, never indexed, its address never sent to another page.

    Turns :class:`LinkNotUsable` and :class:`TooOften` into pages that say what to do.
    """

    @sensitive_variables("token")
    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        try:
            response = view(request, *arguments, **names)
        except LinkNotUsable as error:
            response = _refused_link(request, error, names.get("token", ""))
        except TooOften as error:
            response = _too_often(request, error)
        response["Referrer-Policy"] = REFERRER_POLICY
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
        return response

    methods: View = require_http_methods(["GET", "HEAD", "POST"])(guarded)
    return methods


def _refused_link(request: HttpRequest, error: LinkNotUsable, token: str) -> HttpResponse:
    """Explain a link that does not work (any more), and offer a new one if its purpose can send one."""
    link = links.find(token)
    can_renew = link is not None and link.email and purposes.get(link.purpose).renew
    context = {"why": error.why, "message": str(error), "token": token if can_renew else ""}
    return render(request, "publicforms/link_refused.html", context, status=404 if error.why == "foreign" else 410)


def _too_often(request: HttpRequest, error: TooOften) -> HttpResponse:
    """Say when to try again."""
    minutes = -(-error.seconds // 60)
    if getattr(request, "htmx", None):
        response = HttpResponse("", status=429)
    else:
        context = {"minutes": minutes, "hours": -(-minutes // 60)}
        response = render(request, "publicforms/too_often.html", context, status=429)
    response["Retry-After"] = str(error.seconds)
    return response
