"""Models of the catalogue, by topic."""

from catalogue.models.access import ClusterEditor, PartnerToken
from catalogue.models.cluster import Cluster
from catalogue.models.embed import EmbedOrigin
from catalogue.models.finding import OldSlug, SearchWord
from catalogue.models.geography import Country, Region
from catalogue.models.intake import ColumnMapping, ImportRow, SpreadsheetImport
from catalogue.models.network import Network
from catalogue.models.nightly import NightlyRun
from catalogue.models.priority import PriorityRule
from catalogue.models.showcase import ShowcaseItem, SocialLink
from catalogue.models.submission import Submission, SubmissionEvent
from catalogue.models.upkeep import (
    ClusterMerge,
    FindingsLook,
    FreshnessPlan,
    FreshnessRequest,
    QualityFinding,
    WebsiteCheck,
)
from catalogue.models.vocabulary import Term
from catalogue.models.wording import CannedReason, FieldHelp, PrivacyNotice, SubmissionPolicy

__all__ = [
    "CannedReason", "Cluster", "ClusterEditor", "ClusterMerge", "ColumnMapping", "Country", "EmbedOrigin", "FieldHelp",
    "FindingsLook", "FreshnessPlan", "FreshnessRequest", "ImportRow", "Network", "NightlyRun", "OldSlug",
    "PartnerToken",
    "PriorityRule", "PrivacyNotice", "QualityFinding", "Region", "SearchWord", "ShowcaseItem", "SocialLink",
    "SpreadsheetImport", "Submission", "SubmissionEvent", "SubmissionPolicy", "Term",
    "WebsiteCheck",
]  # fmt: skip
