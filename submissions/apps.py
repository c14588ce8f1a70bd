from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """The public form, submissions and their review."""

    name = "submissions"
    verbose_name = "Submissions and review"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from submissions import extensions

        extensions.register()
