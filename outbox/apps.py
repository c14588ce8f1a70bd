from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Every outgoing mail as a row: ``docs/mail.md``."""

    name = "outbox"
    verbose_name = "Outbox"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from outbox import extensions

        extensions.register()
