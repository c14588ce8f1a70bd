from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The ``catalogue`` app; what it holds is told in ``docs/architecture.md``."""

    name = "catalogue"
