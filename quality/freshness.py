"""Asking clusters whether their profile is still right: whom, when, and what their answers do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import formats, timezone

from catalogue.locking import lock_clusters_for_update
from catalogue.models import Cluster
from outbox.addresses import AddressNotUsable, normalised
from outbox.kinds import Lane
from outbox.services.suppression import active as active_suppressions
from publicforms import links as signed_links
from publicforms.models import LinkToken
from quality import emails
from quality.models import FreshnessPlan, FreshnessRequest
from submissions.exceptions import AnswerNotPossible
from submissions.models import ClusterEditor, Submission
from submissions.services import content, drafts, submit
from submissions.services.sender_trust import trust_of
from submissions.services.state_machine import lock_for_update
from workplace.versions import describe_version

Answer = FreshnessRequest.Answer
Status = Submission.Status
#: Name of the purpose of its links.
PURPOSE = "freshness"
SLICE = 100  # clusters assessed together
COUNT_SLICE = 1000  # the same where only numbers are wanted
#: Days between two mails to one cluster, even if staff asks by hand.
MANUAL_DAYS = 7
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_WAITING = (Status.UNCONFIRMED, Status.PENDING, Status.CHANGES_REQUESTED)


@dataclass(frozen=True)
class Candidate:
    """A cluster with the address that would be asked, or with the reason why it is not asked (``obstacle``)."""

    cluster: Cluster
    email: str = ""
    name: str = ""
    is_editor: bool = False
    obstacle: str = ""
    lacks_address: bool = False

    @property
    def reason(self) -> str:
        """Why it is due, as text."""
        if self.cluster.confirmed_on is None:
            return "never confirmed"
        return f"last confirmed on {formats.date_format(self.cluster.confirmed_on, 'j F Y')}"


# --- whom ---


def due(plan: FreshnessPlan, *, now: datetime | None = None) -> QuerySet[Cluster]:
    """Return the published clusters that were not confirmed for long enough, those never confirmed first."""
    limit = timezone.localdate(now) - timedelta(days=plan.ask_after_days)
    rows = Cluster.objects.published().filter(Q(confirmed_on=None) | Q(confirmed_on__lte=limit))
    return rows.order_by(F("confirmed_on").asc(nulls_first=True), "published_at", "pk")


def assess(
    clusters: Iterable[Cluster], plan: FreshnessPlan, *, now: datetime | None = None, is_manual: bool = False
) -> list[Candidate]:
    """Say for each of ``clusters`` who would be asked, or why nobody is: four queries for any number.

    An editor comes before the public address, and of several editors the one who was asked longest ago.
    ``is_manual`` leaves aside the plan's rhythm but for ``MANUAL_DAYS``.
    """
    rows, now = list(clusters), now or timezone.now()
    editors: dict[int, list[ClusterEditor]] = {}
    for editor in ClusterEditor.objects.filter(cluster__in=rows, is_active=True).order_by("created_at", "pk"):
        editors.setdefault(editor.cluster_id, []).append(editor)
    asked: dict[int, dict[str, datetime]] = {}
    requests = FreshnessRequest.objects.filter(cluster__in=rows).order_by("asked_at")
    for key, email, moment in requests.values_list("cluster", "email", "asked_at"):
        asked.setdefault(key, {})[email] = moment
    submissions = Submission.objects.filter(target__in=rows, status__in=_WAITING)
    waiting = {(row.target_id, row.submitter_email) for row in submissions.only("target", "submitter_email")}
    addresses = {_clean(editor.email) for found in editors.values() for editor in found}
    addresses |= {_clean(row.email) for row in rows}
    stopped = set(active_suppressions(Lane.BULK).filter(address__in=addresses - {""}).values_list("address", flat=True))
    days = MANUAL_DAYS if is_manual else plan.again_after_days
    return [
        _assess(row, editors.get(row.pk, []), asked.get(row.pk, {}), waiting, stopped, now - timedelta(days=days))
        for row in rows
    ]


def _assess(
    cluster: Cluster,
    editors: list[ClusterEditor],
    asked: dict[str, datetime],
    waiting: set[tuple[int | None, str]],
    stopped: set[str],
    not_since: datetime,
) -> Candidate:
    if cluster.status != Cluster.Status.PUBLISHED:
        return Candidate(cluster, obstacle="It is not published.")
    known = [(_clean(editor.email), editor.name, True) for editor in editors]
    known.sort(key=lambda entry: asked.get(entry[0], _NEVER))
    known.append((_clean(cluster.email), "", False))
    known = [entry for entry in known if entry[0]]
    if not known:
        return Candidate(cluster, obstacle="It has no address: no editor, no public e-mail.", lacks_address=True)
    usable = [entry for entry in known if entry[0] not in stopped]
    if not usable:
        return Candidate(cluster, obstacle="No mail may go to its addresses (suppressed).", lacks_address=True)
    email, name, is_editor = usable[0]
    found = Candidate(cluster, email, name, is_editor)
    last = max(asked.values(), default=None)
    if last and last > not_since:
        day = formats.date_format(timezone.localtime(last), "j F Y")
        return Candidate(cluster, email, name, is_editor, f"It was asked on {day} already.")
    if (cluster.pk, email) in waiting:
        return Candidate(cluster, email, name, is_editor, "A submission from this address waits already.")
    return found


def _clean(address: str) -> str:
    """Return ``address`` as the outbox writes it; empty if no mail can go there."""
    try:
        return normalised(address) if address else ""
    except AddressNotUsable:
        return ""


def upcoming(plan: FreshnessPlan, *, now: datetime | None = None, limit: int = SLICE) -> list[Candidate]:
    """Return the first ``limit`` clusters that are due, in order, with who is asked or why nobody is."""
    return assess(due(plan, now=now)[:limit], plan, now=now)


@dataclass
class Outlook:
    """All clusters that are due, by whether they can be asked; of those who can, the first in full."""

    first: list[Candidate]
    #: Keys of clusters: they can be asked now; they have no usable address; another obstacle.
    ready: list[int]
    silent: list[int]
    waiting: list[int]

    @property
    def due(self) -> int:
        """Return how many are due."""
        return len(self.ready) + len(self.silent) + len(self.waiting)


def outlook(plan: FreshnessPlan, *, now: datetime | None = None, shown: int = 0) -> Outlook:
    """Look at every cluster that is due, in order; keep the first ``shown`` of those who can be asked."""
    found = Outlook([], [], [], [])
    rows = due(plan, now=now).only("pk", "name", "status", "email", "confirmed_on")
    rest = iter(list(rows))
    while part := list(islice(rest, COUNT_SLICE)):
        for candidate in assess(part, plan, now=now):
            keys = found.silent if candidate.lacks_address else found.waiting if candidate.obstacle else found.ready
            keys.append(candidate.cluster.pk)
            if keys is found.ready and len(keys) <= shown:
                found.first.append(candidate)
    return found


# --- when ---


def asked_today(*, now: datetime | None = None) -> int:
    """Return how many mails the scheduled job has written today."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    return FreshnessRequest.objects.filter(asked_by=None, asked_at__gte=midnight).count()


