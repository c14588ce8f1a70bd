from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CatalogueConfig(AppConfig):
    """The public catalogue: clusters, search, map, profiles, exports, API."""

    name = "catalogue"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Register what this app adds to others."""
        from catalogue import extensions

        extensions.register()
        # After every migration: SQLite drops the triggers of a table that is altered.
        post_migrate.connect(_install_triggers, sender=self)


def _install_triggers(**kwargs: Any) -> None:
    from catalogue.index.changes import install_triggers

    install_triggers(connections[kwargs["using"]])
