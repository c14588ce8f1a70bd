from django.apps import AppConfig


class PublicFormsConfig(AppConfig):
    """What public forms share."""

    name = "publicforms"
    verbose_name = "Public forms"
