from django.apps import AppConfig


class ExtensionAppConfig(AppConfig):
    """Visits of the consortium to clusters."""

    name = "tests.extension_app"
    verbose_name = "Visits"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from tests.extension_app import extensions

        extensions.register()
