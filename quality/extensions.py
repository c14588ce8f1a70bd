"""What findings and freshness add to other apps."""

from loading.registry import register_check
from outbox.kinds import mail_kinds
from quality import merge_provider, retention, timeline, views
from quality.admin import findings, freshness
from quality.emails import FRESHNESS_REQUEST
from quality.findings.data import check_after_loading
from workplace.erasure import PersonEraser, person_erasers
from workplace.extensions import figure_sources, page_extensions
from workplace.nightly import NightlyJob, nightly_jobs
from workplace.timeline import timeline_sources


def register() -> None:
    """Register mails, links, parts of staff pages, what a merge moves, erasure, and the check of loaded data."""
    mail_kinds.register(FRESHNESS_REQUEST)
    views.register()
    page_extensions.register(freshness.ON_CLUSTERS, findings.ON_CLUSTERS)
    figure_sources.register(findings.FIGURES)
    timeline_sources.register(timeline.OPENED_FINDINGS, timeline.CLOSED_FINDINGS, timeline.REQUESTS, timeline.ANSWERS)
    merge_provider.register_merge_providers()
    register_check("findings", check_after_loading)
    person_erasers.register(PersonEraser("freshness requests", retention.erase_requests, order=42))
    nightly_jobs.register(NightlyJob("freshness requests", retention.forget_old_addresses))
