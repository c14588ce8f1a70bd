from django.apps import AppConfig


class LoadingConfig(AppConfig):
    """The ``loading`` app: data files into the database."""

    name = "loading"
