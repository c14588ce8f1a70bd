"""The outbox in the workplace."""

from outbox.admin.messages import MessageAdmin
from outbox.admin.suppressions import SuppressionAdmin
from outbox.admin.wordings import WordingAdmin

__all__ = ["MessageAdmin", "SuppressionAdmin", "WordingAdmin"]
