"""The staff's pages of the catalogue, by topic."""

from catalogue.admin.canned_reason import CannedReasonAdmin
from catalogue.admin.cluster import ClusterAdmin
from catalogue.admin.cluster_editor import ClusterEditorAdmin
from catalogue.admin.embed import EmbedOriginAdmin
from catalogue.admin.findings import QualityFindingAdmin
from catalogue.admin.geography import CountryAdmin, RegionAdmin
from catalogue.admin.help_texts import FieldHelpAdmin
from catalogue.admin.imports import SpreadsheetImportAdmin
from catalogue.admin.merge import ClusterMergeAdmin
from catalogue.admin.network import NetworkAdmin
from catalogue.admin.nightly import NightlyRunAdmin
from catalogue.admin.rules import PriorityRuleAdmin
from catalogue.admin.submissions import SubmissionAdmin
from catalogue.admin.upkeep import FreshnessPlanAdmin, FreshnessRequestAdmin
from catalogue.admin.vocabulary import TermAdmin
from catalogue.admin.wording import PartnerTokenAdmin, PrivacyNoticeAdmin, SubmissionPolicyAdmin

__all__ = [
    "CannedReasonAdmin",
    "ClusterAdmin",
    "ClusterEditorAdmin",
    "ClusterMergeAdmin",
    "CountryAdmin",
    "EmbedOriginAdmin",
    "FieldHelpAdmin",
    "FreshnessPlanAdmin",
    "FreshnessRequestAdmin",
    "NetworkAdmin",
    "NightlyRunAdmin",
    "PartnerTokenAdmin",
    "PriorityRuleAdmin",
    "PrivacyNoticeAdmin",
    "QualityFindingAdmin",
    "RegionAdmin",
    "SpreadsheetImportAdmin",
    "SubmissionAdmin",
    "SubmissionPolicyAdmin",
    "TermAdmin",
]
