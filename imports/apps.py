from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Spreadsheets that become submissions."""

    name = "imports"
    verbose_name = "Spreadsheets"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from imports import extensions

        extensions.register()
