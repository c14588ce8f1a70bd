"""The staff's pages of submissions: queue, review page, approval of several."""

from catalogue.admin.submissions.admin import SubmissionAdmin

__all__ = ["SubmissionAdmin"]
