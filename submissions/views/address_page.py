"""A page that asks for an address, and perhaps more, and mails something to it. Every address gets the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from publicforms import honeypot, rate_limits
from publicforms import views as challenge
from publicforms.honeypot import Guard, Verdict
from publicforms.messages import mistakes
from submissions.forms import AddressForm
from submissions.models import SubmissionPolicy
from submissions.views.pages import looks_sent


def address_page(
    request: HttpRequest,
    template: str,
    *,
    help_text: str,
    send: Callable[[AddressForm, UUID], None],
    make: type[AddressForm] = AddressForm,
    **context: Any,
) -> HttpResponse:
    """Show the form of ``template`` with ``help_text`` below its address; POST hands what passed to ``send``.

    ``send`` gets the valid form, and a number that a second click on its button has too; ``make`` is a form that
    asks for more. ``context`` goes to both pages. Raises :class:`~publicforms.rate_limits.TooOften`.
    """
    policy = SubmissionPolicy.current()
    form, guard, problem = make(help_text=help_text), Guard.new(), ""
    if request.method == "POST":
        verdict, guard = Guard.of(request, minimum_seconds=policy.minimum_seconds)
        if verdict == Verdict.BOT:
            return looks_sent(request)
        form = make(request.POST, help_text=help_text)
        problem = honeypot.MESSAGES.get(verdict, "") or (
            challenge.problem(request, is_on=policy.needs_challenge) if form.is_valid() else ""
        )
        if form.is_valid() and not problem:
            email = form.cleaned_data["submitter_email"]
            rate_limits.check(rate_limits.START, request, recipient=email)
            send(form, guard.reference)
            return render(request, "submissions/mailbox.html", {**context, "address": email})
    context |= {
        "form": form, "guard": guard, "problem": problem,
        "challenge": challenge.for_page(is_on=policy.needs_challenge),
        "mistakes": (found := mistakes(form)), "has_errors": bool(problem or found),
    }  # fmt: skip
    return render(request, template, context, status=422 if request.method == "POST" else 200)
