"""After sending: the page that asks to open the mailbox, send the mail again or correct the address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from publicforms import rate_limits
from publicforms.messages import mistakes
from submissions import links
from submissions.exceptions import IllegalMove
from submissions.forms import AddressForm
from submissions.models import Submission
from submissions.services import drafts
from submissions.views.pages import public_page
from submissions.views.progress import CHECK
from submissions.views.steps import Draft


@public_page
def submit_sent(request: HttpRequest, token: str) -> HttpResponseBase:
    """Say what happens next; POST sends the link again, or to another address."""
    draft = Draft.behind(token)
    row = draft.row
    if row.is_draft and request.method != "POST":
        return HttpResponseRedirect(draft.url(CHECK))
    if row.status != Submission.Status.UNCONFIRMED:
        if _proved_itself_here(row):
            return HttpResponseRedirect(links.status_path(row))
        return render(request, "submissions/sent.html", {"submission": row, "is_confirmed": True})
    form = AddressForm(request.POST or None, initial={"submitter_email": row.submitter_email})
    message = ""
    if request.method == "POST":
        message, form = _mail_again(request, row, form)
        row.refresh_from_db()
    context = {"submission": row, "token": token, "form": form, "message": message, "mistakes": mistakes(form)}
    return render(request, "submissions/sent.html", context, status=422 if form.errors else 200)


def _proved_itself_here(row: Submission) -> bool:
    """Return whether the form was filled in by whoever opened a link in the mailbox, from then on.

    A link to the form that is older than the proof may be somebody else's; it shows nothing of the answer.
    """
    return bool(row.email_confirmed_at and row.submitted_at and row.email_confirmed_at <= row.submitted_at)


def _mail_again(request: HttpRequest, row: Submission, form: AddressForm) -> tuple[str, AddressForm]:
    try:
        is_same = form.is_valid() and form.cleaned_data["submitter_email"] == row.submitter_email
        if request.POST.get("go") != "address" or is_same:
            rate_limits.check(rate_limits.START, request, recipient=row.submitter_email)
            if rate_limits.may_mail(request, row.submitter_email):
                drafts.send_link_again(submission=row)
            return "The link is on its way once more, or was sent within the last hour.", _address_form(row)
        if not form.is_valid():
            return "", form
        email = form.cleaned_data["submitter_email"]
        rate_limits.check(rate_limits.START, request, recipient=email)
        is_calm = rate_limits.may_mail(request, email)
        row = drafts.change_address(submission=row, email=email, sends_link=is_calm)
        return "The link is on its way to the new address.", _address_form(row)
    except IllegalMove as error:
        return str(error), _address_form(row)


def _address_form(row: Submission) -> AddressForm:
    return AddressForm(initial={"submitter_email": row.submitter_email})
