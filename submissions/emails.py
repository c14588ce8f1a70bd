"""Sending the mails about submissions: the values of each. They are rows of the outbox first."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Cluster
from consortium.models import Project
from outbox.addresses import AddressNotUsable
from outbox.mail import Mail
from outbox.rendering import html_of_text, html_page, render, without_secrets
from outbox.services import posting
from publicforms import links as signed_links
from publicforms.models import LinkToken
from submissions import links
from submissions.email_kinds import KINDS
from submissions.fields.choices import Choices
from submissions.fields.definitions import BY_NAME
from submissions.fields.values import as_text
from submissions.models import Submission, SubmissionPolicy

logger = logging.getLogger(__name__)


def send_resume_link(submission: Submission) -> None:
    """Send the link under which a draft can be resumed."""
    link = signed_links.issue(links.Purpose.RESUME, subject=submission, email=submission.submitter_email)
    _post(submission, "submission_resume", f"resume-{link.pk}", link=signed_links.address_of(link), days=days_of(link))


def send_confirm_link(submission: Submission) -> None:
    """Send the link that confirms a submission."""
    link = signed_links.issue(links.Purpose.CONFIRM, subject=submission, email=submission.submitter_email)
    _post(
        submission, "submission_confirm", f"confirm-{link.pk}", link=signed_links.address_of(link), days=days_of(link)
    )


def send_received(submission: Submission) -> None:
    """Write that a submission is in the queue; once each."""
    _post(
        submission, "submission_received", f"received-{submission.public_id}",
        status_link=links.status_address(submission), position=str(position(submission)),
        usual_days=str(usual_days()),
    )  # fmt: skip


def send_changes(submission: Submission) -> None:
    """Write what a reviewer asks for."""
    _post(
        submission, "submission_changes", f"changes-{submission.public_id}-{submission.version}",
        status_link=links.status_address(submission), **_changes(submission),
    )  # fmt: skip


def send_decision(submission: Submission, choices: Choices | None = None) -> None:
    """Write what was decided; exactly once each, and never at the price of the decision itself."""
    if not submission.submitter_email:
        return
    try:
        _post(
            submission, "submission_decided", f"decided-{submission.public_id}",
            status_link=links.status_address(submission), **_decision(submission, choices),
        )  # fmt: skip
    except AddressNotUsable:
        # Forms take no such address; one that was stored before must not stop the decision.
        logger.exception("The decision on submission %s cannot be mailed.", submission.public_id)


@dataclass(frozen=True)
class Preview:
    """A mail as its reader would get it; its secret links are replaced by words."""

    to: str
    subject: str
    text: str
    #: The whole HTML part, as :func:`outbox.rendering.html_page` makes it.
    html: str


def preview(submission: Submission, choices: Choices | None = None) -> Preview:
    """Return the mail about the status of ``submission``, which need not be stored like that.

    Raises ``ValueError`` if there is no mail about its status.
    """
    if submission.status == Submission.Status.CHANGES_REQUESTED:
        name, values = "submission_changes", _changes(submission)
    elif submission.is_decided:
        name, values = "submission_decided", _decision(submission, choices)
    else:
        raise ValueError(f"There is no mail about a submission that is {submission.status}.")
    kind = next(kind for kind in KINDS if kind.name == name)
    rendered = render(kind, {**_values(submission), **values, "status_link": "link"})
    text = without_secrets(rendered.text)
    inside = without_secrets(rendered.html) if rendered.html else html_of_text(text)
    return Preview(submission.submitter_email, rendered.subject, text, html_page(rendered.subject, inside))


def _changes(submission: Submission) -> dict[str, str]:
    lines = [f"- {BY_NAME[name].label}" for name in submission.asked_fields]
    return {"text": submission.asked_text, "fields": "\n".join(lines)}


def _decision(submission: Submission, choices: Choices | None) -> dict[str, str]:
    target = submission.target
    is_public = target is not None and target.status == Cluster.Status.PUBLISHED
    path = target.get_absolute_url() if target is not None and is_public else ""
    return {
        "outcome": outcome_text(submission),
        "reason": submission.reason,
        "fields": "\n".join(decision_lines(submission, choices)),
        "profile": signed_links.absolute(path) if path else "",
    }


def send_edit_link(cluster: Cluster, email: str) -> LinkToken:
    """Send the link under which ``email`` may propose corrections of ``cluster``."""
    with transaction.atomic():
        link = signed_links.issue(links.Purpose.EDIT, subject=cluster, email=email)
        posting.post(Mail(
            key=f"edit-{link.pk}", kind="profile_edit_link", to=email, about=cluster.about,
            values={**common_values(""), "cluster": cluster.name, "link": signed_links.address_of(link), "hours": "48"},
        ))  # fmt: skip
    return link


def has_edit_link(cluster: Cluster, email: str) -> bool:
    """Return whether a link to correct ``cluster`` that still works was mailed to ``email`` lately."""
    now = timezone.now()
    alive = cluster.links.filter(
        purpose=links.Purpose.EDIT, email=email.lower(), used_at=None, expires_at__gt=now, created_at__gt=now - LATELY
    )
    return posting.is_on_its_way(f"edit-{key}" for key in alive.values_list("pk", flat=True))


def has_links(email: str) -> bool:
    """Return whether ``email`` was mailed lately all that :func:`send_links` would send, and nothing of it is used."""
    email = email.lower()
    written = posting.last_written(kind="submission_links", to=email)
    if written is None or written < timezone.now() - LATELY:
        return False
    moved = Submission.objects.filter(submitter_email=email, last_move_at__gt=written)
    used = LinkToken.objects.filter(email=email, used_at__gt=written)
    return not (moved.exists() or used.exists())


def send_links(email: str) -> None:
    """Send ``email`` new links to everything of this address: forms, unconfirmed ones, the latest submissions.

    An address that has nothing gets a mail too, so that nobody learns from the time it takes what we know.
    """
    rows = Submission.objects.filter(submitter_email=email.lower(), anonymised_at=None).exclude(status=_WITHDRAWN)
    # What the owner of the mailbox confirmed comes first: others can begin as many forms in this name as they like.
    rows = rows.order_by(F("email_confirmed_at").desc(nulls_last=True), "-created_at", "-pk")
    with transaction.atomic():
        lines = [f"{_name_of(row)} ({_status_text(row)}):\n{_link_to(row)}" for row in rows[:MOST_LINKS]]
        posting.post(Mail(
            key=f"links-{uuid4()}", kind="submission_links", to=email,
            values={
                **common_values(""), "links": "\n\n".join(lines),
                "submit_address": signed_links.absolute(reverse("submissions:submit")),
            },
        ))  # fmt: skip


#: A name without addresses, numbers to call and long tales: anybody may have written it.
_PLAIN_NAME = re.compile(r"(?!.*\d{5})(?!.*\S\.\S)[\w ’'&()/,.–-]{1,80}")
#: Within this time nobody needs the same working link twice: the mail is in the mailbox or in its folder for spam.
LATELY = timedelta(hours=1)
#: So many links does one mail hold; a person has fewer.
MOST_LINKS = 10
_WITHDRAWN = Submission.Status.WITHDRAWN


def _name_of(row: Submission) -> str:
    """Return the name of ``row``; nothing that invites to somewhere, as long as its address did not prove itself."""
    if row.target_id or row.email_confirmed_at or _PLAIN_NAME.fullmatch(row.name):
        return row.name or "A cluster"
    return "A cluster"


def _status_text(row: Submission) -> str:
    if row.is_draft:
        return "not sent yet"
    return "waits for your confirmation" if not row.confirmed_at else row.get_status_display().lower()


def _link_to(row: Submission) -> str:
    if row.confirmed_at:
        return links.status_address(row)
    purpose = links.Purpose.RESUME if row.is_draft else links.Purpose.CONFIRM
    return signed_links.address_of(signed_links.issue(purpose, subject=row, email=row.submitter_email))


def cancel(submission: Submission) -> None:
    """Stop what was not sent yet about ``submission``."""
    posting.cancel_about(submission.about)


def forget(submission: Submission) -> None:
    """Stop what was not sent yet, and forget the addresses of what was."""
    posting.cancel_about(submission.about)
    posting.forget_about(submission.about)


def forget_links(*, before: datetime) -> int:
    """Empty the mails with links that were asked for without a submission and whose outcome is older than that."""
    return posting.forget_old(before=before, kinds=("profile_edit_link", "submission_links"))


def position(submission: Submission) -> int:
    """Return the place of ``submission`` in the queue, from 1."""
    return Submission.objects.ahead_of(submission).count() + 1


def usual_days() -> int:
    """Return the usual review time in days: the median of the last 100 decisions, at least 1.

    Before there are five of them, what staff says.
    """
    rows = (
        Submission.objects.decided()
        .exclude(channel=Submission.Channel.IMPORT)
        .order_by("-decided_at")
        .values_list("confirmed_at", "decided_at")[:100]
    )
    spans = [(decided - since).total_seconds() / 86400 for since, decided in rows if since and decided]
    return max(1, round(median(spans))) if len(spans) >= 5 else SubmissionPolicy.current().review_days


def outcome_text(submission: Submission) -> str:
    """Return the decision as one sentence."""
    if submission.kind == Submission.Kind.CLOSURE and submission.status == Submission.Status.APPROVED:
        return "The profile was taken out of the catalogue."
    if is_not_public_yet(submission):
        part = " in part" if submission.status == Submission.Status.PARTLY_APPROVED else ""
        return f"Your submission was accepted{part}; the profile is not public yet."
    return {
        Submission.Status.APPROVED: "Your submission was approved.",
        Submission.Status.PARTLY_APPROVED: "Your submission was approved in part.",
        Submission.Status.REJECTED: "Your submission was not approved.",
    }.get(Submission.Status(submission.status), "")


def is_not_public_yet(submission: Submission) -> bool:
    """Return whether something was taken over onto a profile that staff has yet to publish."""
    if submission.kind == Submission.Kind.CLOSURE or submission.target is None:
        return False
    taken_over = (Submission.Status.APPROVED, Submission.Status.PARTLY_APPROVED)
    return submission.status in taken_over and submission.target.status == Cluster.Status.IDENTIFIED


def decision_lines(submission: Submission, choices: Choices | None = None) -> list[str]:
    """Return a line for each field that was refused or changed by the reviewer, in the order of the form."""
    lines = []
    for name, spec in BY_NAME.items():
        decision = submission.decisions.get(name)
        if decision is None:
            continue
        reason = f" {decision['reason']}" if decision.get("reason") else ""
        if not decision["accepted"]:
            lines.append(f"- {spec.label}: not taken over.{reason}")
        elif "value" in decision:
            text = as_text(spec, decision["value"], choices or Choices.load())
            lines.append(f"- {spec.label}: changed by the reviewer to “{text or 'empty'}”.{reason}")
    return lines


def _post(submission: Submission, kind: str, key: str, **values: str) -> None:
    posting.post(Mail(
        key=key, kind=kind, to=submission.submitter_email,
        to_name=submission.submitter_name if submission.email_confirmed_at else "", about=submission.about,
        values={**_values(submission), **values},
    ))  # fmt: skip


def _values(submission: Submission) -> dict[str, str]:
    if submission.email_confirmed_at is None:
        # Until the address proved itself, it gets no word that a stranger may have written.
        return {**common_values(""), "cluster": "your cluster"}
    return {**common_values(submission.submitter_name), "cluster": submission.name or "your cluster"}


def common_values(name: str) -> dict[str, str]:
    return {"project": str(Project.current().name), "greeting": name or "colleague"}


def days_of(link: LinkToken) -> str:
    return str((link.expires_at - timezone.now()).days + 1)
