from django.apps import AppConfig


class WorkplaceConfig(AppConfig):
    """What all staff pages share."""

    name = "workplace"
    verbose_name = "Workplace"

    def ready(self) -> None:
        """Register the figure of the nightly run."""
        from workplace.admin import FIGURES
        from workplace.extensions import figure_sources

        figure_sources.register(FIGURES)
