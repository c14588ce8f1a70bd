"""What submissions add to other apps."""

from outbox.kinds import mail_kinds
from submissions import (
    merge_provider,
    staff_search,
    tasks,  # noqa: F401 - services order tasks by name, so every process has to know them
    timeline,
)
from submissions.admin import figures, history_sources
from submissions.email_kinds import KINDS
from submissions.services import erasure, retention
from submissions.services.digest import DIGEST
from submissions.views import links
from workplace.erasure import PersonEraser, person_erasers
from workplace.extensions import day_sources, figure_sources, version_sources
from workplace.nightly import NightlyJob, nightly_jobs
from workplace.search import search_sources
from workplace.timeline import timeline_sources


def register() -> None:
    """Register mails, links, parts of staff pages, what a merge moves, erasure and nightly jobs."""
    mail_kinds.register(*KINDS, DIGEST)
    links.register()
    figure_sources.register(figures.FIGURES)
    day_sources.register(figures.DAY)
    version_sources.register(history_sources.SUBMISSIONS)
    timeline_sources.register(timeline.SUBMISSIONS, timeline.DECISIONS, timeline.MAILS)
    search_sources.register(staff_search.SUBMISSIONS, staff_search.PEOPLE)
    merge_provider.register_merge_providers()
    person_erasers.register(
        PersonEraser("merges", erasure.erase_from_merges, order=10),
        PersonEraser("submissions", erasure.erase_submissions, order=20),
        PersonEraser("addresses for messages", erasure.erase_contact_addresses, order=30),
        PersonEraser("editors", erasure.erase_editors, order=40),
        PersonEraser("links", erasure.erase_links, order=41),
    )
    nightly_jobs.register(
        NightlyJob("unconfirmed submissions", retention.delete_unconfirmed),
        NightlyJob("decided submissions", retention.anonymise),
        NightlyJob("links", retention.purge_links),
        NightlyJob("mails with links", retention.empty_link_mails),
    )
