"""What merging adds to other apps."""

from duplicates import admin, timeline
from duplicates.merging import catalogue_rows
from workplace.extensions import page_extensions
from workplace.timeline import timeline_sources


def register() -> None:
    """Register merging on the clusters' pages and timelines, and what a merge moves of the catalogue."""
    page_extensions.register(admin.ON_CLUSTERS)
    timeline_sources.register(timeline.MERGES, timeline.UNDONE_MERGES)
    catalogue_rows.register_merge_providers()
