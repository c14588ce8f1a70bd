"""Questions from the form to the mail, and how long they are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalogue.models import Cluster
from catalogue.succession import public_cluster
from consortium.models import Project
from outbox.addresses import normalised
from outbox.kinds import Lane
from outbox.services import posting, suppression
from publicforms.exceptions import RequestRefused
from questions import emails
from questions.models import Question
from submissions.managers import UNCONFIRMED_DAYS
from submissions.services.erasure import has_address
from workplace.nightly import for_each

#: Days after which a question that was passed on is deleted, and the mail with it emptied.
KEEP_DAYS = 30


class QuestionNotSendable(RequestRefused):
    """Nobody can be asked (any more)."""


def address_for(cluster: Cluster, to: str) -> str:
    """Return the address to which questions about ``cluster`` go; empty if there is none.

    That of a cluster is for mails alone and must not be shown.
    """
    if to == Question.To.CLUSTER:
        return cluster.contact_email if cluster.takes_messages else ""
    return Project.current().contact_email


def ask(*, cluster: Cluster, to: str, email: str, name: str, text: str, reference: UUID) -> Question:
    """Store a question and mail its sender the link that sends it.

    ``reference`` makes that safe to repeat: the second click on one button with the same values is one question.
    """
    key = uuid5(reference, "\n".join((str(cluster.pk), to, email, name, text)))
    with transaction.atomic():
        question, is_new = Question.objects.get_or_create(
            reference=key, defaults={"cluster": cluster, "to": to, "email": email, "name": name, "text": text}
        )
        if is_new:
            emails.send_link(question)
    return question


def addressee(question: Question) -> tuple[Cluster, str]:
    """Return the published cluster that a question is about today, and the address that it goes to.

    Raises :class:`QuestionNotSendable`.
    """
    cluster = public_cluster(question.cluster)
    if cluster is None:
        raise QuestionNotSendable("The profile that it is about is not in the catalogue any more.")
    address = address_for(cluster, question.to)
    if not address or suppression.active(Lane.TRANSACTIONAL).filter(address=normalised(address)).exists():
        raise QuestionNotSendable(f"No mail reaches {emails.recipient_name(question)} through this portal any more.")
    return cluster, address


def pass_on(question: Question) -> None:
    """Mail a locked question to whoever is asked, and empty it, with the mail that went to its sender.

    Raises :class:`QuestionNotSendable`. The caller holds a transaction.
    """
    cluster, address = addressee(question)
    emails.pass_on(question, cluster, address)
    posting.forget_about(question.about)
    question.text = question.email = question.name = ""
    question.sent_at = timezone.now()
    question.save(update_fields=["text", "email", "name", "sent_at"])


def delete(question: Question) -> None:
    """Delete a locked question with its links, and empty the mail that went to its sender."""
    posting.forget_about(question.about)
    question.delete()


def delete_old(*, now: datetime | None = None) -> int:
    """Delete what nobody confirmed and what was passed on long ago, with the mails; return how many rows that were.

    Raises :class:`~workplace.nightly.RowsFailed` when all others are done.
    """
    now = now or timezone.now()
    before = now - timedelta(days=KEEP_DAYS)
    mails = posting.forget_old(before=before, kinds=[kind.name for kind in emails.KINDS])
    old = Q(sent_at=None, created_at__lt=now - timedelta(days=UNCONFIRMED_DAYS)) | Q(sent_at__lt=before)

    def delete_one(key: int) -> bool:
        # Asked again under the lock: somebody may have confirmed it.
        question = _locked(Question.objects.filter(old, pk=key)).first()
        if question is not None:
            delete(question)
        return question is not None

    return mails + for_each("question", Question.objects.filter(old).values_list("pk", flat=True), delete_one)


def erase(email: str) -> int:
    """Delete the questions of ``email`` that were not passed on; return how many. Of the others nothing is left."""
    questions = list(_locked(Question.objects.filter(has_address("email", email))).order_by("pk"))
    for question in questions:
        delete(question)
    return len(questions)


def lock_question(key: int) -> Question | None:
    """Lock a question before the link to it."""
    return _locked(Question.objects.filter(pk=key)).first()


def _locked(rows: QuerySet[Question]) -> QuerySet[Question]:
    return rows.select_related("cluster").select_for_update(of=("self",))
