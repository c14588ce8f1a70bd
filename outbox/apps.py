from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The ``outbox`` app; what it holds is told in ``docs/mail.md``."""

    name = "outbox"
    verbose_name = "Outbox"

    def ready(self) -> None:
        """Register the system checks and the one kind of mail of this app, and figures of the first page."""
        from outbox import checks, kinds
        from outbox.admin.figures import FIGURES
        from workplace.extensions import figure_sources

        kinds.register(kinds.TEST)
        checks.register_checks()
        figure_sources.register(FIGURES)
