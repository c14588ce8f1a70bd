"""Links in mails about submissions and corrections, and where one asks for new ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone

from catalogue.models import Cluster
from publicforms import links as signed_links
from publicforms import purposes, rate_limits
from publicforms.link_pages import Button, ShowPageAgain
from publicforms.link_views import renew
from publicforms.models import LinkToken
from submissions import emails, links
from submissions.exceptions import IllegalMove
from submissions.fields.choices import Choices
from submissions.managers import UNCONFIRMED_DAYS
from submissions.models import Submission
from submissions.services import drafts, submit
from submissions.views.address_page import address_page
from submissions.views.link_page import SubmissionLinkPage, refuse_while_closed
from submissions.views.overview import overview, sender_section
from submissions.views.pages import closed, closed_error, public_page
from submissions.views.progress import CHECK, PROFILE, STEPS, next_step
from submissions.views.steps import logo_of

Purpose = links.Purpose
Status = Submission.Status


def published_cluster_of(found: LinkToken) -> Cluster:
    """Return the cluster that a link is about. Raises :class:`IllegalMove` once it is not public any more."""
    cluster = links.cluster_of(found)
    if cluster.status != Cluster.Status.PUBLISHED:
        raise IllegalMove("This profile is not in the catalogue any more, so it cannot be changed by this link.")
    return cluster


# --- Confirm -----------------------------------------------------------------------------------------


_ABOUT = {
    Submission.Kind.NEW: "this about {name}, a new cluster",
    Submission.Kind.UPDATE: "this correction of the profile of {name}",
    Submission.Kind.CLOSURE: "the news that {name} no longer exists",
}
_DENY = Button("No, this was not me", "deny", False)


def _confirm_page(request: HttpRequest, found: LinkToken) -> SubmissionLinkPage:
    """Show all that the button would send: somebody else may have written it in this person's name."""
    row = links.submission_of(found)
    if row.status != Status.UNCONFIRMED:
        return _sent_page(row)
    sent = formats.date_format(timezone.localtime(row.submitted_at), "j F Y, H:i") if row.submitted_at else ""
    about = _ABOUT[Submission.Kind(row.kind)].format(name=row.name)
    return SubmissionLinkPage(
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
        "logo_url": reverse("submissions:link_logo", args=[signed_links.token_of(found)]) if row.logo else "",
        "cluster": row.target if is_public else None,
    }


def _sent_page(row: Submission) -> SubmissionLinkPage:
    """There is nothing left to confirm: lead to the submitter's page."""
    outcome = "was taken back" if row.status == Status.WITHDRAWN else "was sent and confirmed already"
    return SubmissionLinkPage(
        title="Nothing is left to do", lead=f"What you began about {row.name or 'a cluster'} {outcome}.",
        buttons=(Button("See its state"),),
    )  # fmt: skip


