"""Findings: what is wrong with the data of a published cluster, opened and closed by a nightly job."""

from quality.findings.data import check_after_loading, check_data, clusters_with_findings, last_run, next_run_time
from quality.findings.websites import check_websites, websites_left

__all__ = [
    "check_after_loading",
    "check_data",
    "check_websites",
    "clusters_with_findings",
    "last_run",
    "next_run_time",
    "websites_left",
]
