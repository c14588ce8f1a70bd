from django.apps import AppConfig


class ConsortiumConfig(AppConfig):
    """The ``consortium`` app; what it holds is told in ``docs/architecture.md``."""

    name = "consortium"

    def ready(self) -> None:
        """Register the data files of the consortium."""
        from consortium.loading import register_loading

        register_loading()
