from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """Contacts, campaigns, events and reports; nothing yet."""

    name = "engagement"
