from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Guides, rounds and assessments; nothing yet."""

    name = "scoring"
