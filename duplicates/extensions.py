"""What merging adds to other apps."""

from duplicates import admin, erasure
from duplicates.merging import catalogue_rows
from workplace.erasure import PersonEraser, person_erasers
from workplace.extensions import page_extensions


def register() -> None:
    """Register merging on the clusters' pages, what a merge moves of the catalogue, and erasure."""
    page_extensions.register(admin.ON_CLUSTERS)
    catalogue_rows.register_merge_providers()
    person_erasers.register(PersonEraser("merges", erasure.erase_from_log, order=10))
