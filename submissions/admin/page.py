"""The review page: everything about one submission, and the decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from catalogue.models import Cluster
from outbox.views import allow_styles_of
from submissions import emails
from submissions.admin.context import page_facts
from submissions.admin.inputs import ACCEPT, Inputs
from submissions.admin.queue import queue_url, review_url
from submissions.exceptions import DecisionNotPossible, IllegalMove, SubmissionChanged
from submissions.fields.choices import Choices
from submissions.models import CannedReason, Submission
from submissions.review.difference import difference
from submissions.review.duplicates import finder_for
from submissions.review.queue import Place, Queue, place_of
from submissions.review.reviewers import name_of
from submissions.services import review, state_machine
from submissions.services.change_kind import turn_into_new, turn_into_update
from submissions.services.checks import schedule_checks
from submissions.services.dependent_fields import relocation_effects, rename_effects
from submissions.services.request_changes import override_check, preview_changes, request_changes
from submissions.services.review import Decision, current_snapshot, live_values

REVIEW = "submissions.review_submission"
PUBLISH = "catalogue.publish_cluster"
_RELATED = (
    "target__country", "target__region", "country", "assigned_to", "opened_by", "reviewer", "notice",
    "partner_token__partner", "import_row__spreadsheet",
)  # fmt: skip


@dataclass
class State:
    """What the page shows of the last action, beside the submission itself."""

    changes: list[str] = field(default_factory=list)
    message: str = ""
    preview: emails.Preview | None = None
    preview_of: str = ""
    status: int = 200


def review_page(request: HttpRequest, pk: int, *, admin_site: AdminSite) -> HttpResponse:
    """Show the submission ``pk`` (GET), or carry out what was decided (POST)."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    page = ReviewPage(request, pk, admin_site)
    return page.act() if request.method == "POST" else page.show()