def run_plan(*, now: datetime | None = None) -> dict[str, int]:
    """Ask those whose turn it is, at most as many a day as the plan says; return how many were asked.

    Each cluster is asked in a transaction of its own, that holds link, request and mail. So a run that is killed
    or started twice asks nobody twice, and switching the plan off stops a run before its next cluster.
    """
    now = now or timezone.now()
    plan = FreshnessPlan.current()
    if not plan.is_on:
        return {"asked": 0}
    plan, _new = FreshnessPlan.objects.get_or_create(pk=1)
    FreshnessPlan.objects.filter(pk=1).update(last_run_at=now, last_run_sent=0)
    count = 0
    for candidate in _turns(plan, now):
        with transaction.atomic():
            # Locked, so that runs at the same time keep to the number together, and "stop" means stop.
            row = FreshnessPlan.objects.select_for_update().get(pk=1)
            if not row.is_on or asked_today(now=now) >= row.cap:
                break
            if ask(cluster=candidate.cluster, plan=plan, now=now):
                count += 1
                FreshnessPlan.objects.filter(pk=1).update(last_run_sent=count)
    return {"asked": count}


def _turns(plan: FreshnessPlan, now: datetime) -> Iterator[Candidate]:
    """Return those who can be asked, in order; who is due is read once, before the first is asked."""
    keys = iter(list(due(plan, now=now).values_list("pk", flat=True)))
    while part := list(islice(keys, SLICE)):
        rows = Cluster.objects.in_bulk(part)
        for candidate in assess([rows[key] for key in part if key in rows], plan, now=now):
            if not candidate.obstacle:
                yield candidate


def ask(
    *, cluster: Cluster, plan: FreshnessPlan | None = None, by: User | None = None, now: datetime | None = None
) -> FreshnessRequest | None:
    """Ask one cluster now, if there is no obstacle; return the request, or ``None`` if nobody was asked.

    ``by`` is who asks by hand: then it need not be due.
    """
    plan, now = plan or FreshnessPlan.current(), now or timezone.now()
    with transaction.atomic():
        # Locked, so that of two runs at once the second sees what the first did.
        row = lock_clusters_for_update([cluster.pk]).get(cluster.pk)
        if row is None:  # deleted since it was found
            return None
        (candidate,) = assess([row], plan, now=now, is_manual=by is not None)
        if candidate.obstacle or (by is None and not due(plan, now=now).filter(pk=row.pk).exists()):
            return None
        link = signed_links.issue(PURPOSE, subject=row, email=candidate.email, now=now)
        request = FreshnessRequest.objects.create(
            cluster=row, email=candidate.email, asked_at=now, link=link, asked_by=by
        )
        emails.send_freshness_request(request, candidate.name)
    return request


# --- what the answers do: the caller spends the link in the same transaction ---


