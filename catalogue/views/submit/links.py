"""Every link that stands in a mail: GET shows a page with a button, only POST spends it and acts.

Another module adds a kind of link by :data:`PAGES` and :data:`ACTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone

from catalogue import mails
from catalogue.forms.public import AddressForm, mistakes
from catalogue.models import Cluster, LinkToken, Submission, SubmissionPolicy
from catalogue.payload.choices import Choices
from catalogue.services.submissions import lifecycle, links
from catalogue.services.submissions.refusals import IllegalMove, LinkNotUsable, SubmissionRefused, SubmissionsClosed
from catalogue.views.submit import challenge, freshness
from catalogue.views.submit.link_page import AskAgain, Button, LinkPage
from catalogue.views.submit.overview import overview, sender_section
from catalogue.views.submit.pages import closed, closed_now, count_write, looks_sent, public_page, submission_of
from catalogue.views.submit.progress import CHECK, PROFILE, STEPS, next_step
from catalogue.views.submit.steps import logo_of
from publicforms import honeypot, rate_limits
from publicforms.honeypot import Guard, Verdict

Purpose = LinkToken.Purpose
Status = Submission.Status


@public_page
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what a link does; POST spends it and does that, both or neither."""
    found, status = links.read(token, *ACTS), 200
    try:
        if request.method == "POST":
            count_write(request)
            with transaction.atomic():
                links.spend(found)
                _require_shown(request, found)
                return ACTS[found.purpose](request, found)
        page = PAGES[found.purpose](request, found)
    except LinkNotUsable:
        raise
    except AskAgain as again:
        page, status = again.page, again.status
    except SubmissionsClosed:
        # Nothing was spent; the page says so, without the button.
        page, status = PAGES[found.purpose](request, found), 409
    except SubmissionRefused as error:
        context = {"message": str(error), "link": found}
        return render(request, "catalogue/submit/link_failed.html", context, status=409)
    context = {"page": page, "token": token, "link": found}
    return render(request, "catalogue/submit/link.html", context, status=status)


def _require_shown(request: HttpRequest, found: LinkToken) -> None:
    """Ask again if the page was about another cluster: links move when two become one."""
    cluster, shown = found.cluster, request.POST.get("about", "")
    if cluster is None or shown in ("", str(cluster.public_id)):
        return
    page = PAGES[found.purpose](request, found)
    raise AskAgain(replace(page, lead=f"What you looked at is part of {cluster.name} now. {page.lead}"))


def published_cluster_of(found: LinkToken) -> Cluster:
    """Return the cluster that a link is about. Raises :class:`IllegalMove` once it is not public any more."""
    if found.cluster is None:
        raise LinkNotUsable("foreign")
    if found.cluster.status != Cluster.Status.PUBLISHED:
        raise IllegalMove("This profile is not in the catalogue any more, so it cannot be changed by this link.")
    return found.cluster


# --- Confirm -----------------------------------------------------------------------------------------


_ABOUT = {
    Submission.Kind.NEW: "this about {name}, a new cluster",
    Submission.Kind.UPDATE: "this correction of the profile of {name}",
    Submission.Kind.CLOSURE: "the news that {name} no longer exists",
}
_DENY = Button("No, this was not me", "deny", False)


def _confirm_page(request: HttpRequest, found: LinkToken) -> LinkPage:
    """Show all that the button would send: somebody else may have written it in this person's name."""
    row = submission_of(found)
    if row.status != Status.UNCONFIRMED:
        return _sent_page(row)
    sent = formats.date_format(timezone.localtime(row.submitted_at), "j F Y, H:i") if row.submitted_at else ""
    about = _ABOUT[Submission.Kind(row.kind)].format(name=row.name)
    return LinkPage(
        title="Confirm your address",
        lead=f"On {sent}, somebody with your address sent us {about}. Was it you?",
        buttons=(Button("Yes, confirm and send it to the reviewers", "confirm"), _DENY),
        note=(
            "Read above what was sent. The first button confirms your address and brings all of it to our reviewers. "
            "The second one takes it back, and we delete your address."
        ),
        notice=row.notice,
        shows_first=True,
        **_shown(row, found),
    )


