"""The mails of a portal that only this machine can reach, read from their files."""

import email
import email.policy
import re
from base64 import b64encode
from collections.abc import Callable
from email.message import EmailMessage
from hashlib import sha256
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_update
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from outbox.development import is_shown
from outbox.models import Message
from outbox.transports.files import path_of

PER_PAGE = 50
HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")


def _only_here(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 where mail really goes out; never let such a page into a cache or a referrer: it shows links."""

    def guarded(request: HttpRequest, **arguments: UUID) -> HttpResponse:
        if not is_shown():
            raise Http404("There is no such page.")
        response = view(request, **arguments)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


@require_safe
@_only_here
def mail_list(request: HttpRequest) -> HttpResponse:
    """List all mails, newest first; ``q`` is a part of an address."""
    query = request.GET.get("q", "").strip().replace("\0", "")[:254]
    rows = Message.objects.defer("secrets", "body_text", "body_html")
    if query:
        rows = rows.filter(recipient__icontains=query)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "outbox/mail_list.html", {"page": page, "query": query})


@require_safe
@csp_update({"frame-src": [SELF]})
@_only_here
def mail_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one mail with its links."""
    row = get_object_or_404(Message.objects.defer("secrets"), uuid=uuid)
    mail = _read(row)
    context = {
        "row": row,
        "mail": mail,
        "headers": [(name, str(mail[name])) for name in HEADERS if mail and mail[name]],
        "text": _part(mail, "plain") if mail else "",
        "html_url": reverse("outbox:html", args=[uuid]) if mail and _part(mail, "html") else "",
    }
    return render(request, "outbox/mail_detail.html", context)


@require_safe
@_only_here
def mail_html(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the HTML part as mail programs do: no scripts, nothing loaded, links open elsewhere."""
    row = get_object_or_404(Message.objects.defer("secrets"), uuid=uuid)
    mail = _read(row)
    if mail is None:
        raise Http404("This mail was not written yet.")
    return html_part(_part(mail, "html"))


def html_part(html: str) -> HttpResponse:
    """Return the HTML part of a mail as an answer that can do nothing but be looked at, in a frame of ours."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
        "form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "no-store"
    return response


def allow_styles_of(html: str, response: HttpResponse) -> HttpResponse:
    """Return ``response``, a page that holds the HTML part ``html`` in a ``srcdoc``, with a policy that shows it whole.

    Such a frame is under the policy of the page around it. What the frame of our mails says about fonts and widths
    is allowed there letter by letter, by its hashes; nothing else is.
    """
    styles = sorted(set(re.findall(r'\sstyle="([^"]*)"', html)))
    hashes = [f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in styles]
    update = csp_update({"style-src-attr": ["'unsafe-hashes'", *hashes]})
    return update(lambda _request: response)(HttpRequest())  # type: ignore[return-value]


def _read(row: Message) -> EmailMessage | None:
    try:
        content = path_of(row.uuid).read_bytes()
    except FileNotFoundError:
        return None
    mail = email.message_from_bytes(content, policy=email.policy.default)
    return mail if isinstance(mail, EmailMessage) else None


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
