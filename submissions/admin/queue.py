"""The queue: the reviewer's own work first, filters with counts, assignment."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from submissions.fields.definitions import BY_NAME
from submissions.models import Submission
from submissions.review.ageing import Age, age_of
from submissions.review.queue import PER_PAGE, Queue
from submissions.review.reviewers import name_of
from submissions.services import state_machine

SHOWN_FIELDS = 4
#: So many submissions can be ticked at once: what a page shows.
MAX_TICKED = PER_PAGE


@dataclass(frozen=True)
class Row:
    """A submission as a line of the queue."""

    submission: Submission
    age: Age
    url: str
    what: str
    findings: str
    is_bad: bool
    open_with: str


@dataclass(frozen=True)
class Group:
    """The lines of one section on a page."""

    name: str
    label: str
    count: int
    rows: list[Row]


def queue_url(query: str = "") -> str:
    """Return the address of the queue with its filters."""
    address = reverse("admin:submissions_submission_changelist")
    return f"{address}?{query}" if query else address


def review_url(pk: int, query: str = "") -> str:
    """Return the address of a review page that knows from which queue somebody came."""
    address = reverse("admin:submissions_submission_change", args=[pk])
    if not query:
        return address
    given = QueryDict(mutable=True)
    given["queue"] = query
    return f"{address}?{given.urlencode()}"


def queue_page(request: HttpRequest, *, admin_site: AdminSite) -> HttpResponse:
    """Show the queue (GET), or assign what is ticked (POST)."""
    user: Any = request.user
    queue = Queue(request.GET, user)
    if request.method == "POST":
        return _act(request, queue)
    rows: Any = _Counted(queue)
    page: Page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    request.current_app = admin_site.name
    context = {
        **admin_site.each_context(request),
        "title": "Submissions",
        "opts": Submission._meta,
        "queue": queue,
        "groups": _groups(queue, page, user),
        "page_obj": page,
        "pages": list(page.paginator.get_elided_page_range(page.number)),
        "pages_query": queue.query(),
        "can_review": queue.may_review,
    }
    return TemplateResponse(request, "admin/submissions/submission/queue.html", context)


class _Counted:
    """The rows of a queue for the paginator, which are counted with the filters already."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def count(self) -> int:
        return self._queue.total

    def __len__(self) -> int:
        return self._queue.total

    def __getitem__(self, part: slice) -> list[Submission]:
        return self._queue.page(part)


def _groups(queue: Queue, page: Page, user: User) -> list[Group]:
    rows = list(page.object_list)
    if queue.status not in ("pending", "changes_requested"):
        return [Group("", "", queue.total, [_row(row, queue, user) for row in rows])] if rows else []
    counts = queue.counts["section"]
    found = []
    for name, group in groupby(rows, key=queue.section_of):
        label = queue.sections[name] if name != "elsewhere" else "Waiting for the submitter"
        found.append(Group(name, label, counts.get(name, 0), [_row(row, queue, user) for row in group]))
    return found


def _row(row: Submission, queue: Queue, user: User) -> Row:
    is_waiting = row.status == Submission.Status.PENDING
    bad = [check for check in row.checks if _is(check, "failed")]
    warnings = [check for check in row.checks if _is(check, "warning")]
    findings = [
        *([f"{len(bad)} failed"] if bad else []),
        *([f"{len(warnings)} to look at"] if warnings else []),
    ]
    is_fresh = row.opened_by_id and row.opened_by_id != user.pk and state_machine.is_being_read(row, queue.now)
    return Row(
        submission=row,
        age=age_of(row.confirmed_at, is_waiting=is_waiting, until=row.decided_at or queue.now),
        url=review_url(row.pk, queue.query()),
        what=_proposed_fields(row),
        findings=", ".join(findings) if row.checked_at or findings else "not checked yet" if is_waiting else "",
        is_bad=bool(bad),
        open_with=name_of(row.opened_by) if is_fresh and row.opened_by else "",
    )


def _is(check: Any, outcome: str) -> bool:
    return isinstance(check, dict) and check.get("outcome") == outcome and not check.get("overridden")


def _proposed_fields(row: Submission) -> str:
    """Return what it asks for: the fields of an update, by name."""
    if row.kind != Submission.Kind.UPDATE:
        return ""
    labels = [spec.label for name, spec in BY_NAME.items() if name in row.payload]
    if not labels:
        return "nothing differs"
    rest = len(labels) - SHOWN_FIELDS
    return ", ".join(labels[:SHOWN_FIELDS]) + (f" and {rest} more" if rest > 0 else "")


def _act(request: HttpRequest, queue: Queue) -> HttpResponse:
    """Assign what is ticked, or lead to the page that asks before several are approved."""
    if not queue.may_review:
        raise PermissionDenied
    user: Any = request.user
    back = HttpResponseRedirect(queue_url(queue.query(page=request.GET.get("page", ""))))
    action, _, key = request.POST.get("action", "").partition(":")
    rows = ticked([key] if action == "take" and key else request.POST.getlist("ticked"))
    if not rows:
        messages.warning(request, "Nothing was ticked: tick the submissions that you mean.")
        return back
    if action == "approve":
        keys = ",".join(str(row.pk) for row in rows)
        given = QueryDict(mutable=True)
        given.update({"ids": keys, "queue": queue.query()})
        return HttpResponseRedirect(f"{reverse('admin:submissions_submission_approve')}?{given.urlencode()}")
    to = user if action == "take" else None
    if action not in ("take", "release"):
        to = next((person for person in queue.reviewers if str(person.pk) == request.POST.get("to")), None)
        if to is None:
            messages.warning(request, "Choose whom the submissions shall be assigned to.")
            return back
    changed = state_machine.assign(submissions=rows, to=to, by=user)
    messages.success(request, _assigned_message(changed, to, user))
    return back


def _assigned_message(changed: int, to: User | None, user: User) -> str:
    count = "1 submission" if changed == 1 else f"{changed} submissions"
    if not changed:
        return "Nothing changed: that was so already."
    if to is None:
        return f"{count} given back: everybody sees {'it' if changed == 1 else 'them'} as unassigned."
    return f"{count} assigned to {'you' if to.pk == user.pk else name_of(to)}."


def ticked(keys: list[str]) -> list[Submission]:
    """Return the submissions with these keys, oldest first; what is no key is passed over."""
    wanted = {int(key) for key in keys[:MAX_TICKED] if key.isascii() and key.isdigit() and len(key) < 18}
    rows = Submission.objects.sent().filter(pk__in=wanted).select_related("target", "country")
    return list(rows.order_by("confirmed_at", "pk"))