def _shown(row: Submission, found: LinkToken) -> dict[str, Any]:
    is_public = row.target is not None and row.target.status == Cluster.Status.PUBLISHED
    return {
        "sections": [*overview(row, Choices.load()), sender_section(row)],
        "logo_url": reverse("catalogue:link_logo", args=[links.token_of(found)]) if row.logo else "",
        "cluster": row.target if is_public else None,
    }


def _sent_page(row: Submission) -> LinkPage:
    """There is nothing left to confirm: lead to the page that says how it stands."""
    told = "was taken back" if row.status == Status.WITHDRAWN else "was sent and confirmed already"
    return LinkPage(
        title="Nothing is left to do", lead=f"What you began about {row.name or 'a cluster'} {told}.",
        buttons=(Button("See how it stands"),),
    )  # fmt: skip


def _confirm(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    row = submission_of(found)
    if request.POST.get("answer") == "deny":
        return _deny(request, row)
    row = lifecycle.confirm(submission=row)
    return HttpResponseRedirect(links.status_path(row))


def _deny(request: HttpRequest, row: Submission) -> HttpResponseBase:
    lifecycle.deny(submission=row)
    return render(request, "catalogue/submit/denied.html", {"submission": row})


@public_page
def link_logo(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the logo of what a link goes on with or confirms."""
    return logo_of(links.read(token, Purpose.CONFIRM, Purpose.RESUME))


# --- Resume ------------------------------------------------------------------------------------------


def _resume_page(request: HttpRequest, found: LinkToken) -> LinkPage:
    row = submission_of(found)
    if not row.is_draft:
        # It was sent since: this link confirms it now, and must show it as the one for that does.
        return _confirm_page(request, found)
    now_closed = closed_now()
    return LinkPage(
        title="Go on with your form",
        lead=f"You began to fill in the profile of {row.name or 'a cluster'}. What you wrote is still there.",
        buttons=(_DENY,) if now_closed else (Button("Go on"), _DENY),
        note="Your address counts as confirmed then. The form that you may have open elsewhere closes.",
        closed=now_closed,
        **_shown(row, found),
    )


def _resume(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    row, answer = submission_of(found), request.POST.get("answer")
    if answer == "deny":
        return _deny(request, row)
    if row.is_draft:
        return _to_form(row.kind, lifecycle.take_over(submission=row), _left_at(row))
    if row.status == Status.UNCONFIRMED:
        # "Go on" was pressed on a page that showed a draft, which somebody sent meanwhile: unseen is not confirmed.
        if answer != "confirm":
            raise AskAgain(_confirm_page(request, found), status=409)
        row = lifecycle.confirm(submission=row)
    return HttpResponseRedirect(links.status_path(row))


def _left_at(row: Submission) -> str:
    """Return the step at which ``row`` was left; one that was only begun goes on after the first."""
    if row.left_at in STEPS[row.kind]:
        return row.left_at
    return next_step(row.kind, STEPS[row.kind][0]) if row.kind == Submission.Kind.NEW else ""


def _to_form(kind: str, found: LinkToken, step: str = "") -> HttpResponseBase:
    step = step or STEPS[kind][0]
    return HttpResponseRedirect(reverse("catalogue:submit_step", args=[links.token_of(found), step]))


# --- Correct -----------------------------------------------------------------------------------------


def _edit_page(request: HttpRequest, found: LinkToken) -> LinkPage:
    cluster = published_cluster_of(found)
    now_closed = closed_now()
    return LinkPage(
        title="Correct a profile",
        lead=f"Open the form for {cluster.name}, filled in with what the profile says now.",
        buttons=() if now_closed else (
            Button("Open the form", "edit"), Button("This cluster no longer exists", "closed", False)
        ),
        note="Nothing changes before you send the form and a reviewer has looked at it.",
        cluster=cluster,
        closed=now_closed,
    )  # fmt: skip


def _edit(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    cluster = published_cluster_of(found)
    is_closure = request.POST.get("answer") == "closed"
    kind = Submission.Kind.CLOSURE if is_closure else Submission.Kind.UPDATE
    return begin_for(cluster, found.email, kind=kind)


def begin_for(cluster: Cluster, email: str, *, kind: str, channel: str = Submission.Channel.FORM) -> HttpResponseBase:
    """Begin a form about ``cluster`` for somebody whose address just proved itself, and lead there."""
    _row, form_link = lifecycle.start_draft(
        kind=kind, email=email, target=cluster, channel=channel, is_email_confirmed=True
    )
    return _to_form(kind, form_link, CHECK if kind == Submission.Kind.CLOSURE else PROFILE)


#: What each kind of link does when its button is pressed, inside the transaction that spends it.
ACTS: dict[str, Callable[[HttpRequest, LinkToken], HttpResponseBase]] = {
    Purpose.CONFIRM: _confirm,
    Purpose.RESUME: _resume,
    Purpose.EDIT: _edit,
    Purpose.FRESHNESS: freshness.act,
}
#: What its page shows before; the same keys as :data:`ACTS`.
PAGES: dict[str, Callable[[HttpRequest, LinkToken], LinkPage]] = {
    Purpose.CONFIRM: _confirm_page,
    Purpose.RESUME: _resume_page,
    Purpose.EDIT: _edit_page,
    Purpose.FRESHNESS: freshness.page,
}


# --- A new link --------------------------------------------------------------------------------------


@public_page
def link_again(request: HttpRequest) -> HttpResponseBase:
    """Send new links to an address; the answer is the same for every address.

    A link that is used up or too old brings its own ``token``: then its address is known already.
    """
    if request.method != "POST":
        return _again_page(request, AddressForm(help_text=_HELP), Guard.new())
    if token := request.POST.get("token", ""):
        return _renew(request, token)
    policy = SubmissionPolicy.current()
    verdict, guard = Guard.of(request, minimum_seconds=policy.minimum_seconds)
    form = AddressForm(request.POST, help_text=_HELP)
    if verdict == Verdict.BOT:
        return looks_sent(request)
    problem = honeypot.MESSAGES.get(verdict, "") or (
        challenge.problem(request, is_on=policy.needs_challenge) if form.is_valid() else ""
    )
    if problem or not form.is_valid():
        return _again_page(request, form, guard, problem=problem, status=422)
    email = form.cleaned_data["submitter_email"]
    rate_limits.check(rate_limits.START, request, recipient=email)
    _send_links(request, email)
    return render(request, "catalogue/submit/mailbox.html", {"address": email})


def _send_links(request: HttpRequest, email: str) -> None:
    """Send them unless the same ones were sent lately; no page shows the difference."""
    if not mails.has_links(email) and rate_limits.may_mail(request, email):
        mails.send_links(email)


_HELP = "The one with which you filled in the form, or under which you got a link."


def _renew(request: HttpRequest, token: str) -> HttpResponseBase:
    old = links.find(token)
    if old is None or not old.email:
        raise LinkNotUsable("foreign")
    is_about_profile = old.cluster is not None and old.cluster.status == Cluster.Status.PUBLISHED
    if is_about_profile and (page := closed(request)):
        return page
    rate_limits.check(rate_limits.START, request, recipient=old.email)
    if old.cluster_id and old.cluster and old.cluster.status == Cluster.Status.PUBLISHED:
        if not mails.has_edit_link(old.cluster, old.email) and rate_limits.may_mail(request, old.email):
            mails.send_edit_link(old.cluster, old.email)
    else:
        _send_links(request, old.email)
    return render(request, "catalogue/submit/mailbox.html", {"address": "", "is_renewed": True})


def _again_page(
    request: HttpRequest, form: AddressForm, guard: Guard, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "guard": guard,
        "problem": problem,
        "challenge": challenge.for_page(is_on=SubmissionPolicy.current().needs_challenge),
        "mistakes": (found := mistakes(form)),
        "has_errors": bool(problem or found),
    }
    return render(request, "catalogue/submit/link_again.html", context, status=status)
