"""What the catalogue registers for erasure and retention."""

from catalogue.services import freshness_retention
from catalogue.services.imports import retention as imports
from catalogue.services.merging import erasure as merging
from catalogue.services.submissions import erasure, retention
from workplace.erasure import NightlyJob, PersonEraser, RecordEraser

RECORDS = (RecordEraser("rows of files", "catalogue.Submission", imports.empty_rows_of, order=40),)
PEOPLE = (
    PersonEraser("merges", merging.erase_from_log, order=10),
    PersonEraser("submissions", erasure.erase_submissions, order=20),
    PersonEraser("editors", erasure.erase_editors, order=40),
    PersonEraser("links", erasure.erase_links, order=41),
    PersonEraser("freshness requests", freshness_retention.erase_requests, order=42),
)
JOBS = (
    NightlyJob("unconfirmed submissions", retention.delete_unconfirmed),
    NightlyJob("decided submissions", retention.anonymise),
    NightlyJob("links", retention.purge_links),
    NightlyJob("mails with links", retention.empty_link_mails),
    NightlyJob("freshness requests", freshness_retention.forget_old_addresses),
    NightlyJob("spreadsheets", imports.delete_old_files),
)
