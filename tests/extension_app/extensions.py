"""What visits add to other apps: one of everything."""

import loading.registry
from duplicates.merging.providers import RelatedRows, providers
from outbox.kinds import mail_kinds
from publicforms import purposes
from tests.extension_app import links, services, staff
from tests.extension_app.loading import visit_kind
from tests.extension_app.models import Visit
from workplace.erasure import PersonEraser, RecordEraser, person_erasers, record_erasers
from workplace.extensions import day_sources, figure_sources, page_extensions, version_sources
from workplace.nightly import NightlyJob, nightly_jobs
from workplace.search import search_sources
from workplace.timeline import timeline_sources


def register() -> None:
    """Register it all, as ``AppConfig.ready()`` of every app does."""
    page_extensions.register(staff.ON_CLUSTERS)
    timeline_sources.register(staff.VISITS)
    version_sources.register(staff.ORIGINS)
    figure_sources.register(staff.FIGURES)
    day_sources.register(staff.DAY)
    search_sources.register(staff.SEARCH)
    providers.register(RelatedRows("visits", "visits", 130, Visit, watched=("note",)))
    person_erasers.register(PersonEraser("visits", services.erase_person, order=43))
    record_erasers.register(RecordEraser("visits", "submissions.Submission", services.empty_notes_of, order=43))
    nightly_jobs.register(NightlyJob("visits", services.delete_old))
    purposes.register(links.CONFIRM)
    mail_kinds.register(links.MAIL)
    loading.registry.register("visits", visit_kind)


def unregister() -> None:
    """Take it all out again: most tests are about the portal without this app."""
    for registry in (
        page_extensions, version_sources, figure_sources, day_sources, search_sources, providers,
        person_erasers, record_erasers, nightly_jobs,
    ):  # fmt: skip
        registry.unregister("visits")
    timeline_sources.unregister("visit")
    purposes.unregister("confirm_visit")
    mail_kinds.unregister("visit")
    loading.registry.unregister("visits")
