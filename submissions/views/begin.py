"""The first step of a new cluster: who it is, who fills in the form, and whether we know it already."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from publicforms import honeypot, rate_limits
from publicforms import links as signed_links
from publicforms import views as challenge
from publicforms.honeypot import Guard, Verdict
from publicforms.messages import mistakes
from submissions.exceptions import IllegalMove
from submissions.fields.choices import Choices
from submissions.fields.definitions import Step, fields_of
from submissions.forms import StepForm, SubmitterForm
from submissions.models import SubmissionPolicy
from submissions.public_duplicates import PublicDuplicate, public_duplicates
from submissions.services import drafts
from submissions.views.pages import closed, looks_sent, public_page
from submissions.views.progress import progress_of_new

NAMES = [spec.name for spec in fields_of(Step.WHO)]


@public_page
def submit(request: HttpRequest) -> HttpResponseBase:
    """Show the first step; take it, and begin a draft."""
    typed: list[forms.Form] = []
    if request.method == "POST":
        typed = [StepForm(request.POST, names=NAMES, choices=Choices.load()), SubmitterForm(request.POST)]
    if page := closed(request, typed=typed):
        return page
    if request.method == "POST":
        return _take(request)
    form = StepForm(names=NAMES, choices=Choices.load(), is_strict=True)
    return _page(request, form, SubmitterForm(), Guard.new())


def _take(request: HttpRequest) -> HttpResponse:
    policy = SubmissionPolicy.current()
    verdict, guard = Guard.of(request, minimum_seconds=policy.minimum_seconds)
    if verdict == Verdict.BOT:
        return looks_sent(request)
    form = StepForm(request.POST, names=NAMES, choices=Choices.load(), is_strict=True)
    person = SubmitterForm(request.POST)
    # Each is asked, so that the page lists all mistakes at once.
    are_valid = [form.is_valid(), person.is_valid()]
    problem = honeypot.MESSAGES.get(verdict, "")
    if problem or not all(are_valid):
        return _page(request, form, person, guard, problem=problem, status=422)
    values = form.json_values()
    rate_limits.check(rate_limits.READ, request)
    found = public_duplicates(
        name=str(values["name"]), acronym=str(values["acronym"]), country=str(values["country"]),
        website=str(values["website"]),
    )  # fmt: skip
    seen = set(" ".join(request.POST.getlist("seen")).split())
    if any(other.slug not in seen for other in found):
        return _page(request, form, person, guard, found=found)
    if problem := challenge.problem(request, is_on=policy.needs_challenge):
        return _page(request, form, person, guard, problem=problem, status=422)
    details = {**person.cleaned_data}
    email = details.pop("submitter_email")
    rate_limits.check(rate_limits.START, request, recipient=email)
    try:
        _row, link = drafts.start_draft(
            email=email,
            values=values,
            reference=guard.reference,
            sends_link=rate_limits.may_mail(request, email),
            **details,
        )
    except IllegalMove as error:
        return _page(request, form, person, Guard.new(), problem=str(error), status=422)
    return HttpResponseRedirect(reverse("submissions:submit_step", args=[signed_links.token_of(link), Step.WHAT]))


@public_page
def similar(request: HttpRequest) -> HttpResponse:
    """Answer while the name is typed: published clusters that it may be."""
    rate_limits.check(rate_limits.READ, request)
    found = public_duplicates(
        name=request.GET.get("name", "")[:200], acronym=request.GET.get("acronym", "")[:40],
        country=request.GET.get("country", "")[:2], website=request.GET.get("website", "")[:200], is_typing=True,
    )  # fmt: skip
    return render(request, "submissions/_similar.html", {"found": found, "seen": _slugs(found)})


def _slugs(found: list[PublicDuplicate]) -> str:
    return " ".join(other.slug for other in found)


def _page(
    request: HttpRequest,
    form: StepForm,
    person: SubmitterForm,
    guard: Guard,
    *,
    found: list[PublicDuplicate] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "person": person,
        "guard": guard,
        "found": found or [],
        "seen": _slugs(found or []),
        "problem": problem,
        "progress": progress_of_new(Step.WHO),
        "challenge": challenge.for_page(is_on=SubmissionPolicy.current().needs_challenge),
        "mistakes": (found_wrong := mistakes(form, person)),
        "has_errors": bool(problem or found_wrong),
    }
    return render(request, "submissions/begin.html", context, status=status)
