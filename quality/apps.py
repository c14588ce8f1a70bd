from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Findings and freshness."""

    name = "quality"
    verbose_name = "Quality"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from quality import extensions

        extensions.register()
