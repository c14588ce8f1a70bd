"""Ask for a link to correct a profile. Every address gets the same answer and the same kind of mail."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from catalogue.models import Cluster
from catalogue.succession import cluster_behind
from publicforms import honeypot, rate_limits
from publicforms import views as challenge
from publicforms.honeypot import Guard, Verdict
from submissions import emails
from submissions.forms import AddressForm, mistakes
from submissions.models import SubmissionPolicy
from submissions.views.pages import closed, looks_sent, public_page

_HELP = "An address of the cluster is best: we then know that you speak for it. Any other works too. Never published."


@public_page
def cluster_update(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Explain how a profile is corrected; POST sends the link to do it."""
    cluster = cluster_behind(slug)
    if cluster is None:
        raise Http404("No published cluster has this address.")
    if cluster.slug != slug:
        return HttpResponseRedirect(reverse("submissions:cluster_update", args=[cluster.slug]))
    if page := closed(request, typed=[AddressForm(request.POST)] if request.method == "POST" else []):
        return page
    if request.method != "POST":
        return _page(request, cluster, AddressForm(help_text=_HELP), Guard.new())
    policy = SubmissionPolicy.current()
    verdict, guard = Guard.of(request, minimum_seconds=policy.minimum_seconds)
    form = AddressForm(request.POST, help_text=_HELP)
    if verdict == Verdict.BOT:
        return looks_sent(request)
    problem = honeypot.MESSAGES.get(verdict, "") or (
        challenge.problem(request, is_on=policy.needs_challenge) if form.is_valid() else ""
    )
    if problem or not form.is_valid():
        return _page(request, cluster, form, guard, problem=problem, status=422)
    email = form.cleaned_data["submitter_email"]
    rate_limits.check(rate_limits.START, request, recipient=email)
    if not emails.has_edit_link(cluster, email) and rate_limits.may_mail(request, email):
        emails.send_edit_link(cluster, email)
    return render(request, "submissions/mailbox.html", {"address": email, "cluster": cluster})


def _page(
    request: HttpRequest, cluster: Cluster, form: AddressForm, guard: Guard, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "cluster": cluster,
        "form": form,
        "guard": guard,
        "problem": problem,
        "challenge": challenge.for_page(is_on=SubmissionPolicy.current().needs_challenge),
        "mistakes": (found := mistakes(form)),
        "has_errors": bool(problem or found),
    }
    return render(request, "submissions/update.html", context, status=status)
