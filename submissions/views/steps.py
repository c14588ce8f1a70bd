"""The steps of a draft: filled in, saved with whatever is right, checked, sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from catalogue.map.place_map import PlaceMap
from catalogue.profile.facts import facts
from publicforms import links as signed_links
from publicforms import rate_limits
from publicforms.messages import mistakes
from publicforms.models import LinkToken
from submissions import links
from submissions.exceptions import AnswerNotPossible, IllegalMove, SubmissionIncomplete
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME, FIELDS, Step
from submissions.fields.values import Values
from submissions.forms import CheckForm, StepForm, SubmitterForm
from submissions.models import PrivacyNotice, Submission, SubmissionPolicy
from submissions.services import drafts, hooks, submit
from submissions.views.overview import Section, overview, sender_section
from submissions.views.pages import closed, closed_error, count_write, public_page
from submissions.views.preview import gaps, preview
from submissions.views.progress import (
    CHECK,
    HEADINGS,
    PROFILE,
    SECTIONS,
    STEPS,
    TITLES,
    next_step,
    progress,
    section_of,
    step_before,
)

Kind = Submission.Kind
#: Stands in the address of a page whose form was just saved for later.
SAVED = "saved"


@dataclass(frozen=True)
class Draft:
    """A draft with the token under which it is filled in."""

    row: Submission
    token: str

    @classmethod
    def behind(cls, token: str) -> Draft:
        """Return the draft of a form's link. Raises ``LinkNotUsable``."""
        return cls(links.submission_of(signed_links.read(token, links.Purpose.DRAFT)), token)

    def url(self, step: str) -> str:
        """Return the address of a step."""
        return reverse("submissions:submit_step", args=[self.token, step])

    @property
    def values(self) -> Values:
        """What the form shows: the profile as it was, with what was written over it."""
        return {**self.row.base, **self.row.payload}


@public_page
def submit_step(request: HttpRequest, token: str, step: str) -> HttpResponseBase:
    """Show a step of a draft, or take it."""
    draft = Draft.behind(token)
    if step not in STEPS[draft.row.kind]:
        raise Http404("There is no such step.")
    if not draft.row.is_draft:
        return HttpResponseRedirect(reverse("submissions:submit_sent", args=[token]))
    if request.method == "POST":
        count_write(request)
    elif not _is_for_regions(request) and (page := _closed(request, draft)):
        return page
    if step == CHECK:
        return _check(request, draft)
    return _fields(request, draft, step)


