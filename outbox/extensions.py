"""What the outbox adds to other apps."""

from outbox import checks
from outbox.admin.figures import FIGURES
from outbox.kinds import TEST, mail_kinds
from outbox.services.posting import forget_person
from outbox.staff_search import MAILS
from workplace.erasure import PersonEraser, person_erasers
from workplace.extensions import figure_sources
from workplace.search import search_sources


def register() -> None:
    """Register the system checks and the one kind of mail of this app, figures, the search for mails, and erasure."""
    mail_kinds.register(TEST)
    checks.register_checks()
    person_erasers.register(PersonEraser("mails", forget_person, order=50))
    figure_sources.register(FIGURES)
    search_sources.register(MAILS)
