from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """The ``scoring`` app; what it holds is told in ``docs/architecture.md``."""

    name = "scoring"