def _confirm(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    row = links.submission_of(found)
    if request.POST.get("answer") == "deny":
        return _deny(request, row)
    row = submit.confirm(submission=row)
    return HttpResponseRedirect(links.status_path(row))


def _deny(request: HttpRequest, row: Submission) -> HttpResponseBase:
    row = submit.deny(submission=row)
    return render(request, "submissions/denied.html", {"submission": row})


@public_page
def link_logo(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the logo of what a link goes on with or confirms."""
    return logo_of(signed_links.read(token, Purpose.CONFIRM, Purpose.RESUME))


# --- Resume ------------------------------------------------------------------------------------------


def _resume_page(request: HttpRequest, found: LinkToken) -> SubmissionLinkPage:
    row = links.submission_of(found)
    if not row.is_draft:
        # It was sent since: this link confirms it now, and must show it as the one for that does.
        return _confirm_page(request, found)
    now_closed = closed_error()
    return SubmissionLinkPage(
        title="Go on with your form",
        lead=f"You began to fill in the profile of {row.name or 'a cluster'}. What you wrote is still there.",
        buttons=(_DENY,) if now_closed else (Button("Go on"), _DENY),
        note="Your address counts as confirmed then. The form that you may have open elsewhere closes.",
        closed=now_closed,
        **_shown(row, found),
    )


@refuse_while_closed(_resume_page)
def _resume(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    row, answer = links.submission_of(found), request.POST.get("answer")
    if answer == "deny":
        return _deny(request, row)
    if row.is_draft:
        return _to_form(row.kind, drafts.take_over(submission=row), _left_at(row))
    if row.status == Status.UNCONFIRMED:
        # "Go on" was pressed on a page that showed a draft, which somebody sent meanwhile: unseen is not confirmed.
        if answer != "confirm":
            raise ShowPageAgain(_confirm_page(request, found), status=409)
        row = submit.confirm(submission=row)
    return HttpResponseRedirect(links.status_path(row))


def _left_at(row: Submission) -> str:
    """Return the step at which ``row`` was left; one that was only begun goes on after the first."""
    if row.left_at in STEPS[row.kind]:
        return row.left_at
    return next_step(row.kind, STEPS[row.kind][0]) if row.kind == Submission.Kind.NEW else ""


def _to_form(kind: str, found: LinkToken, step: str = "") -> HttpResponseBase:
    step = step or STEPS[kind][0]
    return HttpResponseRedirect(reverse("submissions:submit_step", args=[signed_links.token_of(found), step]))


# --- Correct -----------------------------------------------------------------------------------------


def _edit_page(request: HttpRequest, found: LinkToken) -> SubmissionLinkPage:
    cluster = published_cluster_of(found)
    now_closed = closed_error()
    return SubmissionLinkPage(
        title="Correct a profile",
        lead=f"Open the form for {cluster.name}, filled in with what the profile says now.",
        buttons=() if now_closed else (
            Button("Open the form", "edit"), Button("This cluster no longer exists", "closed", False)
        ),
        note="Nothing changes before you send the form and a reviewer has looked at it.",
        cluster=cluster,
        closed=now_closed,
    )  # fmt: skip


@refuse_while_closed(_edit_page)
def _edit(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    cluster = published_cluster_of(found)
    is_closure = request.POST.get("answer") == "closed"
    kind = Submission.Kind.CLOSURE if is_closure else Submission.Kind.UPDATE
    return begin_for(cluster, found.email, kind=kind)


def begin_for(cluster: Cluster, email: str, *, kind: str, channel: str = Submission.Channel.FORM) -> HttpResponseBase:
    """Begin a form about ``cluster`` for somebody whose address just proved itself, and lead there."""
    _row, form_link = drafts.start_draft(
        kind=kind, email=email, target=cluster, channel=channel, is_email_confirmed=True
    )
    return _to_form(kind, form_link, CHECK if kind == Submission.Kind.CLOSURE else PROFILE)


# --- A new link --------------------------------------------------------------------------------------


@public_page
def link_again(request: HttpRequest) -> HttpResponseBase:
    """Send new links to an address; the answer is the same for every address.

    A link that is used up or too old brings its own ``token``: then its address is known already.
    """
    if token := request.POST.get("token", ""):
        return renew(request, token)
    return address_page(
        request, "submissions/link_again.html", help_text=_HELP,
        send=lambda form, _reference: _send_links(request, form.cleaned_data["submitter_email"]),
    )  # fmt: skip


def _send_links(request: HttpRequest, email: str) -> None:
    """Send them unless the same ones were sent lately; no page shows the difference."""
    if not emails.has_links(email) and rate_limits.may_mail(request, email):
        emails.send_links(email)


_HELP = "The one with which you filled in the form, or under which you got a link."


def send_new_links(request: HttpRequest, old: LinkToken) -> HttpResponseBase:
    """Send the address of a link about a submission all its links; ``renew`` of these purposes."""
    _send_links(request, old.email)
    return _renewed(request)


def send_new_edit_link(request: HttpRequest, old: LinkToken) -> HttpResponseBase:
    """Send a new link to correct the profile; if it is not public any more, all links of the address."""
    cluster = links.cluster_of(old)
    if cluster.status != Cluster.Status.PUBLISHED:
        return send_new_links(request, old)
    if page := closed(request):
        return page
    if not emails.has_edit_link(cluster, old.email) and rate_limits.may_mail(request, old.email):
        emails.send_edit_link(cluster, old.email)
    return _renewed(request)


def _renewed(request: HttpRequest) -> HttpResponse:
    return render(request, "submissions/mailbox.html", {"address": "", "is_renewed": True})


# --- What the registry of links needs to know -----------------------------------------------------------


def _submissions() -> QuerySet[Submission]:
    return Submission.objects.select_related("target")


def mark_of(cluster: Cluster) -> str:
    """Return what identifies a cluster on the page of a link."""
    return str(cluster.public_id)


_UNCONFIRMED = timedelta(days=UNCONFIRMED_DAYS)
_FAILED = "submissions/link_failed.html"

PURPOSES = (
    purposes.Purpose(
        name=Purpose.CONFIRM, label="confirm a submission", lasts=_UNCONFIRMED, is_single_use=True,
        subjects=_submissions, lock=links.lock_submission, page=_confirm_page, act=_confirm,
        renew=send_new_links, failed_template=_FAILED,
    ),
    purposes.Purpose(
        name=Purpose.RESUME, label="go on with a draft", lasts=_UNCONFIRMED, is_single_use=True,
        subjects=_submissions, lock=links.lock_submission, page=_resume_page, act=_resume,
        renew=send_new_links, failed_template=_FAILED,
    ),
    purposes.Purpose(
        name=Purpose.EDIT, label="correct a profile", lasts=timedelta(days=2), is_single_use=True,
        subjects=Cluster.objects.all, lock=links.lock_cluster, page=_edit_page, act=_edit,
        renew=send_new_edit_link, mark=mark_of, failed_template=_FAILED,
    ),
    purposes.Purpose(
        name=Purpose.DRAFT, label="fill in the form", lasts=_UNCONFIRMED, is_single_use=False,
        subjects=_submissions, lock=links.lock_submission, url_name="submissions:submit_sent",
        paths=("submit/form", "submit/sent"), renew=send_new_links,
    ),
    purposes.Purpose(
        name=Purpose.STATUS, label="see the state of a submission", lasts=timedelta(days=730), is_single_use=False,
        subjects=_submissions, lock=links.lock_submission, url_name="submissions:submission_status",
        paths=("submit/status",), renew=send_new_links,
    ),
)  # fmt: skip


def register() -> None:
    """Make the links of submissions known."""
    purposes.register(*PURPOSES)
