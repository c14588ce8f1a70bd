"""What imports add to other apps."""

from imports import eccp, merge_provider, staff_search
from imports.services import retention
from workplace.erasure import PersonEraser, RecordEraser, person_erasers, record_erasers
from workplace.nightly import NightlyJob, nightly_jobs
from workplace.search import search_sources


def register() -> None:
    """Register the ECCP list, the search for spreadsheets, what a merge moves, erasure and the nightly job."""
    eccp.register_loading()
    search_sources.register(staff_search.IMPORTS)
    merge_provider.register_merge_providers()
    record_erasers.register(RecordEraser("rows of files", "submissions.Submission", retention.empty_rows_of, order=40))
    person_erasers.register(PersonEraser("rows of files", retention.erase_rows, order=40))
    nightly_jobs.register(NightlyJob("spreadsheets", retention.delete_old_files))
