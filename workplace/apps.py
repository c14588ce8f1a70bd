from django.apps import AppConfig


class WorkplaceConfig(AppConfig):
    """What all staff pages share."""

    name = "workplace"
    verbose_name = "Workplace"
