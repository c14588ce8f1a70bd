from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    """Finding and merging duplicates."""

    name = "duplicates"
    verbose_name = "Duplicates"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from duplicates import extensions

        extensions.register()
