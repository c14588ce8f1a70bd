"""Every link in a mail: GET shows a page with a button, only POST spends it and acts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from publicforms import links, purposes, rate_limits
from publicforms.decorators import public_page
from publicforms.exceptions import LinkNotUsable, RequestRefused
from publicforms.link_pages import ShowPageAgain
from publicforms.messages import mistakes
from publicforms.models import LinkToken

if TYPE_CHECKING:
    from publicforms.purposes import Act, Mark, Page


@public_page
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what a link does; POST spends it and does that, both or neither."""
    found = links.read(token)
    purpose, status = purposes.get(found.purpose), 200
    if purpose.page is None or purpose.act is None:
        raise LinkNotUsable("foreign")
    try:
        if request.method == "POST":
            rate_limits.check(rate_limits.WRITE, request)
            return links.use(found, partial(_act, request, purpose.page, purpose.act, purpose.mark))
        page = purpose.page(request, found)
    except LinkNotUsable:
        raise
    except ShowPageAgain as again:
        page, status = again.page, again.status
    except RequestRefused as error:
        return render(request, purpose.failed_template, {"message": str(error), "link": found}, status=409)
    context = {
        "page": page, "token": token, "link": found, "is_single_use": purpose.is_single_use, "mistakes": mistakes(page.form),
        "about": purpose.mark(found.subject) if purpose.mark else "",
    }  # fmt: skip
    return render(request, page.template, context, status=status)


def _act(request: HttpRequest, page: Page, act: Act, mark: Mark | None, found: LinkToken) -> HttpResponseBase:
    """Act, unless the page was about another subject: links move when two become one."""
    shown = request.POST.get("about", "")
    if mark and shown and shown != mark(found.subject):
        now = page(request, found)
        raise ShowPageAgain(replace(now, lead=f"What you looked at is part of {found.subject} now. {now.lead}"))
    return act(request, found)


def renew(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send a new link to the address of the one with ``token``, as its purpose says; its state doesn't matter.

    Raises :class:`LinkNotUsable` if there is nothing to renew, and :class:`~publicforms.rate_limits.TooOften`.
    """
    old = links.find(token)
    send_new = purposes.get(old.purpose).renew if old else None
    if old is None or not old.email or send_new is None:
        raise LinkNotUsable("foreign")
    rate_limits.check(rate_limits.START, request, recipient=old.email)
    return send_new(request, old)
