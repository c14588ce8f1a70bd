from django.apps import AppConfig


class PublicFormsConfig(AppConfig):
    """The ``publicforms`` app; what it holds is in ``docs/architecture.md``."""

    name = "publicforms"
    verbose_name = "Public forms"
