"""What merging adds to other apps."""

from duplicates import admin, erasure, timeline
from duplicates.merging import catalogue_rows
from workplace.erasure import PersonEraser, person_erasers
from workplace.extensions import page_extensions
from workplace.timeline import timeline_sources


def register() -> None:
    """Register merging on the clusters' pages and timelines, what a merge moves of the catalogue, and erasure."""
    page_extensions.register(admin.ON_CLUSTERS)
    timeline_sources.register(timeline.MERGES, timeline.UNDONE_MERGES)
    catalogue_rows.register_merge_providers()
    person_erasers.register(PersonEraser("merges", erasure.erase_from_log, order=10))