def confirm(*, link: LinkToken) -> Cluster:
    """Take "still correct": the profile is confirmed today. Raises :class:`AnswerNotPossible`."""
    with transaction.atomic():
        cluster = _locked_cluster(link)
        _confirm(cluster)
        _answered(link, Answer.CORRECT)
    return cluster


def _confirm(cluster: Cluster) -> None:
    cluster.confirmed_on = timezone.localdate()
    describe_version(cluster, reason="Confirmed by link").save(update_fields=["confirmed_on"])


def confirm_instead(submission: Submission) -> Cluster:
    """Take "still correct" from the form of a correction in which nothing was changed; the draft is deleted then.

    For somebody who chose "I correct it" and found nothing to correct: their link is spent. Raises as above.
    """
    with transaction.atomic():
        row = lock_for_update(submission)
        cluster = Cluster.objects.select_for_update(of=("self",)).filter(pk=row.target_id or 0).first()
        row.target = cluster
        if (obstacle := confirmation_obstacle(row)) or cluster is None:
            raise AnswerNotPossible(obstacle)
        _confirm(cluster)
        FreshnessRequest.objects.filter(submission=row).update(answer=Answer.CORRECT, answered_at=timezone.now())
        drafts.discard(submission=row)
    return cluster


def confirmation_obstacle(draft: Submission) -> str:
    """Return the reason, for the visitor, why :func:`confirm_instead` would refuse; empty if it would not."""
    if not draft.is_draft or draft.kind != Submission.Kind.UPDATE or draft.email_confirmed_at is None:
        return "This form cannot confirm a profile."
    if draft.payload or draft.message:
        return "You changed something or wrote a message. Send it to the reviewers, or take it out again."
    return _obstacle(draft.target, draft.submitter_email)


def begin_edit(*, link: LinkToken) -> tuple[Submission, LinkToken]:
    """Take "I correct it": return an update that holds nothing yet, and the link to its form. Raises as above."""
    with transaction.atomic():
        cluster = _locked_cluster(link)
        submission, form_link = drafts.start_draft(
            kind=Submission.Kind.UPDATE, channel=Submission.Channel.REMINDER, email=link.email, target=cluster,
            is_email_confirmed=True,
        )  # fmt: skip
        _answered(link, Answer.EDIT, submission)
    return submission, form_link


def report_closure(*, link: LinkToken, message: str = "", successor: str = "") -> Submission:
    """Take "it no longer exists": a closure waits for review, nothing is changed yet. Raises as above.

    Refused while staff takes nothing (``SubmissionsClosed``), as every other new submission.
    ``successor`` is the name of an organisation that goes on with its work.
    """
    lines = [message.strip(), f"Successor: {successor.strip()}" if successor.strip() else ""]
    content.require_open()
    with transaction.atomic():
        cluster = _locked_cluster(link)
        submission = submit.propose(
            kind=Submission.Kind.CLOSURE, channel=Submission.Channel.REMINDER, values={}, target=cluster,
            email=link.email, trust=trust_of(link.email, cluster), message="\n\n".join(line for line in lines if line),
        )  # fmt: skip
        _answered(link, Answer.CLOSED, submission)
    return submission


def answer_obstacle(link: LinkToken) -> str:
    """Return the reason why no answer can be taken by a link that is neither used nor old; empty if one can."""
    return _obstacle(_cluster_of(link), link.email)


def answerable_cluster(link: LinkToken) -> Cluster:
    """Return the cluster of a link that can still be answered. Raises :class:`AnswerNotPossible`."""
    cluster = _cluster_of(link)
    if (obstacle := answer_obstacle(link)) or cluster is None:
        raise AnswerNotPossible(obstacle)
    return cluster


def _cluster_of(link: LinkToken) -> Cluster | None:
    return link.subject if isinstance(link.subject, Cluster) else None


def _obstacle(cluster: Cluster | None, email: str) -> str:
    if cluster is None or cluster.status != Cluster.Status.PUBLISHED:
        return "This profile is not in the catalogue any more. There is nothing left to answer."
    known = {_clean(email) for email in cluster.editors.filter(is_active=True).values_list("email", flat=True)}
    if _clean(email) not in known | {_clean(cluster.email)}:
        return (
            "The address that this link was sent to is not one of this profile any more. "
            "You can still propose a correction on the page of the profile."
        )
    return ""


def _locked_cluster(link: LinkToken) -> Cluster:
    signed_links.lock(link)
    return answerable_cluster(link)


def _answered(link: LinkToken, answer: str, submission: Submission | None = None) -> None:
    FreshnessRequest.objects.filter(link=link).update(answer=answer, answered_at=timezone.now(), submission=submission)


def answer_counts(*, days: int = 365) -> list[tuple[str, str, int]]:
    """Return value, name and number of each answer to the requests of the last ``days``: one query."""
    rows = FreshnessRequest.objects.filter(asked_at__gte=timezone.now() - timedelta(days=days))
    counts = rows.aggregate(**{value or "none": Count("pk", filter=Q(answer=value)) for value in Answer.values})
    return [(value or "none", str(label), counts[value or "none"]) for value, label in Answer.choices]
