"""What imports add to other apps."""

from imports import eccp, merge_provider
from imports.services import retention
from workplace.erasure import NightlyJob, RecordEraser, nightly_jobs, record_erasers


def register() -> None:
    """Register the ECCP list, what a merge moves, erasure and the nightly job."""
    eccp.register_loading()
    merge_provider.register_merge_providers()
    record_erasers.register(RecordEraser("rows of files", "submissions.Submission", retention.empty_rows_of, order=40))
    nightly_jobs.register(NightlyJob("spreadsheets", retention.delete_old_files))
