"""Standing findings: what is not well with the data of a published cluster, opened and closed by the night."""

from quality.findings.data import check_after_loading, check_data, clusters_with_findings, last_look, next_look_at
from quality.findings.websites import check_websites, websites_left

__all__ = [
    "check_after_loading",
    "check_data",
    "check_websites",
    "clusters_with_findings",
    "last_look",
    "next_look_at",
    "websites_left",
]
