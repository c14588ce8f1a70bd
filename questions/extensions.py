"""What questions add to other apps."""

from duplicates.merging.providers import RelatedRows, providers
from outbox.kinds import mail_kinds
from questions import emails, services, views
from questions.models import Question
from workplace.erasure import PersonEraser, person_erasers
from workplace.nightly import NightlyJob, nightly_jobs


def register() -> None:
    """Register mails, the link, what a merge moves, erasure and the nightly job."""
    mail_kinds.register(*emails.KINDS)
    views.register()
    providers.register(RelatedRows("questions", "questions of visitors", 130, Question, may_expire=True))
    person_erasers.register(PersonEraser("questions", services.erase, order=43))
    nightly_jobs.register(NightlyJob("questions", services.delete_old))
