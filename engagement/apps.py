from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """The ``engagement`` app; what it holds is told in ``docs/architecture.md``."""

    name = "engagement"
