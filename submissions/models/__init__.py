"""Models of submissions, by topic."""

from submissions.models.access import ClusterEditor, PartnerToken
from submissions.models.settings import CannedReason, FieldHelp, PrivacyNotice, SubmissionPolicy
from submissions.models.submission import Submission, SubmissionEvent

__all__ = [
    "CannedReason", "ClusterEditor", "FieldHelp", "PartnerToken", "PrivacyNotice", "Submission", "SubmissionEvent",
    "SubmissionPolicy",
]  # fmt: skip
