"""The three answers to "is this still right?": still correct, I correct it, it no longer exists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from catalogue.models import Cluster
from publicforms import links as signed_links
from publicforms import purposes
from publicforms.link_pages import Button, ShowPageAgain
from publicforms.messages import OwnMessagesForm
from publicforms.models import LinkToken
from publicforms.purposes import Purpose
from quality import freshness
from quality.models import FreshnessRequest
from submissions import links
from submissions.fields.choices import Choices
from submissions.fields.definitions import FIELDS, Kind, Step
from submissions.fields.values import as_text, read_values
from submissions.services import hooks
from submissions.services.hooks import ConfirmedUnchanged
from submissions.views.link_page import SubmissionLinkPage, refuse_while_closed
from submissions.views.links import mark_of, send_new_edit_link
from submissions.views.overview import Line, Section
from submissions.views.pages import closed_error
from submissions.views.progress import PROFILE, SECTIONS, TITLES

Answer = FreshnessRequest.Answer

_LINKS = {
    Answer.CORRECT: "It is still correct",
    Answer.EDIT: "I correct it",
    Answer.CLOSED: "The cluster no longer exists",
}

_TITLES = {Step.WHO: "Who it is"}
#: Say something only beside another field.
_PARTS = frozenset({"members_qualifier", "members_as_of", "quality_evidence", "quality_expires_on"})


class ClosureForm(OwnMessagesForm):
    """What somebody may add who says that a cluster no longer exists."""

    successor = forms.CharField(
        label="Does another organisation go on with its work?", max_length=200, required=False,
        help_text="Its name. The old address then leads to its profile, if it has one.",
        error_messages={"max_length": "A name has at most 200 characters. Write more below."},
    )  # fmt: skip
    message = forms.CharField(
        label="What happened?", max_length=1500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One sentence for our reviewers, such as when it ended.",
        error_messages={"max_length": "Please use at most 1,500 characters."},
    )  # fmt: skip


def page(request: HttpRequest, found: LinkToken) -> SubmissionLinkPage:
    """Return the page of the answer that the address names; without one all three are offered."""
    answer, cluster = request.GET.get("answer", ""), freshness.answerable_cluster(found)
    if answer == Answer.CORRECT:
        return _page(
            found, answer, f"Is the profile of {cluster.name} still right?",
            "This is what it says. If that is right, one button is all we need.",
            Button("Yes, it is still correct", answer), sections=_profile(cluster),
        )  # fmt: skip
    now_closed = closed_error()
    if answer == Answer.EDIT:
        return _page(
            found, answer, f"Correct the profile of {cluster.name}",
            "The form is filled in with what the profile says now. Change what is wrong, and send it.",
            *(() if now_closed else (Button("Open the form", answer),)), closed=now_closed,
            note="Nothing changes before you send the form and a reviewer has looked at it.",
        )  # fmt: skip
    if answer == Answer.CLOSED:
        return _closed_page(found, ClosureForm())
    return _page(
        found, "", f"Is the profile of {cluster.name} still right?", "Choose what is true.",
        Button("It is still correct", Answer.CORRECT),
        *(() if now_closed else (Button("I correct it", Answer.EDIT, False),)),
        sections=_profile(cluster),
    )  # fmt: skip


@refuse_while_closed(page)
def act(request: HttpRequest, found: LinkToken) -> HttpResponseBase:
    """Take the answer; the caller spends the link in the same transaction."""
    answer = request.POST.get("answer", "")
    if answer == Answer.CORRECT:
        cluster = freshness.confirm(link=found)
        return render(request, "submissions/confirmed.html", {"cluster": cluster})
    if answer == Answer.EDIT:
        _submission, form_link = freshness.begin_edit(link=found)
        return HttpResponseRedirect(
            reverse("submissions:submit_step", args=[signed_links.token_of(form_link), PROFILE])
        )
    if answer == Answer.CLOSED:
        form = ClosureForm(request.POST)
        if not form.is_valid():
            raise ShowPageAgain(_closed_page(found, form))
        if closed_error():
            raise ShowPageAgain(_closed_page(found, form), status=409)
        submission = freshness.report_closure(link=found, **form.cleaned_data)
        return HttpResponseRedirect(links.status_path(submission))
    raise ShowPageAgain(page(request, found))


def _closed_page(found: LinkToken, form: ClosureForm) -> SubmissionLinkPage:
    cluster = freshness.answerable_cluster(found)
    return _page(
        found, Answer.CLOSED, f"{cluster.name} no longer exists?",
        "Then a reviewer takes the profile out of the catalogue. It does not vanish at once.",
        *(() if (now_closed := closed_error()) else (Button("Yes, it no longer exists", Answer.CLOSED),)),
        form=form, closed=now_closed,
        note="We keep your address with this message until it is decided, to tell you the outcome.",
    )  # fmt: skip


def _page(found: LinkToken, answer: str, title: str, lead: str, *buttons: Button, **more: Any) -> SubmissionLinkPage:
    shown = {answer, *(button.answer for button in buttons)}
    others = tuple((label, f"?answer={value}") for value, label in _LINKS.items() if value not in shown)
    cluster = links.cluster_of(found)
    return SubmissionLinkPage(title=title, lead=lead, buttons=buttons, cluster=cluster, others=others, **more)


def _profile(cluster: Cluster) -> list[Section]:
    """Return what the profile says, step by step as in the form."""
    values, choices = read_values(cluster), Choices.load()
    sections = []
    for step in SECTIONS:
        section = Section(_TITLES.get(step, TITLES[step]), "")
        for spec in FIELDS:
            if spec.step != step or spec.kind == Kind.LOGO:
                continue
            if text := as_text(spec, values[spec.name], choices):
                section.lines.append(Line(spec, text))
            elif spec.name not in _PARTS:
                section.empty.append(spec.label)
        sections.append(section)
    return sections


PURPOSE = Purpose(
    name=freshness.PURPOSE, label="answer whether a profile is still right", lasts=timedelta(days=60),
    is_single_use=True, subjects=Cluster.objects.all, lock=links.lock_cluster, page=page, act=act,
    renew=send_new_edit_link, mark=mark_of, failed_template="submissions/link_failed.html",
)  # fmt: skip


def register() -> None:
    """Make the links of freshness requests known, and what the form of a correction can confirm."""
    purposes.register(PURPOSE)
    hooks.register_confirmed_unchanged(ConfirmedUnchanged(freshness.confirmation_obstacle, freshness.confirm_instead))
