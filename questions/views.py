"""Asking the consortium about a cluster, and writing to a cluster whose address is not public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import formats, timezone

from catalogue.succession import cluster_behind
from publicforms import purposes, rate_limits
from publicforms.decorators import public_page
from publicforms.link_pages import Button, LinkPage
from publicforms.models import LinkToken
from questions import services
from questions.emails import PURPOSE, recipient_name
from questions.forms import QuestionForm
from questions.models import Question
from submissions.forms import AddressForm
from submissions.managers import UNCONFIRMED_DAYS
from submissions.views.address_page import address_page

To = Question.To


@public_page
def ask(request: HttpRequest, slug: str, to: str) -> HttpResponseBase:
    """Show the form of a question about a cluster; POST mails its sender the link that sends it."""
    cluster = cluster_behind(slug)
    if cluster is None:
        raise Http404("No published cluster has this address.")
    # What was typed is taken in any case: should the address be gone since, the page of the link shows it again.
    if request.method != "POST":
        if not services.address_for(cluster, to):
            if to == To.CONSORTIUM:
                raise Http404("The consortium has no address for questions.")
            return redirect(cluster)
        if cluster.slug != slug:
            return redirect("questions:write" if to == To.CLUSTER else "questions:ask", cluster.slug)
    recipient = cluster.name if to == To.CLUSTER else "the consortium"

    def send(form: AddressForm, reference: UUID) -> None:
        email = form.cleaned_data["submitter_email"]
        if rate_limits.may_mail(request, email):
            services.ask(
                cluster=cluster, to=to, email=email, name=form.cleaned_data["submitter_name"],
                text=form.cleaned_data["text"], reference=reference,
            )  # fmt: skip

    return address_page(
        request, "questions/ask.html", make=QuestionForm, send=send, cluster=cluster, recipient=recipient, to=to,
        help_text=f"We send a link there, to see that it is yours. Then {recipient} gets it, for the answer.",
        then=f"What you wrote goes to {recipient} then, and not before.",
    )  # fmt: skip


@dataclass(frozen=True)
class QuestionPage(LinkPage):
    """The page of a link that sends a question, with the question on it."""

    template: ClassVar[str] = "questions/link.html"

    question: Question | None = None


def _page(request: HttpRequest, found: LinkToken) -> QuestionPage:
    """Show what would be sent: somebody else may have written it in this person's name."""
    question: Any = found.subject
    services.addressee(question)
    written = formats.date_format(timezone.localtime(question.created_at), "j F Y, H:i")
    return QuestionPage(
        title="Send your message",
        lead=f"On {written}, somebody with your address wrote to {recipient_name(question)}. Was it you?",
        buttons=(Button("Yes, send it", "send"), Button("No, this was not me", "deny", False)),
        note=(
            f"The first button sends it to {recipient_name(question)}, with your name and address for the answer. The "
            "second one deletes it, and your address with it."
        ),
        question=question,
    )


def _act(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    question: Any = found.subject
    if request.POST.get("answer") == "deny":
        services.delete(question)
        return render(request, "questions/sent.html", {"is_denied": True})
    cluster, address = services.addressee(question)
    rate_limits.check(rate_limits.FORWARD, request, recipient=address)
    context = {"cluster": cluster, "recipient": recipient_name(question), "email": question.email}
    services.pass_on(question)
    return render(request, "questions/sent.html", context)


def register() -> None:
    """Make the link that sends a question known."""
    purposes.register(purposes.Purpose(
        name=PURPOSE, label="send a question", lasts=timedelta(days=UNCONFIRMED_DAYS), is_single_use=True,
        subjects=lambda: Question.objects.select_related("cluster"), lock=services.lock_question,
        page=_page, act=_act, failed_template="questions/failed.html",
    ))  # fmt: skip