def leave_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a reviewer left the page (sent by the page's script)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user: Any = request.user
    if not user.has_perm(REVIEW):
        raise PermissionDenied
    state_machine.close_for(submission=get_object_or_404(Submission, pk=pk), reviewer=user)
    return HttpResponse(status=204)


class ReviewPage:
    """One request for the review page."""

    def __init__(self, request: HttpRequest, pk: int, admin_site: AdminSite) -> None:
        """Read the submission and the queue that the reviewer came from."""
        self.request, self.admin_site = request, admin_site
        self.user: Any = request.user
        self.may_review = self.user.has_perm(REVIEW)
        self.may_publish = self.user.has_perm(PUBLISH)
        self.pk = pk
        self.queue_query = str(request.GET.get("queue", ""))[:1000]
        self.queue = Queue(QueryDict(self.queue_query).dict(), self.user)  # type: ignore[arg-type]
        self.choices = Choices.load()
        self.canned = list(CannedReason.objects.all())
        self.submission = self._read()

    def _read(self) -> Submission:
        rows = Submission.objects.select_related(*_RELATED)
        submission = get_object_or_404(rows, pk=self.pk)
        if submission.is_draft:
            raise Http404("This submission was not sent yet.")
        return submission

    def _inputs(self, data: QueryDict | None = None) -> Inputs:
        self.difference = difference(self.submission, self.choices)
        live = live_values(self.submission)
        return Inputs(self.submission, self.difference, self.choices, self.canned, live, data)

    @property
    def place(self) -> Place:
        """Return the neighbours of the submission in the reviewer's queue."""
        return place_of(self.queue, self.pk)

    # --- showing ---

    def show(self, state: State | None = None, inputs: Inputs | None = None) -> HttpResponse:
        """Return the page."""
        state = state or State()
        submission = self.submission
        can_decide = self.may_review and submission.is_open
        other = None
        # HEAD comes from programs: nobody reads the page.
        if can_decide and self.request.method != "HEAD":
            other = state_machine.open_for(submission=submission, reviewer=self.user)
        inputs = inputs or self._inputs()
        finder = finder_for([submission]) if submission.is_open else None
        snapshot = current_snapshot(submission, finder)
        request = self.request
        request.current_app = self.admin_site.name
        place = self.place
        context = {
            **self.admin_site.each_context(request),
            "title": submission.name or "Submission",
            "opts": Submission._meta,
            "submission": submission,
            "difference": self.difference,
            "inputs": inputs,
            "state": state,
            "snapshot": snapshot,
            "place": place,
            "previous_url": review_url(place.previous, self.queue_query) if place.previous else "",
            "next_url": review_url(place.next, self.queue_query) if place.next else "",
            "queue_url": queue_url(self.queue_query),
            "reviewers": self.queue.reviewers if self.may_review else [],
            "may_review": self.may_review,
            "can_decide": can_decide,
            "can_publish": self.may_publish,
            "read_by": name_of(other) if other else "",
            "opened_minutes": _minutes_since(submission.opened_at),
            "effects": {"name": _rename_message(submission), "place": _relocation_message(submission)},
            "refuse_reasons": inputs.of_use(CannedReason.Use.REFUSE),
            "changes_reasons": inputs.of_use(CannedReason.Use.CHANGES),
            "reject_reasons": inputs.of_use(CannedReason.Use.REJECT),
            **page_facts(submission, self.choices, finder, is_reader=not self.may_review),
        }
        page = TemplateResponse(request, "admin/submissions/submission/review.html", context, status=state.status)
        return allow_styles_of(state.preview.html, page) if state.preview else page

    # --- acting ---

    def act(self) -> HttpResponse:
        """Carry out what the pressed button says; what was filled in stays on the page unless it is done."""
        if not self.may_review:
            raise PermissionDenied
        action, _, argument = self.request.POST.get("action", "").partition(":")
        inputs = self._inputs(self.request.POST)
        state = State()
        try:
            answer = self._do(action, argument, inputs, state)
            if answer is not None:
                return answer
        except SubmissionChanged as error:
            state.changes, state.status = error.changes, 409
        except IllegalMove as error:
            state.message, state.status = str(error), 409
        except DecisionNotPossible as error:
            errors = error.errors
            self.submission = self._read()
            inputs = self._inputs(self.request.POST)
            inputs.show(errors)
            return self.show(state, inputs)
        # What is shown is what is stored now, with what the reviewer filled in.
        self.submission = self._read()
        return self.show(state, self._inputs(self.request.POST))

    def _do(self, action: str, argument: str, inputs: Inputs, state: State) -> HttpResponse | None:
        submission, user = self.submission, self.user
        if action in ("take", "release", "assign"):
            self._assign(action)
        elif action == "override":
            override_check(submission=submission, key=argument, reviewer=user, reason=inputs.override_reason(argument))
            messages.success(self.request, "The check is set aside, with your reason.")
        elif action == "recheck":
            schedule_checks(submission)
            messages.success(self.request, "The checks run again; this takes some seconds. Reload the page then.")
        elif action == "update-of":
            return self._turn_into_update(argument, inputs)
        elif action == "new-after-all":
            return self._turn_into_new(inputs)
        elif action == "preview":
            state.preview = self._preview(argument, inputs)
            state.preview_of = argument if argument in ("changes", "reject") else "decide"
        elif action in ("decide", "reject"):
            return self._decide(inputs, is_rejection=action == "reject")
        elif action == "changes":
            return self._request_changes(inputs)
        return None

    def _assign(self, action: str) -> None:
        to = self.user if action == "take" else None
        if action == "assign":
            key = self.request.POST.get("to", "")
            to = next((person for person in self.queue.reviewers if str(person.pk) == key), None)
            if to is None:
                messages.warning(self.request, "Choose whom it shall be assigned to.")
                return
        state_machine.assign(submissions=[self.submission], to=to, by=self.user)

    def _turn_into_update(self, key: str, inputs: Inputs) -> HttpResponse:
        if not (key.isascii() and key.isdigit() and len(key) < 18):
            raise Http404
        cluster = get_object_or_404(Cluster, pk=int(key))
        row = turn_into_update(
            submission=self.submission, cluster=cluster, reviewer=self.user, snapshot=inputs.snapshot
        )
        messages.success(self.request, f"This is an update of {row.target} now: decide on what differs.")
        return HttpResponseRedirect(review_url(self.pk, self.queue_query))

    def _turn_into_new(self, inputs: Inputs) -> HttpResponse:
        turn_into_new(submission=self.submission, reviewer=self.user, snapshot=inputs.snapshot)
        messages.success(self.request, "This is a new cluster again, with all that was sent.")
        return HttpResponseRedirect(review_url(self.pk, self.queue_query))

    def _preview(self, what: str, inputs: Inputs) -> emails.Preview:
        if what == "changes":
            row = preview_changes(
                submission=self.submission, snapshot=inputs.snapshot, fields=inputs.asked, text=inputs.changes_text
            )
        else:
            decision = self._decision(inputs, is_rejection=what == "reject")
            row = review.preview(self.submission, decision, self.choices)
        return emails.preview(row, self.choices)

    def _decision(self, inputs: Inputs, *, is_rejection: bool) -> Decision:
        if is_rejection:
            return Decision(self.user, inputs.snapshot, reason=inputs.reject_reason, is_rejection=True)
        publish = inputs.publish and self.may_publish
        return Decision(self.user, inputs.snapshot, inputs.decisions(), inputs.reason, publish)

    def _decide(self, inputs: Inputs, *, is_rejection: bool) -> HttpResponse:
        archives = self.submission.kind == Submission.Kind.CLOSURE and inputs.closure == ACCEPT
        if archives and not is_rejection and not self.may_publish:
            raise DecisionNotPossible({"closure": "To archive a cluster you need the permission to publish."})
        following = self.place.next
        decision = self._decision(inputs, is_rejection=is_rejection)
        outcome = review.decide(self.submission, decision, choices=self.choices)
        return self._onwards(outcome.submission, None if is_rejection else outcome.cluster, following)

    def _request_changes(self, inputs: Inputs) -> HttpResponse:
        following = self.place.next
        row = request_changes(
            submission=self.submission, reviewer=self.user, snapshot=inputs.snapshot, fields=inputs.asked,
            text=inputs.changes_text,
        )  # fmt: skip
        return self._onwards(row, None, following)

    def _onwards(self, row: Submission, cluster: Cluster | None, following: int | None) -> HttpResponse:
        """Say what was done and go to the next submission of the queue, or back to the queue after the last."""
        messages.success(self.request, _done_message(row, cluster))
        if following is None:
            return HttpResponseRedirect(queue_url(self.queue_query))
        return HttpResponseRedirect(review_url(following, self.queue_query))


def _done_message(row: Submission, cluster: Cluster | None) -> str:
    done = {
        Submission.Status.APPROVED: "approved",
        Submission.Status.PARTLY_APPROVED: "approved in part",
        Submission.Status.REJECTED: "rejected",
        Submission.Status.CHANGES_REQUESTED: "sent back with your questions",
    }[Submission.Status(row.status)]
    address = reverse("admin:submissions_submission_change", args=[row.pk])
    mailed = " The submitter gets a mail." if row.submitter_email else ""
    message = format_html('<a href="{}">{}</a> was {}.{}', address, row.name or "The submission", done, mailed)
    if cluster is None:
        return message
    if cluster.status == Cluster.Status.PUBLISHED:
        return format_html('{} <a href="{}">See the public profile</a>.', message, cluster.get_absolute_url())
    return format_html("{} The cluster is {}: not public.", message, cluster.get_status_display().lower())


def _minutes_since(moment: datetime | None) -> int:
    return max(0, (timezone.now() - moment) // timedelta(minutes=1)) if moment else 0


def _rename_message(submission: Submission) -> str:
    """Return what becomes of the cluster's name if the proposed one is accepted; empty if nothing."""
    if submission.target is None or not submission.is_open:
        return ""
    if not rename_effects(submission.target, submission.payload):
        return ""
    return f"With it “{submission.target.name}” becomes a former name."


def _relocation_message(submission: Submission) -> str:
    """Return what becomes of coordinates and local name if the proposed town is accepted; empty if nothing."""
    if submission.target is None or not submission.is_open or "place" not in submission.payload:
        return ""
    effects = relocation_effects(submission.target, submission.payload)
    if not effects:
        return ""
    if effects.get("latitude"):
        return "With it go the coordinates and the local name that we know of this town."
    had = submission.target.latitude is not None or submission.target.place_local_name
    return "With it the coordinates and the local name of the old town are emptied." if had else ""
