"""The staff's pages of submissions, by topic."""

from submissions.admin import admin, canned_reason, cluster_editor, help_texts, settings

__all__ = ["admin", "canned_reason", "cluster_editor", "help_texts", "settings"]
