from django.apps import AppConfig


class ConsortiumConfig(AppConfig):
    """The ``consortium`` app; what it holds is told in ``docs/architecture.md``."""

    name = "consortium"
