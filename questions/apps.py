from django.apps import AppConfig


class QuestionsConfig(AppConfig):
    """Questions of visitors about clusters."""

    name = "questions"
    verbose_name = "Questions"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from questions import extensions

        extensions.register()
