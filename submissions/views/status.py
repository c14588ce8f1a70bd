"""The submitter's own page: the state of a submission, what was decided, and what can still be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from catalogue.models import Cluster
from publicforms import links as signed_links
from publicforms.messages import mistakes
from submissions import emails, links
from submissions.exceptions import IllegalMove, SubmissionIncomplete
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS
from submissions.fields.values import as_text
from submissions.forms import MessageForm, StepForm
from submissions.models import Submission, SubmissionEvent, SubmissionPolicy
from submissions.services import drafts, submit
from submissions.views.overview import overview
from submissions.views.pages import count_write, public_page
from submissions.views.steps import logo_of

Status = Submission.Status

#: What happened, for the submitter; nobody of the staff is named. Other events are internal.
EVENTS = {
    "started": "You began to fill in the form",
    "sent": "You sent it",
    Status.PENDING.value: "It reached our queue",
    Status.CHANGES_REQUESTED.value: "The reviewer asked for changes",
    Status.APPROVED.value: "It was approved",
    Status.PARTLY_APPROVED.value: "It was approved in part",
    Status.REJECTED.value: "It was not approved",
    Status.WITHDRAWN.value: "You took it back",
    "became_update": "The reviewer took it as a correction of a profile that exists",
}


@dataclass(frozen=True)
class Decided:
    """The decision on one field."""

    label: str
    outcome: str
    reason: str
    is_accepted: bool


def _behind(token: str) -> Submission:
    return links.submission_of(signed_links.read(token, links.Purpose.STATUS))


@public_page
def submission_status(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the state of a submission; POST takes it back."""
    row = _behind(token)
    problem = ""
    if request.method == "POST":
        count_write(request)
        try:
            if request.POST.get("go") == "withdraw":
                submit.withdraw(submission=row)
            return HttpResponseRedirect(reverse("submissions:submission_status", args=[token]))
        except IllegalMove as error:
            problem = str(error)
            row.refresh_from_db()
    choices = Choices.load()
    context: dict[str, Any] = {
        "submission": row,
        "token": token,
        "problem": problem,
        "sections": overview(row, choices),
        "timeline": _timeline(row),
        "decided": _decided(row, choices),
        "is_edited": any("value" in decision for decision in row.decisions.values()),
        "keep_days": SubmissionPolicy.current().keep_rejected_days,
        "profile": _profile(row),
        "is_not_public_yet": emails.is_not_public_yet(row),
        "asked": [BY_NAME[name].label for name in row.asked_fields if name in BY_NAME],
        "logo_url": reverse("submissions:submission_logo", args=[token]) if row.logo else "",
        "can_withdraw": not row.is_decided and row.status != Status.WITHDRAWN,
    }
    if row.status == Status.PENDING:
        context |= {"position": emails.position(row), "usual_days": emails.usual_days()}
    return render(request, "submissions/status.html", context, status=409 if problem else 200)


@public_page
def submission_logo(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the proposed logo to its sender."""
    return logo_of(signed_links.read(token, links.Purpose.STATUS))


@public_page
def submission_change(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show just the fields that a reviewer asked to change; POST sends them."""
    row = _behind(token)
    back = HttpResponseRedirect(reverse("submissions:submission_status", args=[token]))
    if row.status != Status.CHANGES_REQUESTED:
        return back
    choices = Choices.load()
    # A reviewer may have found that it is a cluster which is not public: nothing of that one is shown.
    live = row.base if _is_about_public(row) else {}
    base = {**live, **row.payload}
    if request.method != "POST":
        form = StepForm(names=row.asked_fields, choices=choices, base=base, live=live)
        return _change_page(request, row, token, form, MessageForm(prefix="answer"))
    count_write(request)
    form = StepForm(request.POST, request.FILES, names=row.asked_fields, choices=choices, base=base, live=live)
    note = MessageForm(request.POST, prefix="answer")
    if not all([form.is_valid(), note.is_valid()]):
        return _change_page(request, row, token, form, note, status=422)
    try:
        if logo := form.cleaned_data.get("logo"):
            row = drafts.set_logo(submission=row, logo=logo)
        submit.answer_changes(
            submission=row, values=form.json_values(), message=note.cleaned_data["message"], has_new_logo=bool(logo)
        )
    except SubmissionIncomplete as error:
        return _change_page(request, row, token, form, note, problem=str(error), status=422)
    except IllegalMove:
        pass  # the second click on one button, or the reviewer was faster: the page shows the state
    return back


def _change_page(
    request: HttpRequest,
    row: Submission,
    token: str,
    form: StepForm,
    note: MessageForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "submission": row,
        "token": token,
        "form": form,
        "rows": list(form.rows()),
        "note": note,
        "problem": problem,
        "mistakes": (found := mistakes(form, note)),
        "has_errors": bool(problem or found),
        "logo_url": reverse("submissions:submission_logo", args=[token]) if row.logo else "",
    }
    return render(request, "submissions/change.html", context, status=status)


def _is_about_public(row: Submission) -> bool:
    return row.target is not None and row.target.status == Cluster.Status.PUBLISHED


def _timeline(row: Submission) -> list[dict[str, Any]]:
    found = []
    for event in row.events.all():
        text = EVENTS.get(event.kind, "")
        if event.kind == "became_update" and not _is_about_public(row):
            continue
        if event.kind == Status.PENDING and event.data.get("answered"):
            text = "You answered the reviewer"
        if text:
            found.append({"at": event.at, "text": text, "said": _said(event)})
    return found


def _said(event: SubmissionEvent) -> str:
    """Return what the reviewer wrote with an event. Their names, and those of other clusters, stay out."""
    shown = (Status.CHANGES_REQUESTED, Status.APPROVED, Status.PARTLY_APPROVED, Status.REJECTED)
    return event.text if event.kind in shown else ""


def _decided(row: Submission, choices: Choices) -> list[Decided]:
    found = []
    for spec in FIELDS:
        decision = row.decisions.get(spec.name)
        if decision is None:
            continue
        if not decision["accepted"]:
            outcome = "Not taken over"
        elif "value" in decision:
            outcome = f"Changed by the reviewer to “{as_text(spec, decision['value'], choices) or 'nothing'}”"
        else:
            outcome = "Taken over"
        found.append(Decided(spec.label, outcome, decision.get("reason", ""), decision["accepted"]))
    return found


def _profile(row: Submission) -> Cluster | None:
    """Return the public profile that came of a submission or that it is about."""
    target = row.target
    return target if target is not None and target.status == Cluster.Status.PUBLISHED else None