@public_page
def draft_logo(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the logo of a draft to whoever fills it in."""
    return logo_of(signed_links.read(token, links.Purpose.DRAFT))


def logo_of(link: LinkToken) -> HttpResponseBase:
    """Return the proposed logo of the submission behind ``link``."""
    row = links.submission_of(link)
    if not row.logo:
        raise Http404("There is no logo.")
    try:
        response = FileResponse(row.logo.open("rb"))
    except FileNotFoundError as error:
        raise Http404("The file of this logo is missing.") from error
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = "inline"
    return response


# --- Fields ----------------------------------------------------------------------------------------


def _fields(request: HttpRequest, draft: Draft, step: str) -> HttpResponseBase:
    row, choices = draft.row, Choices.load()
    names = [spec.name for spec in FIELDS if section_of(row.kind, spec.step) == step and spec.step != Step.OFFICE]
    asks_person = step in (Step.WHO, PROFILE)
    # Mistyped, the mail with the link went elsewhere; once the address proved itself, it stays.
    asks_address = row.email_confirmed_at is None
    if request.method != "POST":
        base = draft.values
        if _is_for_regions(request):
            base = {**base, "country": request.GET.get("country", "")[:2]}
        form = StepForm(names=names, choices=choices, base=base, live=row.base)
        person = SubmitterForm(asks_address=asks_address, initial=_person(row)) if asks_person else None
        if _is_for_regions(request):
            rows = [found for found in form.rows() if found.name == "region"]
            return render(request, "submissions/_region.html", {"row": rows[0] if rows else None})
        return _fields_page(request, draft, step, form, person)
    go = request.POST.get("go", "next")
    form = StepForm(
        request.POST,
        request.FILES,
        names=names,
        choices=choices,
        base=draft.values,
        live=row.base,
        is_strict=go == "next",
    )
    person = SubmitterForm(request.POST, asks_address=asks_address) if asks_person else None
    # Each is asked, so that the page lists all mistakes at once.
    is_valid = all([form.is_valid(), person is None or person.is_valid()])
    # What is right is stored, whatever else is wrong.
    details = dict(person.cleaned_data) if person else {}
    email = details.pop("submitter_email", "")
    target = {"back": step_before(row.kind, step) or step, "save": step}.get(go, next_step(row.kind, step))
    try:
        row = drafts.save_draft(
            submission=row, values=form.json_values(), left_at=target if is_valid else step, **details
        )
        row = _keep_logo(row, form, request)
        row = _keep_address(row, email, request)
    except IllegalMove:
        return HttpResponseRedirect(reverse("submissions:submit_sent", args=[draft.token]))
    draft = Draft(row, draft.token)
    if page := _closed(request, draft, form, person):
        return page
    if not is_valid:
        return _fields_page(request, draft, step, form, person, status=422)
    return HttpResponseRedirect(_saved_url(draft, step) if go == "save" else draft.url(target))


def _closed(request: HttpRequest, draft: Draft, *typed: forms.Form | None) -> HttpResponse | None:
    """Return the page that says that nothing is taken now, with the stored draft; ``None`` while open."""
    if closed_error() is None:
        return None
    row = draft.row
    logo_url = reverse("submissions:draft_logo", args=[draft.token]) if row.logo else ""
    sections = [*overview(row, Choices.load()), sender_section(row)]
    return closed(request, typed=typed, draft=row, sections=sections, logo_url=logo_url)


def _is_for_regions(request: HttpRequest) -> bool:
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == "region-field"


def _keep_logo(row: Submission, form: StepForm, request: HttpRequest) -> Submission:
    if "logo" not in form.fields:
        return row
    if logo := form.cleaned_data.get("logo"):
        return drafts.set_logo(submission=row, logo=logo)
    if request.POST.get("logo_remove"):
        return drafts.set_logo(submission=row, logo=None)
    return row


def _keep_address(row: Submission, email: str, request: HttpRequest) -> Submission:
    """Take another address than the one that was mistyped, and send the link there."""
    if not email or email == row.submitter_email:
        return row
    rate_limits.check(rate_limits.START, request, recipient=email)
    return drafts.change_address(submission=row, email=email, sends_link=rate_limits.may_mail(request, email))


def _saved_url(draft: Draft, step: str) -> str:
    return f"{draft.url(step)}?{SAVED}"


def _person(row: Submission) -> dict[str, str]:
    return {
        "submitter_email": row.submitter_email,
        "submitter_name": row.submitter_name,
        "submitter_role": row.submitter_role,
    }


def _fields_page(
    request: HttpRequest,
    draft: Draft,
    step: str,
    form: StepForm,
    person: SubmitterForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    row = draft.row
    if {"country", "region"} <= set(form.fields):
        # The regions follow the country at once; without JavaScript they do when the page is saved.
        form.fields["country"].widget.attrs.update(
            {"hx-get": draft.url(step), "hx-target": "#region-field", "hx-swap": "outerHTML", "hx-trigger": "change"}
        )
    sections = [
        {"key": section.value, "title": TITLES[section], "rows": rows}
        for section in SECTIONS
        if (rows := list(form.rows(section)))
    ]
    context = {
        **_common(request, draft, step),
        "form": form,
        "person": person,
        "sections": sections,
        "is_one_page": step == PROFILE,
        "mistakes": (found := mistakes(form, person)),
        "has_errors": bool(found),
        "before": step_before(row.kind, step),
    }
    return render(request, "submissions/fields.html", context, status=status)


def _common(request: HttpRequest, draft: Draft, step: str) -> dict[str, Any]:
    row = draft.row
    return {
        "submission": row,
        "cluster": row.target,
        "token": draft.token,
        "heading": HEADINGS[step],
        "progress": progress(row.kind, step, draft.token),
        "is_saved": request.method != "POST" and SAVED in request.GET,
        "logo_url": reverse("submissions:draft_logo", args=[draft.token]) if row.logo else "",
        "live_logo": row.target if row.target and row.target.logo else None,
        "is_update": row.kind == Kind.UPDATE,
        "is_closure": row.kind == Kind.CLOSURE,
    }


# --- Check and send --------------------------------------------------------------------------------


def _check(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    row = draft.row
    has_criteria = row.kind == Kind.NEW
    if request.method != "POST":
        initial = {
            "message": row.message,
            "criteria": [key for key, is_true in row.criteria.items() if is_true],
            "criteria_evidence": row.criteria_evidence,
        }
        return _check_page(request, draft, CheckForm(initial=initial, has_criteria=has_criteria))
    form = CheckForm(request.POST, has_criteria=has_criteria)
    is_valid = form.is_valid()
    go = request.POST.get("go", "send")
    try:
        left_at = step_before(row.kind, CHECK) if go == "back" and is_valid else CHECK
        row = drafts.save_draft(submission=row, values={}, left_at=left_at, **form.details())
        draft = Draft(row, draft.token)
        if page := _closed(request, draft, form):
            return page
        if not is_valid:
            return _check_page(request, draft, form, status=422)
        if go == "back":
            return HttpResponseRedirect(draft.url(step_before(row.kind, CHECK) or CHECK))
        if go == "save":
            return HttpResponseRedirect(_saved_url(draft, CHECK))
        if go == "confirm":
            cluster = hooks.confirm_unchanged(row)
            return render(request, "submissions/confirmed.html", {"cluster": cluster})
        notice = _agreed(request, form)
        row = submit.send(submission=row, notice=notice)
    except SubmissionIncomplete as error:
        return _check_page(request, draft, form, missing=error.errors, status=422)
    except AnswerNotPossible as error:
        return _check_page(request, draft, form, missing={"": [str(error)]}, status=422)
    except IllegalMove:
        # The second click on one button: it was sent by the first.
        pass
    return HttpResponseRedirect(reverse("submissions:submit_sent", args=[draft.token]))


def _sender(draft: Draft) -> Section:
    """Return who sends it, which the reviewer gets too; criteria and message are in the form below."""
    row = draft.row
    url = f"{draft.url(STEPS[row.kind][0])}#s-you" if row.kind != Kind.CLOSURE else ""
    return sender_section(row, title="You, not published", url=url, names=tuple(_person(row)))


def _preview(draft: Draft) -> dict[str, Any]:
    """Return the profile as it will look and what it lacks; nothing for a cluster that is no more."""
    row = draft.row
    if row.kind == Kind.CLOSURE:
        return {}
    cluster = preview(row, Choices.load())
    if not cluster.country_id:
        return {}  # what is asked for first is still empty
    logo_url = reverse("submissions:draft_logo", args=[draft.token]) if row.logo else ""
    if not logo_url and row.target and row.target.logo:
        logo_url = reverse("catalogue:cluster_logo", args=[row.target.slug])
    return {
        "preview": cluster,
        "preview_logo_url": logo_url,
        "facts": facts(cluster),
        "place_map": PlaceMap.of(cluster),
        "gaps": gaps(cluster, row, draft.url),
    }


def _agreed(request: HttpRequest, form: CheckForm) -> PrivacyNotice | None:
    """Return the notice that was agreed to: the one that was on the page, if it is still in force."""
    notice = PrivacyNotice.current()
    has_read = notice is not None and request.POST.get("notice") == notice.version
    return notice if form.cleaned_data.get("consent") and has_read else None


def _check_page(
    request: HttpRequest,
    draft: Draft,
    form: CheckForm,
    *,
    missing: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    row = draft.row
    found = dict(missing if missing is not None else {})
    consent = found.pop("consent", [])
    if request.method == "POST" and consent:
        form.add_error("consent", consent)
    open_fields = submit.sending_problems(row) if missing is None else found
    context = {
        **_common(request, draft, CHECK),
        **_preview(draft),
        "form": form,
        "sections": [*([] if row.kind == Kind.CLOSURE else overview(row, Choices.load(), draft.url)), _sender(draft)],
        "has_changes": bool(row.payload),
        "keep_days": SubmissionPolicy.current().keep_rejected_days,
        "notice": PrivacyNotice.current(),
        "missing": [
            {
                "text": message,
                "url": f"{draft.url(section_of(row.kind, BY_NAME[name].step))}#id_{name}" if name in BY_NAME else "",
            }
            for name, messages in open_fields.items()
            for message in messages
        ],
        "is_refused": missing is not None and bool(found),
        "mistakes": (wrong := mistakes(form)),
        "has_errors": bool(wrong),
        "before": step_before(row.kind, CHECK),
        "is_confirmed": row.email_confirmed_at is not None,
        "can_confirm": hooks.can_confirm_unchanged(row),
    }
    return render(request, "submissions/check.html", context, status=status)
